using System.Text.Json.Nodes;
using KubeApps.Bundles;
using KubeApps.Deploy.Api;
using KubeApps.Deploy.Secrets;
using KubeApps.Events;

namespace KubeApps.Deploy.Planning;

/// <summary>The steps that deploys of every strategy are made of. Pure. What would do nothing is left out.</summary>
internal static class ReleaseSteps
{
    public static readonly TimeSpan ApplyTimeout = TimeSpan.FromMinutes(2);

    // Pods may take their time to end before what they belong to is gone.
    private static readonly TimeSpan ReplaceTimeout = TimeSpan.FromMinutes(10);

    // Long enough to see whether who holds it lives.
    private static readonly TimeSpan LockTimeout = TimeSpan.FromMinutes(1);

    public static ReleaseStep Lock(TimeSpan? patience, Inventory? known) => new ReleaseStep.Lock("lock", "Take the lock", patience ?? LockTimeout, patience, known);

    /// <summary>What comes before anything is written down: namespaces, the lock, custom kinds, and the questions that these had to wait for.</summary>
    public static IEnumerable<ReleaseStep> Begin(Release release, IReadOnlyList<PlannedObject> planned, LiveState live)
    {
        var definitions = planned.Where(item => WaveOf(item) == ApplyWave.Definitions).ToList();
        var unchecked_ = planned.Where(item => item.IsUnchecked && WaveOf(item) > ApplyWave.Definitions && !RoleBindings.AwaitsItsRole(item, planned))
            .Select(item => item.Object).ToList();
        return
        [
            .. Apply("namespaces", "Create namespaces", [.. planned, .. live.MissingNamespaces.Select(NewNamespace)], ApplyWave.Namespaces),
            Lock(release.LockPatience, live.Inventory),
            .. Apply("definitions", "Apply custom resource definitions", definitions, ApplyWave.Definitions),
            .. definitions.Count == 0 ? (IEnumerable<ReleaseStep>)[]
                : [new ReleaseStep.Establish("establish", "Wait for custom kinds", ApplyTimeout, [.. definitions.Select(item => item.Object.Id.Name)])],
            .. unchecked_.Count == 0 ? (IEnumerable<ReleaseStep>)[]
                : [new ReleaseStep.Check("check", $"Check {Count(unchecked_.Count, "object")} with the server", ApplyTimeout, unchecked_)],
        ];
    }

    public static ReleaseStep Intend(Release release, LiveState live, Inventory inventory) =>
        new ReleaseStep.Intend("intend", "Write down what will be created", ApplyTimeout, inventory, release.NeedsHashKey && !live.HasHashKey);

    /// <summary>One wave of objects. Those that are equal already are told, but not sent.</summary>
    public static IEnumerable<ReleaseStep> Apply(string id, string title, IEnumerable<PlannedObject> objects, ApplyWave wave) =>
        Apply(id, title, [.. objects.Where(item => WaveOf(item) == wave && !item.Object.IsBeforeJob)]);

    public static IEnumerable<ReleaseStep> Apply(string id, string title, IReadOnlyList<PlannedObject> objects) =>
        objects.Any(item => item.Change != ResourceChange.Unchanged)
            ? [new ReleaseStep.Apply(id, title, objects.Any(item => item.Replacement is not null || item.IsTerminating) ? ReplaceTimeout : ApplyTimeout, objects)]
            : [];

    /// <summary>
    /// Secrets that operators make of objects of the release: until they stand, no pod starts that names them. A certificate that only an Ingress names is
    /// none of these: what it takes to get one may come with the Ingress.
    /// </summary>
    public static IEnumerable<ReleaseStep> AwaitSecrets(Release release, IReadOnlyList<PlannedObject> planned, LiveState live)
    {
        var standing = live.Objects.ToDictionary(item => item.Object.Id, item => item.Live);
        // A store that is away for the moment holds up nothing that has its Secret.
        var makers = planned.Where(item => SecretOperators.ConditionOf(item.Object.Content) is not null
            && (item.Change != ResourceChange.Unchanged || !SecretOperators.HasMade(standing.GetValueOrDefault(item.Object.Id)))).ToList();
        if (makers.Count == 0)
            return [];
        var named = release.Objects.Where(item => item.Id.Kind != "Ingress")
            .SelectMany(item => SecretReferences.In(item.Content).Where(reference => !reference.IsOptional).Select(reference => (item.Id.Namespace, reference.Name)))
            .ToHashSet();
        return Await(
            "secrets", "Wait for secrets", release.RolloutTimeout,
            Awaited.Of([.. makers.Where(item => SecretOperators.SecretsOf(item.Object.Content).Any(secret => named.Contains((item.Object.Id.Namespace, secret))))], live.Objects), null);
    }

    /// <summary>Jobs that come before the rollout, and have not done their work. Those of an old revision have: when it was new.</summary>
    public static IEnumerable<ReleaseStep> RunJobs(Release release, IEnumerable<PlannedObject> planned, LiveState live)
    {
        var jobs = release.Restores is null ? planned.Where(item => item.Object.IsBeforeJob && !ReleasePlanner.IsFinished(item, live)).ToList() : [];
        return jobs.Count == 0 ? [] : [new ReleaseStep.RunJobs("before", $"Run {string.Join(", ", jobs.Select(job => job.Object.Id.Name))}", release.RolloutTimeout, jobs)];
    }

    public static IEnumerable<ReleaseStep> Await(string id, string title, TimeSpan timeout, IReadOnlyList<ObjectId> workloads, TimeSpan? stability) =>
        workloads.Count == 0 ? [] : [new ReleaseStep.AwaitRollouts(id, title, timeout, workloads, stability)];

    public static IEnumerable<ReleaseStep> RunChecks(string id, IReadOnlyList<PlannedCheck> checks) =>
        checks.Count == 0 ? [] : [new ReleaseStep.RunChecks(id, $"Run {Count(checks.Count, "check")}", checks.Max(check => check.Check.Timeout), checks)];

    /// <summary>Ways from outside that waited for the checks (<see cref="Openings"/>).</summary>
    public static IEnumerable<ReleaseStep> Open(Release release, IReadOnlyList<PlannedObject> opened) =>
    [
        .. Apply("open", "Let traffic in from outside", opened),
        .. Await("addresses", "Wait for addresses", release.RolloutTimeout, Awaited.Of(opened), null),
    ];

    public static IEnumerable<ReleaseStep> Prune(IReadOnlyList<FormerObject> prunable) =>
        prunable.Count == 0 ? [] : [new ReleaseStep.Prune("prune", $"Delete {Count(prunable.Count, "former object")}", ApplyTimeout, prunable)];

    public static ReleaseStep Record(Inventory inventory, string title = "Record the release") => new ReleaseStep.Record("record", title, ApplyTimeout, inventory);

    public static string Count(long count, string noun) => $"{count} {noun}{(count == 1 ? "" : "s")}";

    private static ApplyWave WaveOf(PlannedObject item) => ApplyOrder.WaveOf(item.Object.Id);

    private static PlannedObject NewNamespace(string name)
    {
        var content = new JsonObject { ["apiVersion"] = "v1", ["kind"] = "Namespace", ["metadata"] = new JsonObject { ["name"] = name } };
        return new PlannedObject(new ReleaseObject(ObjectId.Of(content), BundleConventions.MainPhase, "", content), ResourceChange.Created, true, false);
    }
}
