using System.Text.Json.Nodes;
using CsCheck;
using KubeApps.Deploy.Api;
using KubeApps.Deploy.Planning;
using KubeApps.Deploy.Planning.Reports;
using KubeApps.Testing;

namespace KubeApps.Deploy.Tests.Planning;

/// <summary>
/// What holds for every release on every state of a cluster. The cluster is a model: objects by name, and an apply that stores what it is given.
/// </summary>
public class ReleasePlannerProperties
{
    private static readonly (string ApiVersion, string Kind, bool Namespaced)[] Kinds =
    [
        ("v1", "Namespace", false), ("apiextensions.k8s.io/v1", "CustomResourceDefinition", false), ("v1", "ConfigMap", true), ("v1", "Secret", true),
        ("v1", "PersistentVolumeClaim", true), ("v1", "ServiceAccount", true), ("v1", "Service", true), ("apps/v1", "Deployment", true),
        ("apps/v1", "StatefulSet", true), ("batch/v1", "Job", true), ("networking.k8s.io/v1", "Ingress", true), ("autoscaling/v2", "HorizontalPodAutoscaler", true),
    ];

    private static readonly Gen<ReleaseObject> AnyObject = Gen.Select(
        Gen.Int[0, Kinds.Length - 1], Gen.Int[0, 2], Gen.Int[1, 3], Gen.Bool,
        (kindIndex, nameIndex, version, isBefore) =>
        {
            var (kind, name) = (Kinds[kindIndex], "abc"[nameIndex].ToString());
            var content = new JsonObject
            {
                ["apiVersion"] = kind.ApiVersion,
                ["kind"] = kind.Kind,
                // A namespace of the app itself would be another question.
                ["metadata"] = kind.Namespaced ? new JsonObject { ["name"] = name, ["namespace"] = "shop" } : new JsonObject { ["name"] = $"other-{name}" },
                ["spec"] = new JsonObject { ["version"] = version },
            };
            return Objects.Parse(content.ToJsonString(), isBefore && kind.Kind == "Job" ? "before" : "main");
        });

    private static readonly Gen<List<ReleaseObject>> AnyObjects = AnyObject.List[1, 8].Select(items => items.DistinctBy(item => item.Id).ToList());

    /// <summary>A new release; what stood before; how the last deploy ended; and what the inventory does not know.</summary>
    private static readonly Gen<(Release Release, Model Model)> AnyCase = Gen.Select(
        AnyObjects, AnyObjects, Gen.Bool, Gen.Bool, Gen.Int[0, 255],
        (wanted, former, hasInventory, isComplete, chance) =>
        {
            var model = new Model { NamespaceStands = hasInventory || (chance & 1) == 0 };
            foreach (var (index, item) in former.Index())
                if (hasInventory && ((chance >> (index % 8)) & 1) == 0)
                    model.Apply(item);
            if (hasInventory)
                model.Inventory = new Inventory(
                    "shop", "local", "shop", null, "old", isComplete, null,
                    [.. former.Select(item => new InventoryItem(item.Id, model.UidOf(item.Id)))], []);
            // Of others, or of nobody knows whom.
            model.Apply(Objects.Of("v1", "Service", "foreign"));
            return (new Release("shop", "local", "shop", null, wanted, Hash(wanted), false, TimeSpan.FromMinutes(5)), model);
        });

    [Fact]
    public void Plan_OfAnyCase_IsTheSameAgain() => AnyCase.Sample(item =>
    {
        var (release, model) = item;
        Assert.Equal(PlanTexts.Of(ReleasePlanner.Plan(release, model.Observe(release))), PlanTexts.Of(ReleasePlanner.Plan(release, model.Observe(release))));
    });

    [Fact]
    public void Plan_AfterItsOwnEffect_HasNothingToDo() => AnyCase.Sample(item =>
    {
        var (release, model) = item;
        model.Execute(ReleasePlanner.Plan(release, model.Observe(release)));

        var again = ReleasePlanner.Plan(release, model.Observe(release));

        Assert.True(again.IsNoOp, PlanTexts.Of(again));
        // A Job that has done its work is not changed: a real server would refuse it, and names carry a hash of the content.
        Assert.All(release.Objects.Where(wanted => !wanted.IsBeforeJob), wanted => Assert.True(JsonNode.DeepEquals(wanted.Content["spec"], model.Find(wanted.Id)?["spec"]), $"{wanted.Id} is not as wanted."));
    });

    [Fact]
    public void Plan_CutAfterAnyStep_IsFinishedByTheNext() => Gen.Select(AnyCase, Gen.Int[0, 12]).Sample((item, cut) =>
    {
        var (release, model) = item;
        var plan = ReleasePlanner.Plan(release, model.Observe(release));
        model.Execute(plan with { Steps = [.. plan.Steps.Take(cut)] });

        model.Execute(ReleasePlanner.Plan(release, model.Observe(release)));

        Assert.True(ReleasePlanner.Plan(release, model.Observe(release)).IsNoOp);
    });

    [Fact]
    public void Plan_OfAnyCase_PrunesOnlyWhatTheInventoryNamesAndNeverWhatIsKept() => AnyCase.Sample(item =>
    {
        var (release, model) = item;
        var known = model.Inventory?.Items ?? [];

        var pruned = ReleasePlanner.Plan(release, model.Observe(release)).Steps.OfType<ReleaseStep.Prune>().SelectMany(step => step.Objects).ToList();

        Assert.All(pruned, former =>
        {
            Assert.Contains(known, entry => entry.Id.IsSameObject(former.Id) && entry.Uid == former.Uid);
            Assert.DoesNotContain(release.Objects, wanted => wanted.Id.IsSameObject(former.Id));
            Assert.False(ApplyOrder.IsKept(former.Id.Kind), $"{former.Id} would be deleted.");
        });
    });

    [Fact]
    public void Plan_OfAnyCase_KeepsTheOrderOfWavesBetweenIntentAndRecord() => AnyCase.Sample(item =>
    {
        var (release, model) = item;
        var plan = ReleasePlanner.Plan(release, model.Observe(release));
        if (plan.IsNoOp)
            return;

        var ids = plan.Steps.Select(step => step.Id).ToList();
        var waves = plan.Steps.OfType<ReleaseStep.Apply>().Select(step => step.Objects.Select(planned => ApplyOrder.WaveOf(planned.Object.Id)).Distinct().Single()).ToList();
        Assert.Equal(waves.Order(), waves);
        Assert.Equal(waves.Distinct(), waves);
        Assert.Equal(["record"], ids.TakeLast(1));
        // Of the app's own nothing is applied that was not written down before.
        Assert.All(new[] { "configuration", "before", "services", "workloads", "rest", "rollout", "prune" }, id => Assert.True(ids.IndexOf(id) < 0 || ids.IndexOf(id) > ids.IndexOf("intend")));
        Assert.All(new[] { "services", "workloads" }, id => Assert.True(ids.IndexOf(id) < 0 || ids.IndexOf("before") < ids.IndexOf(id)));
        Assert.True(ids.IndexOf("lock") >= 0 && ids.IndexOf("lock") < ids.IndexOf("intend"));
    });

    [Fact]
    public void Plan_OfAnyCase_WritesDownEverythingThatStandsAfterIt() => AnyCase.Sample(item =>
    {
        var (release, model) = item;
        var plan = ReleasePlanner.Plan(release, model.Observe(release));
        var kept = (model.Inventory?.Items ?? []).Where(entry => model.UidOf(entry.Id) == entry.Uid && entry.Uid is not null).Select(entry => entry.Id)
            .Except(plan.Steps.OfType<ReleaseStep.Prune>().SelectMany(step => step.Objects).Select(former => former.Id));
        if (plan.Steps.OfType<ReleaseStep.Record>().SingleOrDefault() is { } record)
            Assert.Equal(
                release.Objects.Select(wanted => wanted.Id).Union(kept).Select(id => id.ToString()).Order(StringComparer.Ordinal),
                record.Inventory.Items.Select(entry => entry.Id.ToString()).Order(StringComparer.Ordinal));
    });

    [Fact]
    public void Report_OfAnyCase_TellsEveryChangeOnce() => AnyCase.Sample(item =>
    {
        var (release, model) = item;
        var live = model.Observe(release);
        var report = PlanReports.Of(release, live, ReleasePlanner.Plan(release, live), "model");

        Assert.Equal(report.Objects.Count, report.Objects.Select(told => told.Id).Distinct().Count());
        Assert.All(report.Objects.Where(told => told.Change == Events.ResourceChange.Unchanged), told => Assert.Empty(told.Fields));
        Assert.All(report.Objects.Where(told => told.Id.Kind == "Secret").SelectMany(told => told.Fields), field => Assert.True(field.IsHidden));
    });

    [Fact]
    public void Plan_FromOneVersionToTheNext_IsAsReviewed()
    {
        ReleaseObject Of(string apiVersion, string kind, string name, int version) =>
            Objects.Parse($$"""{"apiVersion":"{{apiVersion}}","kind":"{{kind}}","metadata":{"name":"{{name}}","namespace":"shop"},"spec":{"version":{{version}}} }""");
        List<ReleaseObject> former = [Of("v1", "ConfigMap", "settings-1", 1), Of("v1", "PersistentVolumeClaim", "data", 1), Of("v1", "Service", "web", 1), Of("v1", "Service", "old", 1), Of("apps/v1", "Deployment", "web", 1)];
        List<ReleaseObject> wanted = [Of("v1", "ConfigMap", "settings-2", 1), Of("v1", "Service", "web", 1), Of("apps/v1", "Deployment", "web", 2), Of("networking.k8s.io/v1", "Ingress", "web", 1)];
        var model = new Model { NamespaceStands = true };
        Release Release(List<ReleaseObject> objects) => new("shop", "local", "shop", null, objects, Hash(objects), false, TimeSpan.FromMinutes(5));
        model.Execute(ReleasePlanner.Plan(Release(former), model.Observe(Release(former))));

        Snapshot.Matches(PlanTexts.Of(ReleasePlanner.Plan(Release(wanted), model.Observe(Release(wanted)))) + "\n", "NextVersion.plan.txt");
    }

    private static string Hash(IEnumerable<ReleaseObject> objects) => ReleaseObjects.Hash(objects);

    /// <summary>A cluster that only stores.</summary>
    private sealed class Model
    {
        private readonly Dictionary<ObjectId, JsonObject> _objects = [];
        private int _uids;

        public bool NamespaceStands { get; set; }

        public Inventory? Inventory { get; set; }

        public JsonObject? Find(ObjectId id) => _objects.GetValueOrDefault(id);

        public string? UidOf(ObjectId id) => (string?)Find(id)?["metadata"]!["uid"];

        public void Apply(ReleaseObject item)
        {
            var stored = Stored(item, UidOf(item.Id) ?? $"uid-{_uids++}");
            if (item.Id.Kind == "Job")
                stored["status"] = JsonNode.Parse("""{"conditions":[{"type":"Complete","status":"True"}]}""");
            _objects[item.Id] = stored;
        }

        public LiveState Observe(Release release) => new(
            [
                .. release.Objects.Select(item => new ObservedObject(
                    item, Find(item.Id), item.Id.Namespace is not null && !NamespaceStands ? null : Stored(item, UidOf(item.Id) ?? "new"))),
            ],
            [
                .. (Inventory?.Items ?? []).Where(entry => !release.Objects.Any(wanted => wanted.Id.IsSameObject(entry.Id)))
                    .Select(entry => new FormerObject(entry.Id, UidOf(entry.Id) is { } uid && uid == entry.Uid ? uid : null, false) { Live = Find(entry.Id) }),
            ],
            Inventory, NamespaceStands ? [] : ["shop"], false);

        public void Execute(ReleasePlan plan)
        {
            foreach (var step in plan.Steps)
                switch (step)
                {
                    case ReleaseStep.Apply apply:
                        foreach (var item in apply.Objects)
                            if (item.Object.Id is { Kind: "Namespace", Name: "shop" })
                                NamespaceStands = true;
                            else if (item.Change != Events.ResourceChange.Unchanged)
                                Apply(item.Object);
                        break;
                    case ReleaseStep.RunJobs jobs:
                        foreach (var job in jobs.Jobs)
                            Apply(job.Object);
                        break;
                    case ReleaseStep.Intend intend:
                        Inventory = intend.Inventory;
                        break;
                    case ReleaseStep.Prune prune:
                        foreach (var former in prune.Objects.Where(former => UidOf(former.Id) == former.Uid))
                            _objects.Remove(former.Id);
                        break;
                    case ReleaseStep.Record record:
                        Inventory = record.Inventory with { Items = [.. record.Inventory.Items.Select(entry => entry with { Uid = UidOf(entry.Id) })] };
                        break;
                }
        }

        private static JsonObject Stored(ReleaseObject item, string uid)
        {
            var stored = (JsonObject)item.Content.DeepClone();
            stored["metadata"]!["uid"] = uid;
            return stored;
        }
    }
}

/// <summary>A plan as a text, complete.</summary>
internal static class PlanTexts
{
    public static string Of(ReleasePlan plan) => string.Join('\n', plan.Steps.Select(step => $"{step.Id} ({step.Timeout}): {step.Title}" + step switch
    {
        ReleaseStep.Apply apply => Lines(apply.Objects.Select(item => $"{item.Change} {item.Object.Id}")),
        ReleaseStep.RunJobs jobs => Lines(jobs.Jobs.Select(item => $"{item.Change} {item.Object.Id}")),
        ReleaseStep.Check check => Lines(check.Objects.Select(item => $"{item.Id}")),
        ReleaseStep.AwaitRollouts rollouts => Lines(rollouts.Workloads.Select(id => $"{id}")),
        ReleaseStep.Prune prune => Lines(prune.Objects.Select(item => $"{item.Id} {item.Uid}")),
        ReleaseStep.Intend intend => Lines([.. intend.Inventory.Items.Select(item => $"{item.Id} {item.Uid}"), .. Of(intend.Inventory.Rollout)]),
        ReleaseStep.Record record => Lines([.. record.Inventory.Items.Select(item => $"{item.Id} {item.Uid}"), .. Of(record.Inventory.Rollout)]),
        ReleaseStep.RunChecks checks => Lines(checks.Checks.Select(check => $"{check.Check.Name} {new Selector(check.Target!.PodLabels)}")),
        SlotStep.Point point => Lines(point.Services.Select(item => $"{item.Id} -> {item.Selector}")),
        SlotStep.Size size => Lines(size.Sizes.Select(item => $"{item.Deployment} {item.Replicas}")),
        SlotStep.KeepSize keep => Lines(keep.Autoscalers.Select(id => $"{id}")),
        SlotStep.Retire retire => Lines(retire.Objects.Select(id => $"{id}")),
        SlotStep.Remove remove => Lines(remove.Objects.Select(id => $"{id}")),
        SlotStep.HandBack back => Lines(back.Services.Select(item => $"{item.Id}")),
        _ => "",
    }));

    private static IEnumerable<string> Of(Rollout? rollout) => rollout is null ? [] :
    [
        $"slots: {RolloutJson.Word(rollout.Phase)}, {rollout.Live?.Word() ?? "nothing"} to {rollout.Next?.Word() ?? "nothing"}",
        .. rollout.Services.Select(item => $"  {item.Id}: before {item.Before}, from {item.From}, to {item.To}, after {item.After}{(item.PinnedTo is null ? "" : $" of {item.PinnedTo}")}"),
        .. rollout.Added.Select(id => $"  brings {id}"),
        .. rollout.Changed.Select(id => $"  changes {id}"),
        .. rollout.Retired.Select(id => $"  retires {id}"),
    ];

    private static string Lines(IEnumerable<string> lines) => string.Concat(lines.Select(line => $"\n  {line}"));
}
