using System.Text.Json.Nodes;
using KubeApps.Sandbox.Api;
using KubeApps.Sandbox.Objects;
using static KubeApps.Sandbox.Tests.Objects.RecordedApi;

namespace KubeApps.Sandbox.Tests.Objects;

public class ValidationTests
{
    private readonly SchemaCatalog _schemas = new();
    private readonly ObjectSemantics _semantics;

    public ValidationTests() => _semantics = new ObjectSemantics(_schemas);

    public static TheoryData<string, string> RefusedCreations => new()
    {
        { "invalid name", "ConfigMap" },
        { "no body", "ConfigMap" },
        { "deployment, selector does not match", "Deployment" },
        { "deployment, several errors at once", "Deployment" },
        { "service, invalid", "Service" },
    };

    [Theory]
    [MemberData(nameof(RefusedCreations))]
    public void ValidateCreate_RecordedMistake_IsRefusedAsRecorded(string what, string kind)
    {
        var recorded = Case(what);

        var refused = Assert.Throws<ApiStatusException>(() => Create(TypeOf(kind), recorded.Body));

        Assert.Equal(recorded.Status, refused.Code);
        AssertSame(recorded.Answer, refused.ToStatus());
    }

    [Fact]
    public void ValidateUpdate_DeploymentSelector_IsImmutable()
    {
        var recorded = Case("deployment, selector changed");
        var live = Case("deployment, apply a second port by another manager").Answer;

        var refused = Assert.Throws<ApiStatusException>(() => Apply(Deployment, live, recorded));

        AssertSame(recorded.Answer, refused.ToStatus());
    }

    [Fact]
    public void ValidateUpdate_JobTemplate_IsImmutableAndShownAsTheServerDoes()
    {
        var recorded = Case("job, template changed");

        var refused = Assert.Throws<ApiStatusException>(() => Apply(Job, Case("job").Answer, recorded));

        AssertSame(recorded.Answer, refused.ToStatus());
    }

    [Fact]
    public void ValidateUpdate_ClusterIP_MayNotChange()
    {
        var recorded = Case("service, clusterIP changed");
        var live = Case("service").Answer;
        var patched = _semantics.ApplyDefaults(Service, _semantics.Patch(Service, live, PatchType.Merge, recorded.Body, FieldValidation.Warn).Object);

        var refused = Assert.Throws<ApiStatusException>(() =>
            _semantics.ValidateUpdate(Service, live, _semantics.PrepareUpdate(Service, live, patched)));

        AssertSame(recorded.Answer, refused.ToStatus());
    }

    [Fact]
    public void ValidateCreate_CustomObject_IsCheckedAgainstItsSchema()
    {
        _schemas.Define(Case("crd").Answer);
        var recorded = Case("custom object invalid");

        var refused = Assert.Throws<ApiStatusException>(() => Create(Widget, recorded.Body));

        AssertSame(recorded.Answer, refused.ToStatus());
    }

    public static TheoryData<string, string> WidgetMistakes => new()
    {
        { """{"spec":{}}""", "spec.size: Required value" },
        { """{"spec":{"size":"x"}}""", "spec.size: Invalid value: \"string\": spec.size in body must be of type integer: \"string\"" },
        { """{"spec":{"size":9}}""", "spec.size: Invalid value: 9: spec.size in body should be less than or equal to 5" },
        { """{"spec":{"size":1,"mode":"c"}}""", "spec.mode: Unsupported value: \"c\": supported values: \"a\", \"b\"" },
        { """{"spec":{"size":1,"code":"x"}}""", "spec.code: Invalid value: \"x\": spec.code in body should match '^[0-9]+$'" },
        { """{"spec":{"size":1,"tags":["a","b","c"]}}""", "spec.tags: Too many: 3: must have at most 2 items" },
    };

    [Theory]
    [MemberData(nameof(WidgetMistakes))]
    public void ValidateCreate_CustomObjectThatBreaksARule_NamesTheRule(string body, string message)
    {
        var definition = (JsonObject)Case("crd").Answer.DeepClone();
        definition["spec"]!["versions"]![0]!["schema"]!["openAPIV3Schema"] = Parse("""
            {"type":"object","properties":{"spec":{"type":"object","required":["size"],"properties":{
              "size":{"type":"integer","minimum":1,"maximum":5},"mode":{"type":"string","enum":["a","b"]},
              "code":{"type":"string","pattern":"^[0-9]+$"},"tags":{"type":"array","maxItems":2,"items":{"type":"string"}}}}}}
            """);
        _schemas.Define(definition);
        var value = Parse(body);
        value["metadata"] = new JsonObject { ["name"] = "w" };

        var refused = Assert.Throws<ApiStatusException>(() => Create(Widget, Bytes(value.ToJsonString())));

        Assert.Equal($"Widget.example.com \"w\" is invalid: {message}", refused.Message);
    }

    [Fact]
    public void Decode_CustomObject_IsPrunedAndDefaultedByItsSchema()
    {
        var definition = (JsonObject)Case("crd").Answer.DeepClone();
        definition["spec"]!["versions"]![0]!["schema"]!["openAPIV3Schema"] = Parse("""
            {"type":"object","properties":{"spec":{"type":"object","properties":{
              "mode":{"type":"string","default":"a"},"free":{"type":"object","x-kubernetes-preserve-unknown-fields":true},
              "template":{"type":"object","x-kubernetes-embedded-resource":true,"properties":{"spec":{"type":"object"}}},
              "port":{"x-kubernetes-int-or-string":true},"empty":{"type":"string"}}}}}
            """);
        _schemas.Define(definition);

        var decoded = _semantics.Decode(Widget, Bytes("""
            {"metadata":{"name":"w"},"spec":{"bogus":1,"free":{"x":{"y":1}},"template":{"kind":"Pod","metadata":{"name":"p"},"other":1},"port":"http","empty":""}}
            """), FieldValidation.Warn);

        Assert.Equal(["unknown field \"spec.bogus\"", "unknown field \"spec.template.other\""], decoded.Warnings);
        AssertSame(
            Parse("""{"mode":"a","free":{"x":{"y":1}},"template":{"kind":"Pod","metadata":{"name":"p"}},"port":"http","empty":""}"""),
            _semantics.ApplyDefaults(Widget, decoded.Object)["spec"]);
    }

    public static TheoryData<string, string> PodMistakes => new()
    {
        { """{}""", "spec.containers: Required value" },
        { """{"containers":[{"name":"c","image":"i"},{"name":"c","image":"i"}]}""", "spec.containers[1].name: Duplicate value: \"c\"" },
        { """{"containers":[{"name":"c","image":"i","volumeMounts":[{"name":"v","mountPath":"/v"}]}]}""", "spec.containers[0].volumeMounts[0].name: Not found: \"v\"" },
        { """{"containers":[{"name":"c","image":"i","readinessProbe":{}}]}""", "spec.containers[0].readinessProbe: Required value: must specify a handler type" },
        { """{"containers":[{"name":"c","image":"i","livenessProbe":{"tcpSocket":{"port":70000}}}]}""", "spec.containers[0].livenessProbe.tcpSocket.port: Invalid value: 70000: must be between 1 and 65535, inclusive" },
        { """{"containers":[{"name":"c","image":"i","env":[{"name":"A","valueFrom":{}}]}]}""", "spec.containers[0].env[0].valueFrom: Invalid value: \"\": must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`" },
        { """{"containers":[{"name":"c","image":"i","envFrom":[{"configMapRef":{}}]}]}""", "spec.containers[0].envFrom[0].configMapRef.name: Required value" },
        { """{"containers":[{"name":"c","image":"i","ports":[{"containerPort":80,"name":"THE-PORT"}]}]}""", "spec.containers[0].ports[0].name: Invalid value: \"THE-PORT\": must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)" },
        { """{"restartPolicy":"Sometimes","containers":[{"name":"c","image":"i"}]}""", "spec.restartPolicy: Unsupported value: \"Sometimes\": supported values: \"Always\", \"OnFailure\", \"Never\"" },
        { """{"containers":[{"name":"c","image":"i"}],"volumes":[{"name":"v","configMap":{}}]}""", "spec.volumes[0].configMap.name: Required value" },
    };

    [Theory]
    [MemberData(nameof(PodMistakes))]
    public void ValidateCreate_PodThatBreaksARule_NamesThePlace(string spec, string message)
    {
        var pod = new JsonObject { ["metadata"] = new JsonObject { ["name"] = "p" }, ["spec"] = Parse(spec) };

        var refused = Assert.Throws<ApiStatusException>(() => Create(Pod, Bytes(pod.ToJsonString())));

        Assert.Contains(message, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ValidateCreate_Labels_AreChecked()
    {
        var refused = Assert.Throws<ApiStatusException>(() =>
            Create(ConfigMap, Bytes("""{"metadata":{"name":"c","labels":{"a/b/c":"1","ok":"not ok"}}}""")));

        Assert.Equal(["metadata.labels", "metadata.labels"], refused.Details!["causes"]!.AsArray().Select(cause => (string)cause!["field"]!));
    }

    [Fact]
    public void ValidateUpdate_ImmutableConfigMap_KeepsItsData()
    {
        var live = Parse("""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"c","uid":"1"},"data":{"a":"1"},"immutable":true}""");
        var changed = (JsonObject)live.DeepClone();
        changed["data"]!["a"] = "2";

        var refused = Assert.Throws<ApiStatusException>(() => _semantics.ValidateUpdate(ConfigMap, live, changed));

        Assert.Equal("ConfigMap \"c\" is invalid: data: Forbidden: field is immutable when `immutable` is set", refused.Message);
    }

    [Fact]
    public void ValidateUpdate_PodSpec_OnlyTheImageMayChange()
    {
        var live = Load("failures.json")["good"]!["pods"]![0]!.DeepClone().AsObject();
        var image = (JsonObject)live.DeepClone();
        image["spec"]!["containers"]![0]!["image"] = "other:2";
        var command = (JsonObject)live.DeepClone();
        command["spec"]!["containers"]![0]!["command"] = new JsonArray("x");

        _semantics.ValidateUpdate(Pod, live, image);
        var refused = Assert.Throws<ApiStatusException>(() => _semantics.ValidateUpdate(Pod, live, command));

        Assert.Contains("pod updates may not change fields other than", refused.Message, StringComparison.Ordinal);
    }

    public static TheoryData<string> ValidWorkloads =>
        [.. Load("failures.json").AsObject().Select(pair => pair.Key)];

    [Theory]
    [MemberData(nameof(ValidWorkloads))]
    public void Validate_RecordedObjects_AreValid(string name)
    {
        var recorded = Load("failures.json")[name]!;
        foreach (var (key, type) in (ReadOnlySpan<(string, ResourceType)>)[("deployment", Deployment), ("job", Job)])
        {
            if (recorded[key] is not JsonObject workload)
                continue;
            _semantics.ValidateCreate(type, workload);
            _semantics.ValidateUpdate(type, workload, workload);
        }

        foreach (var pod in recorded["pods"]!.AsArray())
            _semantics.ValidateCreate(Pod, pod!.AsObject());
    }

    private void Create(ResourceType type, byte[] body)
    {
        var value = _semantics.ApplyDefaults(type, _semantics.Decode(type, body, FieldValidation.Warn).Object);
        if (value["metadata"] is JsonObject metadata)
            metadata["uid"] = "1";
        _semantics.ValidateCreate(type, _semantics.PrepareCreate(type, value));
    }

    private void Apply(ResourceType type, JsonObject live, RecordedCase recorded)
    {
        var applied = _semantics.Apply(type, live, recorded.Body, new Writer("one", Start), true, FieldValidation.Warn).Object;
        _semantics.ValidateUpdate(type, live, _semantics.PrepareUpdate(type, live, applied));
    }

    private static ResourceType TypeOf(string kind) => kind switch
    {
        "ConfigMap" => ConfigMap,
        "Service" => Service,
        _ => Deployment,
    };
}
