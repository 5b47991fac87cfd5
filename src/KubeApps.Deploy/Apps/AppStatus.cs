using System.Text.Json.Nodes;
using KubeApps.Deploy.Api;
using KubeApps.Deploy.Planning;
using KubeApps.Deploy.Revisions;
using KubeApps.Deploy.Rollouts;
using KubeApps.Deploy.Updates;
using KubeApps.Diagnostics;
using KubeApps.Events;

namespace KubeApps.Deploy.Apps;

/// <summary>How an app stands at one moment.</summary>
internal sealed record AppStatus(
    Inventory Inventory, string Target, IReadOnlyList<WorkloadRow> Workloads, IReadOnlyList<PodRow> Pods, IReadOnlyList<string> Urls)
{
    /// <summary>The kinds that a status is made of.</summary>
    public static readonly IReadOnlyList<ResourceType> Kinds =
    [
        ResourceType.Deployment, ResourceType.StatefulSet, ResourceType.DaemonSet, ResourceType.Job, ResourceType.ReplicaSet, ResourceType.Pod,
        ResourceType.Service, ResourceType.Ingress, ResourceType.PersistentVolumeClaim, ResourceType.Event,
    ];

    /// <summary>Those of them that only say more: a role need not be allowed to read them.</summary>
    public static readonly IReadOnlySet<ResourceType> OptionalKinds = new HashSet<ResourceType> { ResourceType.PersistentVolumeClaim, ResourceType.Event };

    /// <summary>Where the version is reached that does not serve.</summary>
    public IReadOnlyList<string> PreviewUrls { get; private init; } = [];

    /// <summary>What others changed since the deploy; null where nobody looked.</summary>
    public DriftReport? Drift { get; init; }

    /// <summary>Why workloads are not as they should be, as a deploy tells it; empty where nobody asked for their logs.</summary>
    public IReadOnlyList<FailureReport> Failures { get; init; } = [];

    /// <summary>The last deploy, where it did not end well: what stands is then of one before, or of none.</summary>
    public Revision? FailedDeploy { get; init; }

    /// <summary>The full update that is under way, as this cluster knows it; null where there is none, or nobody looked.</summary>
    public FullUpdate? Update { get; init; }

    public bool IsHealthy => Workloads.All(workload => workload.Status.State == WorkloadState.Current) && Drift is not { Objects.Count: > 0 };

    /// <summary>Where its workloads stand, its own namespace first.</summary>
    public static IReadOnlyList<string> NamespacesOf(Inventory inventory) =>
    [
        .. inventory.Items.Where(item => IsWorkload(item.Id) || item.Id.Kind is "Pod" or "Service" or "Ingress").Select(item => item.Id.Namespace).OfType<string>().Prepend(inventory.Namespace).Distinct(),
    ];

    /// <summary>Pure: from what stands in these namespaces.</summary>
    public static AppStatus Of(Inventory inventory, string target, Func<ResourceType, IReadOnlyCollection<JsonObject>> objects, DateTimeOffset now)
    {
        var workloads = new List<WorkloadRow>();
        var indexes = NamespacesOf(inventory).ToDictionary(ns => ns, ns => new NamespaceIndex(type => [.. objects(type).Where(item => NamespaceOf(item, inventory) == ns)]));
        foreach (var id in inventory.Items.Select(item => item.Id).Where(IsWorkload))
        {
            var index = indexes[id.Namespace ?? inventory.Namespace];
            var type = Kinds.First(kind => kind.Kind == id.Kind);
            var content = index.Find(type, id.Name);
            // A Job that ended is cleaned away; that is no fault.
            if (content is null && id.Kind == "Job")
                continue;
            var status = WorkloadStatus.Of(content);
            var finding = content is null || status.State == WorkloadState.Current
                ? null
                : RolloutDiagnosis.Find(index.ViewOf(content, now));
            workloads.Add(new WorkloadRow(id, status, finding, KubeTime.Read(content?["metadata"]?["creationTimestamp"]), ImagesOf(content)));
        }

        var pods = AppPods.Of(inventory, objects(ResourceType.ReplicaSet), objects(ResourceType.Job), objects(ResourceType.Pod))
            .Select(item => PodRow.Of(item.Pod, item.Workload))
            .OrderBy(pod => pod.Workload, StringComparer.Ordinal).ThenBy(pod => pod.Name, StringComparer.Ordinal)
            .ToList();
        var addresses = objects(ResourceType.Service).Concat(objects(ResourceType.Ingress)).Where(item => inventory.Items.Any(known =>
            known.Id.Kind == (string?)item["kind"] && known.Id.Name == (string?)item["metadata"]!["name"] && (known.Id.Namespace ?? inventory.Namespace) == NamespaceOf(item, inventory)));
        return new AppStatus(inventory, target, workloads, pods, AppAddresses.Of(addresses, inventory.EntryService))
        {
            PreviewUrls = AppAddresses.PreviewsOf(addresses, inventory.EntryService),
        };
    }

    public static async Task<AppStatus> ReadAsync(KubeClient client, Inventory inventory, string target, CancellationToken cancellationToken)
    {
        var update = UpdateAsync(client, inventory, cancellationToken);
        var (status, revisions) = await LookAsync(client, inventory, target, cancellationToken);
        var reporter = new FailureReporter(client, inventory.Namespace);
        return status with
        {
            Update = await update,
            Drift = await new AppDrift(client).ReadAsync(inventory, revisions, cancellationToken),
            Failures = await Task.WhenAll(status.Workloads.Where(workload => workload.Finding is not null || workload.Status.State == WorkloadState.Failed)
                .Select(workload => reporter.ReportAsync(workload.Id, new RolloutState(RolloutVerdict.Failed, workload.Status, workload.Finding), cancellationToken))),
        };
    }

    /// <summary>The same at a glance, for whoever looks at many: without what others changed, and without the logs of what fails. All is asked at once.</summary>
    public static async Task<AppStatus> GlanceAsync(KubeClient client, Inventory inventory, string target, CancellationToken cancellationToken) =>
        (await LookAsync(client, inventory, target, cancellationToken)).Status;

    /// <summary>What others changed, alone.</summary>
    public static async Task<DriftReport> DriftAsync(KubeClient client, Inventory inventory, CancellationToken cancellationToken) =>
        await new AppDrift(client).ReadAsync(inventory, await RevisionsAsync(client, inventory, cancellationToken), cancellationToken);

    /// <summary>What a cluster says of a full update. Of what cannot be read, those tell who would go on with it.</summary>
    public static async Task<FullUpdate?> UpdateAsync(KubeClient client, Inventory inventory, CancellationToken cancellationToken)
    {
        try
        {
            return await FullUpdateObject.ReadAsync(client, inventory.App, inventory.Namespace, cancellationToken);
        }
        catch (ApiException refusal) when (refusal.IsMissingPermission)
        {
            return null;
        }
        catch (DiagnosticException unreadable) when (unreadable.Diagnostics[0].Code == DiagnosticDescriptors.UpdateStateUnreadable.Code)
        {
            return null;
        }
    }

    private static async Task<(AppStatus Status, IReadOnlyList<Revision> Revisions)> LookAsync(
        KubeClient client, Inventory inventory, string target, CancellationToken cancellationToken)
    {
        var asked = RevisionsAsync(client, inventory, cancellationToken);
        var lists = await Task.WhenAll(
            from ns in NamespacesOf(inventory) from type in Kinds select ListAsync(client, type, ns, cancellationToken));
        var objects = lists.ToLookup(list => list.Type, list => list.Items);
        var status = Of(inventory, target, type => [.. objects[type].SelectMany(items => items)], client.Now);
        var revisions = await asked;
        return (status with { FailedDeploy = RevisionRules.LastFailure(revisions) }, revisions);
    }

    private static async Task<(ResourceType Type, IReadOnlyCollection<JsonObject> Items)> ListAsync(KubeClient client, ResourceType type, string ns, CancellationToken cancellationToken)
    {
        try
        {
            return (type, (await client.ListAsync(type, ns, null, cancellationToken)).Items);
        }
        catch (ApiException refusal) when (OptionalKinds.Contains(type) && refusal.IsMissingPermission)
        {
            return (type, []);
        }
    }

    private static bool IsWorkload(ObjectId id) => id.Kind is "Deployment" or "StatefulSet" or "DaemonSet" or "Job";

    internal static string NamespaceOf(JsonObject item, Inventory inventory) => (string?)item["metadata"]!["namespace"] ?? inventory.Namespace;

    private static async Task<IReadOnlyList<Revision>> RevisionsAsync(KubeClient client, Inventory inventory, CancellationToken cancellationToken)
    {
        try
        {
            return await new RevisionStore(client).ListAsync(inventory, cancellationToken);
        }
        catch (ApiException refusal) when (refusal.IsMissingPermission)
        {
            return [];
        }
    }

    private static IReadOnlyList<string> ImagesOf(JsonObject? workload) =>
    [
        .. (workload?["spec"]?["template"]?["spec"]?["containers"] as JsonArray ?? []).Select(container => (string?)container?["image"]).OfType<string>(),
    ];
}

/// <summary>A workload and what it says.</summary>
internal sealed record WorkloadRow(ObjectId Id, WorkloadStatus Status, Finding? Finding, DateTimeOffset? CreatedAt, IReadOnlyList<string> Images)
{
    public string Message => Finding?.Cause ?? Status.Message;
}

/// <summary>A pod as <c>kubectl get pods</c> shows it.</summary>
internal sealed record PodRow(
    string Name, string Workload, string Status, int Ready, int Containers, int Restarts, DateTimeOffset? CreatedAt, string? Ip, string? Node)
{
    /// <summary>Where it is.</summary>
    public string? Namespace { get; init; }

    public static PodRow Of(JsonObject pod, string workload)
    {
        var containers = (pod["status"]?["containerStatuses"] as JsonArray ?? []).OfType<JsonObject>().ToList();
        var init = (pod["status"]?["initContainerStatuses"] as JsonArray ?? []).OfType<JsonObject>();
        var declared = (pod["spec"]?["containers"] as JsonArray)?.Count ?? containers.Count;
        return new PodRow(
            (string)pod["metadata"]!["name"]!,
            workload,
            StatusOf(pod, [.. init.Concat(containers)]),
            containers.Count(container => (bool?)container["ready"] == true),
            declared,
            containers.Sum(container => (int?)container["restartCount"] ?? 0),
            KubeTime.Read(pod["metadata"]!["creationTimestamp"]),
            (string?)pod["status"]?["podIP"],
            (string?)pod["spec"]?["nodeName"])
        {
            Namespace = (string?)pod["metadata"]!["namespace"],
        };
    }

    // The word that says most: what a container waits for, or how it ended, before the phase.
    private static string StatusOf(JsonObject pod, List<JsonObject> containers)
    {
        if (pod["metadata"]!["deletionTimestamp"] is not null)
            return "Terminating";
        var waiting = containers.Select(container => (string?)container["state"]?["waiting"]?["reason"])
            .FirstOrDefault(reason => reason is not null and not "PodInitializing" and not "ContainerCreating");
        var ended = containers.Select(container => (string?)container["state"]?["terminated"]?["reason"]).FirstOrDefault(reason => reason is not null and not "Completed");
        var phase = (string?)pod["status"]?["phase"] ?? "Unknown";
        return waiting ?? ended ?? (string?)pod["status"]?["reason"] ?? (phase == "Succeeded" ? "Completed" : phase);
    }
}

/// <summary>Which pods belong to an app: those whose owners, in the end, its inventory names.</summary>
internal static class AppPods
{
    public static IEnumerable<(JsonObject Pod, string Workload)> Of(
        Inventory inventory, IReadOnlyCollection<JsonObject> replicaSets, IReadOnlyCollection<JsonObject> jobs, IReadOnlyCollection<JsonObject> pods)
    {
        var known = inventory.Items.Select(item => (item.Id.Kind, item.Id.Namespace ?? inventory.Namespace, item.Id.Name)).ToHashSet();
        var parents = replicaSets.Concat(jobs).ToDictionary(item => (string)item["metadata"]!["uid"]!, OwnerOf);
        foreach (var pod in pods)
        {
            var ns = AppStatus.NamespaceOf(pod, inventory);
            if (known.Contains(("Pod", ns, (string)pod["metadata"]!["name"]!)))
                yield return (pod, "");
            if (OwnerOf(pod) is not { } owner)
                continue;
            if (known.Contains((owner.Kind, ns, owner.Name)))
                yield return (pod, owner.Name);
            else if (parents.GetValueOrDefault(owner.Uid) is { } parent && known.Contains((parent.Kind, ns, parent.Name)))
                yield return (pod, parent.Name);
        }
    }

    private static Owner? OwnerOf(JsonObject content)
    {
        var reference = (content["metadata"]!["ownerReferences"] as JsonArray ?? []).FirstOrDefault(item => (bool?)item?["controller"] == true);
        return reference is null ? null : new Owner((string)reference["kind"]!, (string)reference["name"]!, (string)reference["uid"]!);
    }

    private sealed record Owner(string Kind, string Name, string Uid);
}
