using System.Text.Json.Nodes;
using KubeApps.Sandbox.Api;
using KubeApps.Sandbox.Objects;
using static KubeApps.Sandbox.Tests.Objects.RecordedApi;

namespace KubeApps.Sandbox.Tests.Objects;

public class ServerSideApplyTests
{
    private readonly ObjectSemantics _semantics = new(new SchemaCatalog());

    [Fact]
    public void Apply_NewObject_ManagesWhatWasApplied()
    {
        var recorded = Case("apply creates");

        var applied = Apply(ConfigMap, null, recorded, "one", 1);

        AssertSame(recorded.Answer["metadata"]!["managedFields"], applied["metadata"]!["managedFields"]);
        AssertSame(recorded.Answer["data"], applied["data"]);
    }

    [Fact]
    public void Apply_TheSameAgain_ChangesNothingNotEvenTheTime()
    {
        var live = Case("apply creates").Answer;

        var applied = Apply(ConfigMap, live, Case("apply again, no change"), "one", 60);

        AssertSame(live, applied);
    }

    [Fact]
    public void Apply_SameValueByAnother_IsSharedAndHasNoTime()
    {
        var recorded = Case("apply by another manager, same value: shared");

        var applied = Apply(ConfigMap, Case("apply again, no change").Answer, recorded, "two", 1);

        AssertSame(recorded.Answer["metadata"]!["managedFields"], applied["metadata"]!["managedFields"]);
    }

    [Fact]
    public void Apply_OtherValueOfAnothersField_ConflictsAndNamesBoth()
    {
        var recorded = Case("apply by another manager, conflict");
        var live = Case("apply by another manager, same value: shared").Answer;

        var refused = Assert.Throws<ApiStatusException>(() => Apply(ConfigMap, live, recorded, "two", 1));

        Assert.Equal(recorded.Status, refused.Code);
        AssertSame(recorded.Answer, refused.ToStatus());
    }

    [Fact]
    public void Apply_Forced_TakesTheField()
    {
        var recorded = Case("apply by another manager, forced");
        var live = Case("apply by another manager, same value: shared").Answer;

        var applied = Apply(ConfigMap, live, recorded, "two", 2, force: true);

        AssertSame(recorded.Answer["metadata"]!["managedFields"], applied["metadata"]!["managedFields"]);
        AssertSame(recorded.Answer["data"], applied["data"]);
    }

    [Fact]
    public void Apply_WithoutAFieldThatItAloneManaged_RemovesTheField()
    {
        var recorded = Case("apply drops a field that it alone owned");

        var applied = Apply(ConfigMap, Case("apply by another manager, forced").Answer, recorded, "two", 2);

        AssertSame(recorded.Answer["metadata"]!["managedFields"], applied["metadata"]!["managedFields"]);
        AssertSame(recorded.Answer["data"], applied["data"]);
    }

    [Theory]
    [InlineData("apply unknown field, strict")]
    [InlineData("apply with managedFields set")]
    public void Apply_WrongConfiguration_IsRefusedAsRecorded(string what)
    {
        var recorded = Case(what);

        var refused = Assert.Throws<ApiStatusException>(() => Apply(ConfigMap, Case("apply drops a field that it alone owned").Answer, recorded, "one", 1));

        Assert.Equal(recorded.Status, refused.Code);
        AssertSame(recorded.Answer, refused.ToStatus());
    }

    [Fact]
    public void Apply_Deployment_ManagesWhatWasAppliedAndDefaultKeys()
    {
        var recorded = Case("deployment, apply");

        var applied = Apply(Deployment, null, recorded, "one", 2);

        AssertSame(recorded.Answer["metadata"]!["managedFields"], applied["metadata"]!["managedFields"]);
    }

    [Fact]
    public void Apply_PartOfADeploymentByAnother_MergesListsByTheirKeys()
    {
        var recorded = Case("deployment, apply a second port by another manager");
        var live = Case("deployment, apply").Answer;

        var applied = Apply(Deployment, live, recorded, "two", 2);

        AssertSame(recorded.Answer["spec"], applied["spec"]);
        AssertSame(new JsonArray([.. ManagedFields(recorded.Answer).Take(2).Select(entry => entry!.DeepClone())]), ManagedFields(applied));
    }

    [Fact]
    public void Apply_ImageOfAnothersContainer_ConflictNamesThePath()
    {
        var recorded = Case("deployment, apply image by another manager: conflict");
        var live = Case("deployment, apply a second port by another manager").Answer;

        var refused = Assert.Throws<ApiStatusException>(() => Apply(Deployment, live, recorded, "two", 2));

        AssertSame(recorded.Answer, refused.ToStatus());
    }

    [Fact]
    public void Apply_OnAnObjectWithoutBooks_LeavesTheRestToBeforeFirstApply()
    {
        var live = Parse("""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"c","uid":"1"},"data":{"a":"1","b":"2"}}""");

        var applied = Apply(ConfigMap, live, """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"c"},"data":{"a":"1"}}""", "one", 1);

        Assert.Equal(["one", "before-first-apply"], ManagedFields(applied).Select(entry => (string)entry!["manager"]!));
        AssertSame(Parse("""{"f:data":{".":{},"f:a":{},"f:b":{}}}"""), ManagedFields(applied)[1]!["fieldsV1"]);
    }

    [Fact]
    public void Apply_SeveralConflicts_AreListedByManager()
    {
        var live = Apply(ConfigMap, null, """{"metadata":{"name":"c"},"data":{"a":"1","b":"2"}}""", "one", 1);

        var refused = Assert.Throws<ApiStatusException>(() =>
            Apply(ConfigMap, live, """{"metadata":{"name":"c"},"data":{"a":"x","b":"y"}}""", "two", 1));

        Assert.Equal("Apply failed with 2 conflicts: conflicts with \"one\":\n- .data.a\n- .data.b", refused.Message);
    }

    [Fact]
    public void Apply_FieldOfAPlainWriter_ConflictNamesItsVersion()
    {
        var live = _semantics.UpdateManagedFields(
            ConfigMap, null, Parse("""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"c"},"data":{"a":"1"}}"""), new Writer("kubectl-edit", Start));
        live["metadata"]!["uid"] = "1";

        var refused = Assert.Throws<ApiStatusException>(() => Apply(ConfigMap, live, """{"metadata":{"name":"c"},"data":{"a":"2"}}""", "one", 1));

        Assert.Equal("Apply failed with 1 conflict: conflict with \"kubectl-edit\" using v1: .data.a", refused.Message);
    }

    [Fact]
    public void Apply_CustomObject_IsRecordedAsTheServerDoes()
    {
        var schemas = new SchemaCatalog();
        schemas.Define(Case("crd").Answer);
        var recorded = Case("custom object");

        var applied = new ObjectSemantics(schemas)
            .Apply(Widget, null, recorded.Body, new Writer("one", Start.AddSeconds(10)), false, FieldValidation.Warn).Object;

        AssertSame(recorded.Answer["metadata"]!["managedFields"], applied["metadata"]!["managedFields"]);
        AssertSame(recorded.Answer["spec"], applied["spec"]);
    }

    private JsonObject Apply(ResourceType type, JsonObject? live, RecordedCase recorded, string manager, int seconds, bool force = false) =>
        _semantics.Apply(type, live, recorded.Body, new Writer(manager, Start.AddSeconds(seconds)), force, FieldValidation.Warn).Object;

    private JsonObject Apply(ResourceType type, JsonObject? live, string body, string manager, int seconds) =>
        _semantics.Apply(type, live, Bytes(body), new Writer(manager, Start.AddSeconds(seconds)), false, FieldValidation.Warn).Object;
}
