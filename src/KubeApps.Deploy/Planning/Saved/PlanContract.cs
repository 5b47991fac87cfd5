using System.Text.Json.Nodes;
using KubeApps.Deploy.Api;
using KubeApps.Deploy.Planning.Fields;
using KubeApps.Deploy.Planning.Reports;
using KubeApps.Diagnostics;
using KubeApps.Events;

namespace KubeApps.Deploy.Planning.Saved;

/// <summary>
/// Whether a saved plan still holds. What matters is what the plan was made of: the target, the bundle, and the fields that are ours or that it
/// would change. What controllers report and what others decide on fields of their own does not. An object that stands as the plan wants it is
/// no breach either: a deploy that was cut goes on with the plan that it began with.
/// </summary>
internal static class PlanContract
{
    // More say nothing new.
    private const int MostBreaches = 20;

    /// <exception cref="DiagnosticException">It is about something else.</exception>
    public static void RequireTarget(SavedPlan saved, string app, string environment, string ns, SavedTarget target)
    {
        var problem = saved.App != app ? $"It is of the app {saved.App}, not of {app}."
            : saved.Environment != environment ? $"It is for the environment {saved.Environment}, not for {environment}."
            : saved.Namespace != ns ? $"It is for the namespace {saved.Namespace}, not for {ns}."
            : !saved.Target.IsSameAs(target) ? $"It is for {saved.Target}, not for {target}."
            : null;
        if (problem is not null)
            throw new DiagnosticException(DiagnosticDescriptors.PlanForAnother.Because(problem));
    }

    /// <exception cref="DiagnosticException">It does not hold.</exception>
    public static void Require(SavedPlan saved, PlanBasis now)
    {
        var current = SavedPlans.Of(now);
        RequireSameBundle(saved, current);
        RequireNone([.. Breaches(saved, current, now)]);
    }

    /// <summary>
    /// For a cluster that cannot even say what it would store now, because somebody took a field over: whether that is so because what the plan
    /// saw has changed.
    /// </summary>
    /// <param name="saved">The plan.</param>
    /// <param name="live">Its objects that still stand.</param>
    /// <exception cref="DiagnosticException">It is.</exception>
    public static void RequireSeen(SavedPlan saved, IReadOnlyDictionary<ObjectId, JsonObject> live) => RequireNone(
        [.. saved.Objects.Where(item => item.Change != ResourceChange.Deleted).SelectMany(item => SeenBreaches(item, live.GetValueOrDefault(item.Id)))]);

    private static IEnumerable<string> SeenBreaches(SavedObject planned, JsonObject? live) => (planned.Uid, live) switch
    {
        (null, null) => [],
        // What we applied ourselves since is the plan's own work.
        (null, not null) => FieldOwners.OursOf(live).Count > 0 ? [] : [Appeared(planned.Id, live)],
        (not null, null) => [Gone(planned.Id)],
        // A Secret needs the key; the plan that can be made tells of it.
        _ => planned.Id.Kind == "Secret" ? [] : SeenBreaches(planned, live, null),
    };

    private static void RequireNone(IReadOnlyList<string> breaches)
    {
        if (breaches.Count > 0)
            throw new DiagnosticException(DiagnosticDescriptors.PlanOutdated.Because(
                $"{string.Join("; ", breaches.Take(MostBreaches))}{(breaches.Count > MostBreaches ? $"; and {breaches.Count - MostBreaches} more" : "")}."));
    }

    private static void RequireSameBundle(SavedPlan saved, SavedPlan current)
    {
        List<string> problems =
        [
            .. saved.Images.Keys.Union(current.Images.Keys).Order(StringComparer.Ordinal)
                .Where(name => saved.Images.GetValueOrDefault(name) != current.Images.GetValueOrDefault(name))
                .Select(name => $"the image {name} was {saved.Images.GetValueOrDefault(name) ?? "not there"}, is {current.Images.GetValueOrDefault(name) ?? "not there"}"),
        ];
        if (saved.BundleHash != current.BundleHash)
            problems.AddRange(BundleDifferences.Of(saved, current).Take(MostBreaches).DefaultIfEmpty($"its objects hash to {current.BundleHash}, not to {saved.BundleHash}"));
        if (problems.Count > 0 && saved.Commit != current.Commit)
            problems.Add($"it is of the commit {current.Commit ?? "(not known)"}, not of {saved.Commit ?? "(not known)"}");
        if (problems.Count > 0)
            throw new DiagnosticException(DiagnosticDescriptors.PlanOfAnotherBundle.Because($"The bundle of {saved.App} is not the one that was planned: {string.Join("; ", problems)}."));
    }

    private static IEnumerable<string> Breaches(SavedPlan saved, SavedPlan current, PlanBasis now)
    {
        // Without the key the names of secrets are made up; then what they are called beside the hash must do.
        string Key(ObjectId id) => saved.HasHashKey || id.Kind is not ("Secret" or "Job") ? $"{id.Group} {id}" : $"{id.Group} {id.Kind} {id.Namespace}/{Replacements.BaseName(id) ?? id.Name}";
        var known = saved.Objects.GroupBy(item => Key(item.Id)).ToDictionary(group => group.Key, group => group.First());
        var live = now.Live.Objects.ToDictionary(item => item.Object.Id);
        var wanted = current.Objects.Where(item => item.Change != ResourceChange.Deleted).ToList();
        foreach (var item in wanted)
        {
            if (!known.TryGetValue(Key(item.Id), out var planned) || planned.Change == ResourceChange.Deleted)
                yield return item.Id.Kind == "Namespace" ? $"{item.Id} is not there any more"
                    : $"{item.Id} was not planned{(item.Id.Kind is "Secret" or "Job" ? ": a secret has another value than when the plan was made" : "")}";
            else if (item.Change != ResourceChange.Unchanged && live.TryGetValue(item.Id, out var observed))
                foreach (var breach in Breaches(planned, item, observed, now.Key))
                    yield return breach;
        }

        var former = now.Live.Former.ToDictionary(item => item.Id, item => item.Live);
        foreach (var item in current.Objects.Where(item => item.Change == ResourceChange.Deleted))
            if (!known.TryGetValue(Key(item.Id), out var planned) || planned.Change != ResourceChange.Deleted)
                yield return $"{item.Id} would be deleted, which was not planned";
            else if (former.GetValueOrDefault(item.Id) is { } standing && standing["metadata"]!["deletionTimestamp"] is null)
                foreach (var breach in DeletionBreaches(planned, standing, now.Key))
                    yield return breach;
    }

    private static IEnumerable<string> Breaches(SavedObject planned, SavedObject current, ObservedObject observed, byte[]? key)
    {
        var id = current.Id;
        if (observed.Live is not { } live)
        {
            if (planned.Uid is not null)
                yield return Gone(id);
            yield break;
        }

        if (planned.Uid is null)
        {
            yield return Appeared(id, live);
            yield break;
        }

        if (planned.Uid != current.Uid)
        {
            yield return $"{id} is another object of the same name now ({Writer(live, FieldPath.Root)})";
            yield break;
        }

        foreach (var breach in SeenBreaches(planned, live, key))
            yield return breach;

        // A field that the plan neither saw as ours nor would have changed, and that would be changed now.
        foreach (var field in current.Fields.Where(field => !field.IsOrder && planned.Fields.All(change => change.Path != field.Path) && !planned.Seen.Keys.Any(path => FieldPath.IsWithin(path, field.Path) || FieldPath.IsWithin(field.Path, path))))
            yield return field.IsHidden ? $"{id}: {field.Path} would be changed, which was not planned ({Writer(live, field.Path)})"
                : $"{id}: {field.Path} is {FieldValue.Text(field.Old)} and would become {FieldValue.Text(field.New)}, which was not planned ({Writer(live, field.Path)})";
    }

    // Somebody needs what is to be deleted, it seems. Load that comes and goes, and where the very deploy that is gone on with leads traffic, tell nothing.
    private static IEnumerable<string> DeletionBreaches(SavedObject planned, JsonObject live, byte[]? key) => planned.Uid != (string?)live["metadata"]!["uid"]
        ? [$"{planned.Id} is another object of the same name now ({Writer(live, FieldPath.Root)})"]
        : SeenBreaches(planned with { Seen = new SortedDictionary<string, JsonNode?>(planned.Seen.Where(seen => !IsLedOrScaled(planned.Id, seen.Key, live)).ToDictionary(), StringComparer.Ordinal) }, live, key);

    private static bool IsLedOrScaled(ObjectId id, string path, JsonObject live) =>
        (id.Kind == "Service" && FieldPath.IsWithin(path, "spec.selector"))
        || (FieldOwners.WriterOf(live, path)?.Manager is { } writer
            && (writer.StartsWith(KubeClient.FieldManager + "-", StringComparison.Ordinal) || (path == "spec.replicas" && writer == "kube-controller-manager")));

    /// <summary>What the plan saw and is another now, whatever would become of it.</summary>
    private static IEnumerable<string> SeenBreaches(SavedObject planned, JsonObject live, byte[]? key)
    {
        var id = planned.Id;
        if (id.Kind == "Secret" && planned.Seen.Count == 0 && planned.ResourceVersion != (string?)live["metadata"]?["resourceVersion"])
        {
            yield return $"{id} was changed ({Writer(live, FieldPath.Root)})";
            yield break;
        }

        var fields = FieldTree.Of(live);
        foreach (var (path, seen) in planned.Seen)
        {
            var value = SavedPlans.Kept(id.Kind, path, fields.GetValueOrDefault(path), key);
            if (!JsonNode.DeepEquals(seen, value))
                yield return id.Kind == "Secret" ? $"{id}: {path} was changed ({Writer(live, path)})" : $"{id}: {path} was {FieldValue.Text(seen)}, is {FieldValue.Text(value)} ({Writer(live, path)})";
        }
    }

    private static string Gone(ObjectId id) => $"{id} was there, and is gone";

    private static string Appeared(ObjectId id, JsonObject live) => $"{id} was not there, and is now ({Writer(live, FieldPath.Root)})";

    private static string Writer(JsonObject live, string path) => FieldOwners.WriterOf(live, path) is { } writer ? $"by {writer}" : "by whom is not known";
}
