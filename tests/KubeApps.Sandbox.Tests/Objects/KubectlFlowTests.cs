using System.Text.Json.Nodes;
using KubeApps.Sandbox.Api;
using KubeApps.Sandbox.Objects;
using static KubeApps.Sandbox.Tests.Objects.RecordedApi;

namespace KubeApps.Sandbox.Tests.Objects;

/// <summary>The writes that kubectl makes, one after the other, and what they leave in the managed fields.</summary>
public class KubectlFlowTests
{
    private const string LastApplied = "kubectl.kubernetes.io/last-applied-configuration";

    private readonly ObjectSemantics _semantics = new(new SchemaCatalog());

    [Fact]
    public void ServerSideApply_AfterClientSideApply_TakesOverItsOwnFields()
    {
        var applied = Parse("""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"c"},"data":{"a":"1"}}""");
        var created = (JsonObject)applied.DeepClone();
        created["metadata"]!["annotations"] = new JsonObject { [LastApplied] = applied.ToJsonString() };
        created["metadata"]!["uid"] = "1";
        var live = Write(ConfigMap, null, created, "kubectl-client-side-apply");
        var changed = (JsonObject)applied.DeepClone();
        changed["data"]!["a"] = "2";

        var result = Apply(ConfigMap, live, changed, "kubectl");

        Assert.Equal("2", (string)result["data"]!["a"]!);
        Assert.Contains("\"a\":\"2\"", (string)result["metadata"]!["annotations"]![LastApplied]!, StringComparison.Ordinal);
    }

    [Fact]
    public void ServerSideApply_OfAFieldThatSomebodyEditedMeanwhile_Conflicts()
    {
        var applied = Parse("""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"c"},"data":{"a":"1"}}""");
        var created = (JsonObject)applied.DeepClone();
        created["metadata"]!["annotations"] = new JsonObject { [LastApplied] = applied.ToJsonString() };
        created["metadata"]!["uid"] = "1";
        var live = Write(ConfigMap, null, created, "kubectl-client-side-apply");
        var edited = (JsonObject)live.DeepClone();
        edited["data"]!["a"] = "by hand";
        live = Write(ConfigMap, live, edited, "kubectl-edit");

        var refused = Assert.Throws<ApiStatusException>(() => Apply(ConfigMap, live, applied, "kubectl"));

        Assert.Equal("Apply failed with 1 conflict: conflict with \"kubectl-edit\" using v1: .data.a", refused.Message);
    }

    /// <summary>An autoscaler (or <c>kubectl scale</c>) owns the replicas through the subresource: an apply that leaves them out keeps them.</summary>
    [Fact]
    public void Scale_ThenApplyWithoutReplicas_KeepsTheScale()
    {
        var applied = Case("deployment, apply").Request!.AsObject();
        applied["spec"]!.AsObject().Remove("replicas");
        var live = Apply(Deployment, null, applied, "one");
        live["metadata"]!["uid"] = "1";
        var scaled = (JsonObject)live.DeepClone();
        scaled["spec"]!["replicas"] = 4;

        live = _semantics.UpdateManagedFields(Deployment, live, scaled, new Writer("kubectl", Start.AddSeconds(9), "scale"));
        var result = Apply(Deployment, live, applied, "one");

        Assert.Equal(4, (int)result["spec"]!["replicas"]!);
        var entry = ManagedFields(live).Single(entry => (string?)entry!["subresource"] == "scale")!;
        AssertSame(Parse("""{"f:spec":{"f:replicas":{}}}"""), entry["fieldsV1"]);
        Assert.Equal("Update", (string)entry["operation"]!);
        Assert.Null(entry["time"]);
    }

    [Fact]
    public void Scale_OfReplicasThatAreApplied_ConflictsNamesTheSubresource()
    {
        var applied = Case("deployment, apply").Request!.AsObject();
        var live = Apply(Deployment, null, applied, "one");
        live["metadata"]!["uid"] = "1";
        var scaled = (JsonObject)live.DeepClone();
        scaled["spec"]!["replicas"] = 4;
        live = _semantics.UpdateManagedFields(Deployment, live, scaled, new Writer("kubectl", Start, "scale"));

        var refused = Assert.Throws<ApiStatusException>(() => Apply(Deployment, live, applied, "one"));

        Assert.Equal("Apply failed with 1 conflict: conflict with \"kubectl\" with subresource \"scale\" using apps/v1: .spec.replicas", refused.Message);
    }

    /// <summary><c>kubectl set image</c> and <c>rollout restart</c> send strategic merge patches.</summary>
    [Fact]
    public void SetImageAndRestart_ChangeOnlyWhatTheyName()
    {
        var live = Case("deployment, apply a second port by another manager").Answer;

        var image = Patch(live, """{"spec":{"template":{"spec":{"$setElementOrder/containers":[{"name":"c"}],"containers":[{"name":"c","image":"new:2"}]}}}}""", "kubectl-set");
        var restarted = Patch(image, """{"spec":{"template":{"metadata":{"annotations":{"kubectl.kubernetes.io/restartedAt":"now"}}}}}""", "kubectl-rollout");

        var expected = (JsonObject)live["spec"]!.DeepClone();
        expected["template"]!["spec"]!["containers"]![0]!["image"] = "new:2";
        expected["template"]!["metadata"]!["annotations"] = new JsonObject { ["kubectl.kubernetes.io/restartedAt"] = "now" };
        AssertSame(expected, restarted["spec"]);
        AssertSame(
            Parse("""{"f:spec":{"f:template":{"f:spec":{"f:containers":{"k:{\"name\":\"c\"}":{"f:image":{}}}}}}}"""),
            ManagedFields(restarted).Single(entry => (string?)entry!["manager"] == "kubectl-set")!["fieldsV1"]);
        AssertSame(
            Parse("""{"f:spec":{"f:template":{"f:metadata":{"f:annotations":{".":{},"f:kubectl.kubernetes.io/restartedAt":{}}}}}}"""),
            ManagedFields(restarted).Single(entry => (string?)entry!["manager"] == "kubectl-rollout")!["fieldsV1"]);
        Assert.Equal(4, (int)_semantics.PrepareUpdate(Deployment, image, restarted)["metadata"]!["generation"]! + 1);
    }

    /// <summary><c>kubectl rollout undo</c> replaces the template with one JSON patch, of values that were read before.</summary>
    [Fact]
    public void RolloutUndo_ReplacesTheWholeTemplate()
    {
        var live = Case("deployment, apply a second port by another manager").Answer;
        var old = Case("deployment, apply").Answer["spec"]!["template"]!;
        var patch = new JsonArray(
            new JsonObject { ["op"] = "replace", ["path"] = "/spec/template", ["value"] = old.DeepClone() },
            new JsonObject { ["op"] = "replace", ["path"] = "/metadata/annotations", ["value"] = new JsonObject { ["deployment.kubernetes.io/revision"] = "1" } });

        var undone = _semantics.Patch(Deployment, live, PatchType.Json, Bytes(patch.ToJsonString()), FieldValidation.Strict).Object;

        AssertSame(old, undone["spec"]!["template"]);
    }

    [Fact]
    public void Edit_ThatEmptiesTheManagedFields_StopsTheBooksUntilTheNextApply()
    {
        var live = Case("deployment, apply").Answer;
        var reset = (JsonObject)live.DeepClone();
        reset["metadata"]!["managedFields"] = new JsonArray();
        reset["spec"]!["replicas"] = 3;

        var result = _semantics.UpdateManagedFields(Deployment, live, reset, new Writer("kubectl-edit", Start));

        Assert.Null(result["metadata"]!["managedFields"]);
    }

    [Fact]
    public void Updates_ByManyManagers_AreFoldedIntoAncientChanges()
    {
        JsonObject? live = null;
        for (var index = 0; index < 14; index++)
        {
            var next = live is null ? Parse("""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"c","uid":"1"},"data":{}}""") : (JsonObject)live.DeepClone();
            next["data"]![$"k{index}"] = "v";
            live = _semantics.UpdateManagedFields(ConfigMap, live, next, new Writer($"m{index:00}", Start.AddSeconds(index)));
        }

        var managers = ManagedFields(live!).Select(entry => (string)entry!["manager"]!).ToList();
        Assert.Equal(10, managers.Count);
        Assert.Equal("ancient-changes", managers[0]);
        Assert.Equal(14, ManagedFields(live!).Sum(entry => entry!["fieldsV1"]!["f:data"]!.AsObject().Count(pair => pair.Key != ".")));
    }

    [Theory]
    [InlineData("mine", "kubectl/v1.32", "mine")]
    [InlineData(null, "kubectl/v1.32 (linux/amd64)", "kubectl")]
    [InlineData("", "curl", "curl")]
    [InlineData(null, null, "unknown")]
    public void ManagerName_ComesFromTheRequestOrTheUserAgent(string? asked, string? agent, string name) =>
        Assert.Equal(name, ObjectSemantics.ManagerName(asked, agent));

    private JsonObject Apply(ResourceType type, JsonObject? live, JsonObject applied, string manager) =>
        _semantics.Apply(type, live, Bytes(applied.ToJsonString()), new Writer(manager, Start), false, FieldValidation.Strict).Object;

    private JsonObject Write(ResourceType type, JsonObject? live, JsonObject value, string manager) =>
        _semantics.UpdateManagedFields(type, live, _semantics.ApplyDefaults(type, value), new Writer(manager, Start));

    private JsonObject Patch(JsonObject live, string patch, string manager)
    {
        var patched = _semantics.Patch(Deployment, live, PatchType.Strategic, Bytes(patch), FieldValidation.Strict).Object;
        return _semantics.UpdateManagedFields(Deployment, live, _semantics.ApplyDefaults(Deployment, patched), new Writer(manager, Start.AddSeconds(9)));
    }
}
