using System.Text.Json.Nodes;
using KubeApps.Sandbox.Api;
using KubeApps.Sandbox.Objects;
using static KubeApps.Sandbox.Tests.Objects.RecordedApi;

namespace KubeApps.Sandbox.Tests.Objects;

public class PatchTests
{
    private static readonly JsonObject Web = Parse("""
        {"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web","finalizers":["a/x","b/y"]},
         "spec":{"selector":{"matchLabels":{"app":"web"}},"strategy":{"type":"RollingUpdate","rollingUpdate":{"maxSurge":1}},
          "template":{"metadata":{"labels":{"app":"web"}},
           "spec":{"containers":[
             {"name":"web","image":"web:1","env":[{"name":"A","value":"1"},{"name":"B","value":"2"}],"args":["x"],"ports":[{"containerPort":80,"protocol":"TCP"}]},
             {"name":"side","image":"side:1"}],
            "volumes":[{"name":"v","emptyDir":{}}]}}}}
        """);

    private readonly ObjectSemantics _semantics = new(new SchemaCatalog());

    [Fact]
    public void Patch_RecordedMergePatch_GivesTheRecordedObject()
    {
        var recorded = Case("merge patch");

        var patched = Write(ConfigMap, Case("label selector").Answer["items"]![0]!, PatchType.Merge, recorded, 2);

        AssertSame(recorded.Answer["data"], patched["data"]);
        AssertSame(recorded.Answer["metadata"]!["managedFields"], patched["metadata"]!["managedFields"]);
    }

    [Fact]
    public void Patch_RecordedJsonPatch_GivesTheRecordedObject()
    {
        var recorded = Case("json patch");

        var patched = Write(ConfigMap, Case("merge patch").Answer, PatchType.Json, recorded, 2);

        AssertSame(recorded.Answer["data"], patched["data"]);
        AssertSame(recorded.Answer["metadata"]!["managedFields"], patched["metadata"]!["managedFields"]);
    }

    [Fact]
    public void Patch_FailingTest_IsRefusedAsRecorded()
    {
        var recorded = Case("json patch, failing test");

        var refused = Assert.Throws<ApiStatusException>(() => _semantics.Patch(ConfigMap, Case("merge patch").Answer, PatchType.Json, recorded.Body, FieldValidation.Warn));

        AssertSame(recorded.Answer, refused.ToStatus());
    }

    [Fact]
    public void Patch_RecordedStrategicMergePatch_GivesTheRecordedObject()
    {
        var recorded = Case("deployment, strategic merge patch");
        var live = Case("deployment, apply a second port by another manager").Answer;
        // What happened in between: the controller noted a new revision.
        foreach (var name in (string[])["status", "metadata"])
            live[name] = recorded.Answer[name]!.DeepClone();
        ManagedFields(live).RemoveAt(3);

        var patched = Write(Deployment, live, PatchType.Strategic, recorded, 2);

        AssertSame(recorded.Answer["spec"], patched["spec"]);
        AssertSame(recorded.Answer["metadata"]!["managedFields"], patched["metadata"]!["managedFields"]);
    }

    [Fact]
    public void Patch_FinalizersTakenAway_LeavesNoManagers()
    {
        var recorded = Case("finalizer: removed");

        var patched = Write(ConfigMap, Case("finalizer: still there").Answer, PatchType.Merge, recorded, 6);

        AssertSame(recorded.Answer, patched);
    }

    [Fact]
    public void Strategic_ListItem_IsMergedByItsKey() =>
        Assert.Equal("web:2", (string)Containers("""{"spec":{"template":{"spec":{"containers":[{"name":"web","image":"web:2"}]}}}}""")[0]!["image"]!);

    [Fact]
    public void Strategic_DeleteDirective_RemovesTheItem() =>
        Assert.Equal(["web"], Names(Containers("""{"spec":{"template":{"spec":{"containers":[{"name":"side","$patch":"delete"}]}}}}""")));

    [Fact]
    public void Strategic_ReplaceDirective_ReplacesTheList() =>
        Assert.Equal(["new"], Names(Containers("""{"spec":{"template":{"spec":{"containers":[{"$patch":"replace"},{"name":"new","image":"n:1"}]}}}}""")));

    [Fact]
    public void Strategic_SetElementOrder_OrdersTheList() =>
        Assert.Equal(["side", "web"], Names(Containers(
            """{"spec":{"template":{"spec":{"$setElementOrder/containers":[{"name":"side"},{"name":"web"}],"containers":[{"name":"web","image":"web:2"}]}}}}""")));

    [Fact]
    public void Strategic_RetainKeys_DropsTheOthers()
    {
        var patched = Strategic("""{"spec":{"strategy":{"$retainKeys":["type"],"type":"Recreate"}}}""");

        AssertSame(Parse("""{"type":"Recreate"}"""), patched["spec"]!["strategy"]);
    }

    [Fact]
    public void Strategic_DeleteFromPrimitiveList_RemovesTheValue()
    {
        var patched = Strategic("""{"metadata":{"$deleteFromPrimitiveList/finalizers":["a/x"],"$setElementOrder/finalizers":["b/y"]}}""");

        AssertSame(new JsonArray("b/y"), patched["metadata"]!["finalizers"]);
    }

    [Fact]
    public void Strategic_PlainList_IsReplaced() =>
        AssertSame(new JsonArray("y"), Containers("""{"spec":{"template":{"spec":{"containers":[{"name":"web","args":["y"]}]}}}}""")[0]!["args"]);

    [Fact]
    public void Strategic_Null_RemovesTheField() =>
        Assert.Null(Containers("""{"spec":{"template":{"spec":{"containers":[{"name":"web","args":null}]}}}}""")[0]!["args"]);

    [Fact]
    public void Strategic_ItemWithoutItsKey_IsRefused() =>
        Assert.Equal(422, Assert.Throws<ApiStatusException>(() => Strategic("""{"spec":{"template":{"spec":{"containers":[{"image":"x"}]}}}}""")).Code);

    [Fact]
    public void Strategic_CustomObject_IsNotSupported()
    {
        var schemas = new SchemaCatalog();
        schemas.Define(Case("crd").Answer);

        var refused = Assert.Throws<ApiStatusException>(() =>
            new ObjectSemantics(schemas).Patch(Widget, Case("custom object").Answer, PatchType.Strategic, Bytes("{}"), FieldValidation.Warn));

        Assert.Equal(415, refused.Code);
    }

    [Theory]
    [InlineData("""[{"op":"add","path":"/spec/template/spec/containers/0/args/-","value":"y"}]""", """["x","y"]""")]
    [InlineData("""[{"op":"add","path":"/spec/template/spec/containers/0/args/0","value":"y"}]""", """["y","x"]""")]
    [InlineData("""[{"op":"replace","path":"/spec/template/spec/containers/0/args/0","value":"y"}]""", """["y"]""")]
    [InlineData("""[{"op":"copy","from":"/spec/template/spec/containers/0/args/0","path":"/spec/template/spec/containers/0/args/1"}]""", """["x","x"]""")]
    [InlineData("""[{"op":"replace","path":"/spec/template/spec/containers/0/args","value":["a"]},{"op":"add","path":"/spec/template/spec/containers/0/args/-1","value":"b"}]""", """["a","b"]""")]
    public void Json_Operations_DoWhatTheySay(string patch, string args)
    {
        var patched = _semantics.Patch(Deployment, Web, PatchType.Json, Bytes(patch), FieldValidation.Strict).Object;

        AssertSame(JsonNode.Parse(args), patched["spec"]!["template"]!["spec"]!["containers"]![0]!["args"]);
    }

    [Theory]
    [InlineData("""[{"op":"remove","path":"/metadata/nope"}]""")]
    [InlineData("""[{"op":"replace","path":"/metadata/nope","value":1}]""")]
    [InlineData("""[{"op":"add","path":"/nope/nope","value":1}]""")]
    [InlineData("""[{"op":"add","path":"/metadata/finalizers/7","value":"x"}]""")]
    [InlineData("""[{"op":"mend","path":"/metadata"}]""")]
    public void Json_ImpossibleOperation_IsRefused(string patch) =>
        Assert.Equal(422, Assert.Throws<ApiStatusException>(() => _semantics.Patch(Deployment, Web, PatchType.Json, Bytes(patch), FieldValidation.Warn)).Code);

    [Theory]
    [InlineData(nameof(PatchType.Merge), "[]")]
    [InlineData(nameof(PatchType.Merge), "{")]
    [InlineData(nameof(PatchType.Json), "{}")]
    [InlineData(nameof(PatchType.Strategic), "nonsense")]
    public void Patch_NotAPatch_IsABadRequest(string kind, string body) =>
        Assert.Equal(400, Assert.Throws<ApiStatusException>(() => _semantics.Patch(Deployment, Web, Enum.Parse<PatchType>(kind), Bytes(body), FieldValidation.Warn)).Code);

    [Fact]
    public void Patch_UnknownFieldStrictly_IsRefusedAsInvalidPatch()
    {
        var refused = Assert.Throws<ApiStatusException>(() =>
            _semantics.Patch(Deployment, Web, PatchType.Strategic, Bytes("""{"spec":{"bogus":1}}"""), FieldValidation.Strict));

        Assert.Equal(422, refused.Code);
        Assert.Equal(" \"\" is invalid: patch: Invalid value: \"map[spec:map[bogus:1]]\": strict decoding error: unknown field \"spec.bogus\"", refused.Message);
    }

    [Theory]
    [InlineData("""{"spec":{"replicas":"x"}}""", "unrecognized type: int32")]
    [InlineData("""{"spec":{"template":"x"}}""", "cannot restore struct from: string")]
    [InlineData("""{"metadata":{"labels":{"a":1}}}""", "cannot convert int64 to string")]
    public void Strategic_WrongType_IsRefusedInTheWordsOfTheConversion(string patch, string message)
    {
        var refused = Assert.Throws<ApiStatusException>(() => Strategic(patch));

        Assert.Equal(422, refused.Code);
        Assert.EndsWith(message, refused.Message, StringComparison.Ordinal);
    }

    /// <summary>RFC 7386: an empty patch is neutral, and a patch carried out twice is as good as once.</summary>
    [Theory]
    [InlineData("""{"metadata":{"labels":{"a":"1"}}}""")]
    [InlineData("""{"spec":{"strategy":null}}""")]
    [InlineData("""{"spec":{"template":{"spec":{"containers":[]}}}}""")]
    public void Merge_Twice_IsAsGoodAsOnce(string patch)
    {
        var once = Merge(Web, patch);

        AssertSame(once, Merge(once, patch));
        AssertSame(Merge(Web, "{}"), Merge(Merge(Web, "{}"), "{}"));
    }

    private JsonObject Merge(JsonObject live, string patch) => _semantics.Patch(Deployment, live, PatchType.Merge, Bytes(patch), FieldValidation.Strict).Object;

    private JsonObject Strategic(string patch) => _semantics.Patch(Deployment, Web, PatchType.Strategic, Bytes(patch), FieldValidation.Strict).Object;

    private JsonArray Containers(string patch) => Strategic(patch)["spec"]!["template"]!["spec"]!["containers"]!.AsArray();

    private static IEnumerable<string> Names(JsonArray items) => items.Select(item => (string)item!["name"]!);

    private JsonObject Write(ResourceType type, JsonNode live, PatchType kind, RecordedCase recorded, int seconds)
    {
        var patched = _semantics.Patch(type, live.AsObject(), kind, recorded.Body, FieldValidation.Warn).Object;
        return _semantics.UpdateManagedFields(type, live.AsObject(), _semantics.ApplyDefaults(type, patched), new Writer("unknown", Start.AddSeconds(seconds)));
    }
}
