using System.Globalization;
using System.Text.Json.Nodes;
using KubeApps.Deploy.Api;
using KubeApps.Diagnostics;

namespace KubeApps.Deploy.Planning;

/// <summary>An object that a deploy created. Without a UID it was intended, but nobody confirmed it (the deploy was cut).</summary>
internal sealed record InventoryItem(ObjectId Id, string? Uid)
{
    /// <summary>Whether it stood before the app took it over.</summary>
    public bool IsAdopted { get; init; }
}

/// <summary>A Job that was begun and is declared one-way: no revision before this one can be returned to.</summary>
internal sealed record OneWayJob(string Name, int Revision)
{
    public override string ToString() => $"the Job {Name} of revision {Revision}";
}

/// <summary>
/// What of an app stands in the cluster, kept in the cluster: a ConfigMap in the app's namespace. It decides what may be pruned, and whether
/// there is anything to do at all.
/// </summary>
/// <param name="App">The app.</param>
/// <param name="Environment">The environment that was deployed.</param>
/// <param name="Namespace">Where the app and this inventory stand.</param>
/// <param name="Commit">The commit of the bundle, if it was known.</param>
/// <param name="Hash">Hash of what was applied (<see cref="ReleaseObjects.Hash"/>).</param>
/// <param name="IsComplete">Whether the deploy ended well, rollout included.</param>
/// <param name="DeployedAt">When it did.</param>
/// <param name="Items">All objects, also former configuration that an old revision still names.</param>
/// <param name="FinishedJobs">Names of the Jobs before the rollout that succeeded: a Job that was cleaned away is not run again.</param>
internal sealed record Inventory(
    string App,
    string Environment,
    string Namespace,
    string? Commit,
    string Hash,
    bool IsComplete,
    DateTimeOffset? DeployedAt,
    IReadOnlyList<InventoryItem> Items,
    IReadOnlyList<string> FinishedJobs)
{
    /// <summary>Where the bundle is in a registry, by digest; null where it is not known to be in any.</summary>
    public string? Bundle { get; init; }

    /// <summary>The service whose address is the app's, where the app names one.</summary>
    public string? EntryService { get; init; }

    /// <summary>Whether the environment was deployed as one that is not there for long.</summary>
    public bool IsTransient { get; init; }

    /// <summary>When the first deploy began that this knows of; null for one that is not stored yet.</summary>
    public DateTimeOffset? CreatedAt { get; init; }

    /// <summary>What tells it from every other one, in whatever cluster; null for one that is not stored yet.</summary>
    public string? Uid { get; init; }

    /// <summary>The version of the ConfigMap that this was read from.</summary>
    public string? ResourceVersion { get; init; }

    /// <summary>The number of the revision that was applied last; null where a version without revisions wrote this.</summary>
    public int? Revision { get; init; }

    /// <summary>The revision that somebody aborted, where nothing was deployed since.</summary>
    public int? AbortedRevision { get; init; }

    /// <summary>All that ever ran: what they did to the data stays done.</summary>
    public IReadOnlyList<OneWayJob> OneWayJobs { get; init; } = [];

    /// <summary>Where an app that is deployed blue/green stands; null for one that never was.</summary>
    public Rollout? Rollout { get; init; }

    /// <summary>Those that have run since the version was deployed that stands beside the new one: it may not fit the data any more.</summary>
    public IReadOnlyList<OneWayJob> OneWayJobsSinceFormer => Rollout?.Former is { } former ? [.. OneWayJobs.Where(job => job.Revision > (former.Revision ?? 0))] : [];

    /// <summary>Label of every inventory: its value is the app.</summary>
    public const string Label = "kubeapps.dev/inventory";

    /// <summary>Label of the inventories of transient environments.</summary>
    public const string TransientLabel = "kubeapps.dev/transient";

    public static string NameOf(string app) => $"kubeapp-inventory-{app}";

    /// <summary>Whether an object is the one that the app took over.</summary>
    public bool HasAdopted(ObjectId id, string? uid) => Items.Any(item => item.IsAdopted && item.Uid == uid && item.Id.IsSameObject(id));

    public string? UidOf(ObjectId id) => Items.FirstOrDefault(item => item.Id.IsSameObject(id))?.Uid;

    public JsonObject ToObject()
    {
        var items = new JsonArray([.. Items
            .OrderBy(item => item.Id.ToString(), StringComparer.Ordinal)
            .Select(item =>
            {
                var content = new JsonObject
                {
                    ["apiVersion"] = item.Id.ApiVersion,
                    ["kind"] = item.Id.Kind,
                    ["namespace"] = item.Id.Namespace,
                    ["name"] = item.Id.Name,
                    ["uid"] = item.Uid,
                };
                if (item.IsAdopted)
                    content["adopted"] = true;
                return (JsonNode)content;
            })]);
        var data = new JsonObject
        {
            ["schemaVersion"] = "1",
            ["app"] = App,
            ["environment"] = Environment,
            ["hash"] = Hash,
            ["complete"] = IsComplete ? "true" : "false",
            ["objects"] = items.ToJsonString(),
            ["finishedJobs"] = string.Join(' ', FinishedJobs.Order(StringComparer.Ordinal)),
        };
        if (EntryService is not null)
            data["entryService"] = EntryService;
        if (Rollout is not null)
            data["rollout"] = RolloutJson.Write(Rollout);
        if (Commit is not null)
            data["commit"] = Commit;
        if (Bundle is not null)
            data["bundle"] = Bundle;
        if (Revision is { } revision)
            data["revision"] = revision.ToString(CultureInfo.InvariantCulture);
        if (AbortedRevision is { } aborted)
            data["aborted"] = aborted.ToString(CultureInfo.InvariantCulture);
        if (OneWayJobs.Count > 0)
            data["oneWayJobs"] = string.Join(' ', OneWayJobs.Select(job => string.Create(CultureInfo.InvariantCulture, $"{job.Name}={job.Revision}")));
        if (DeployedAt is { } at)
            data["deployedAt"] = KubeTime.Write(at);
        var metadata = new JsonObject
        {
            ["name"] = NameOf(App),
            ["namespace"] = Namespace,
            ["labels"] = new JsonObject { [Label] = App, ["app.kubernetes.io/managed-by"] = "kubeapp" },
        };
        if (IsTransient)
            metadata["labels"]![TransientLabel] = "true";
        ApplySet.MakeParent(metadata, App, Namespace, [.. Items.Select(item => item.Id)]);
        return new JsonObject { ["apiVersion"] = "v1", ["kind"] = "ConfigMap", ["metadata"] = metadata, ["data"] = data };
    }

    /// <summary>Null where the ConfigMap is not an inventory that this version can read: then nothing is known and nothing is pruned.</summary>
    /// <exception cref="DiagnosticException">It is one, but what it says about slots cannot be read.</exception>
    public static Inventory? FromObject(JsonObject? content)
    {
        if (content?["data"] is not JsonObject data || (string?)data["schemaVersion"] != "1" || JsonNode.Parse((string?)data["objects"] ?? "[]") is not JsonArray items)
            return null;
        return new Inventory(
            (string?)data["app"] ?? "",
            (string?)data["environment"] ?? "",
            (string?)content["metadata"]!["namespace"] ?? "",
            (string?)data["commit"],
            (string?)data["hash"] ?? "",
            (string?)data["complete"] == "true",
            KubeTime.Read(data["deployedAt"]),
            [.. items.OfType<JsonObject>().Select(item => new InventoryItem(
                new ObjectId((string)item["apiVersion"]!, (string)item["kind"]!, (string?)item["namespace"], (string)item["name"]!), (string?)item["uid"]) { IsAdopted = (bool?)item["adopted"] == true })],
            ((string?)data["finishedJobs"] ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            Bundle = (string?)data["bundle"],
            IsTransient = (string?)content["metadata"]!["labels"]?[TransientLabel] == "true",
            CreatedAt = KubeTime.Read(content["metadata"]!["creationTimestamp"]),
            EntryService = (string?)data["entryService"],
            Revision = Number((string?)data["revision"]),
            AbortedRevision = Number((string?)data["aborted"]),
            OneWayJobs =
            [
                .. from entry in ((string?)data["oneWayJobs"] ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries)
                   let parts = entry.Split('=')
                   where parts.Length == 2 && Number(parts[1]) is not null
                   select new OneWayJob(parts[0], Number(parts[1])!.Value),
            ],
            Uid = (string?)content["metadata"]!["uid"],
            ResourceVersion = (string?)content["metadata"]!["resourceVersion"],
            Rollout = RolloutJson.Read((string?)data["rollout"], (string?)data["app"] ?? ""),
        };
    }

    private static int? Number(string? text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
