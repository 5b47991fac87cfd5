using System.Text.Json.Nodes;
using KubeApps.Deploy.Rollouts;

namespace KubeApps.Deploy.Tests.Rollouts;

public class StuckPodsTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("""{"replicas":3}""", "db-1")]
    [InlineData("""{"replicas":3,"podManagementPolicy":"OrderedReady","updateStrategy":{"type":"RollingUpdate","rollingUpdate":{"partition":1} } }""", "db-1")]
    // Its pods keep their version, or go by themselves.
    [InlineData("""{"replicas":3,"updateStrategy":{"rollingUpdate":{"partition":2} } }""", "")]
    [InlineData("""{"replicas":1}""", "")]
    [InlineData("""{"replicas":1,"ordinals":{"start":1} }""", "db-1")]
    [InlineData("""{"replicas":3,"ordinals":{"start":1},"updateStrategy":{"rollingUpdate":{"partition":1} } }""", "")]
    // These do not wait for it, or for nobody.
    [InlineData("""{"replicas":3,"podManagementPolicy":"Parallel"}""", "")]
    [InlineData("""{"replicas":3,"updateStrategy":{"type":"OnDelete"} }""", "")]
    public void Of_APodOfAFormerVersion_IsOneThatItsSetWaitsFor(string spec, string stuck) =>
        Assert.Equal(stuck, (string?)View(spec).StuckPod?["metadata"]!["name"] ?? "");

    [Theory]
    [InlineData("""{"metadata":{"labels":{"controller-revision-hash":"db-new"} } }""")]
    [InlineData("""{"metadata":{"deletionTimestamp":"2026-01-01T00:00:00Z"} }""")]
    [InlineData("""{"metadata":{"name":"db-backup-1"} }""")]
    [InlineData("""{"status":{"phase":"Failed"} }""")]
    [InlineData("""{"status":{"conditions":[{"type":"Ready","status":"True"}]} }""")]
    public void Of_AnyOtherPod_IsLeftToItsSet(string otherwise) => Assert.Null(View("""{"replicas":3}""", otherwise).StuckPod);

    /// <summary>It goes one by one, and is not there yet.</summary>
    [Theory]
    [InlineData("""{"metadata":{"name":"other-0"} }""")]
    [InlineData("""{"metadata":{"deletionTimestamp":"2026-01-01T00:00:00Z"} }""")]
    [InlineData("""{"metadata":{"labels":{"controller-revision-hash":"db-new"} },"status":{"conditions":[]} }""")]
    public void Of_ASetThatWaitsForAnEarlierPod_LeavesTheLaterOne(string first) => Assert.Null(View("""{"replicas":3}""", first: first).StuckPod);

    /// <summary>Its controller may still say another version.</summary>
    [Fact]
    public void Of_NewVersionIsNotObserved_SaysNothingYet() => Assert.Null(View("""{"replicas":3}""", generation: 3).StuckPod);

    [Theory]
    [InlineData("""{"running":{} }""", 29, false)]
    [InlineData("""{"running":{} }""", 30, true)]
    // Its startup probe says how long it may take.
    [InlineData("""{"running":{} },"started":false""", 300, false)]
    [InlineData("""{"waiting":{"reason":"ImagePullBackOff","message":"manifest unknown: not found"} }""", 5, true)]
    public void Stuck_APod_IsOneThatCannotComeUpOrDoesNot(string state, int seconds, bool isStuck)
    {
        var view = View("""{"replicas":3}""", $$"""{"status":{"containerStatuses":[{"name":"c","image":"registry/db:2","state":{{state}} }]} }""", seconds: seconds);

        Assert.Equal(isStuck, RolloutDiagnosis.Stuck(view) is not null);
        // Who only looks is told, but does not give up: somebody may delete it.
        Assert.Equal(("KUBEAPP6062", false), (RolloutDiagnosis.Find(view)!.Descriptor.Code, RolloutDiagnosis.Find(view)!.IsDecisive));
        Assert.Equal(isStuck, RolloutDiagnosis.Find(view with { MayNotDeletePods = true })!.IsDecisive);
    }

    private static RolloutView View(string spec, string otherwise = "{}", string first = "{}", int seconds = 60, int generation = 2)
    {
        var set = Json($$"""
            {"kind":"StatefulSet","apiVersion":"apps/v1","metadata":{"name":"db","namespace":"shop","uid":"s","generation":{{generation}} },"spec":{{spec}},
             "status":{"observedGeneration":2,"updateRevision":"db-new","currentRevision":"db-new","readyReplicas":1} }
            """);
        return Views.Of(set, [], [Pod("db-0", "True", first), Pod("db-1", "False", otherwise)], [], Start.AddSeconds(seconds));
    }

    private static JsonObject Pod(string name, string ready, string otherwise)
    {
        var pod = Json($$"""
            {"kind":"Pod","apiVersion":"v1","metadata":{"name":"{{name}}","namespace":"shop","uid":"{{name}}","ownerReferences":[{"uid":"s"}],"labels":{"controller-revision-hash":"db-old"} },
             "spec":{"containers":[{"name":"c"}]},"status":{"phase":"Pending","startTime":"2026-01-01T00:00:00Z",
             "conditions":[{"type":"Ready","status":"{{ready}}","lastTransitionTime":"2026-01-01T00:00:00Z"}]} }
            """);
        foreach (var (part, fields) in Json(otherwise))
            foreach (var (field, value) in fields!.AsObject())
                pod[part]![field] = value?.DeepClone();
        return pod;
    }

    private static JsonObject Json(string json) => (JsonObject)JsonNode.Parse(json)!;
}
