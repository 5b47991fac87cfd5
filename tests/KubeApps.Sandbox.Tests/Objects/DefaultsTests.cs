using System.Text.Json.Nodes;
using KubeApps.Sandbox.Api;
using KubeApps.Sandbox.Objects;
using static KubeApps.Sandbox.Tests.Objects.RecordedApi;

namespace KubeApps.Sandbox.Tests.Objects;

public class DefaultsTests
{
    private readonly ObjectSemantics _semantics = new(new SchemaCatalog());

    public static TheoryData<string> CreatedKinds =>
        ["create namespace", "deployment, apply", "service", "hpa v2", "pdb", "lease", "quota", "generateName", "finalizer: create", "crd"];

    /// <summary>Only what is filled in later, by allocation and by the strategy of the kind, may be missing.</summary>
    [Theory]
    [MemberData(nameof(CreatedKinds))]
    public void ApplyDefaults_RecordedRequest_GivesTheRecordedSpec(string what)
    {
        var recorded = Case(what);
        var type = TypeOf(recorded.Answer);

        var value = _semantics.ApplyDefaults(type, _semantics.Decode(type, recorded.Body, FieldValidation.Strict).Object);

        var expected = (JsonObject)(recorded.Answer["spec"]?.DeepClone() ?? new JsonObject());
        foreach (var later in (string[])["clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy", "finalizers"])
            expected.Remove(later);
        AssertSame(expected, value["spec"] ?? new JsonObject());
    }

    public static TheoryData<string> CreatedWithPlainWrites =>
        ["create namespace", "create", "generateName", "service", "job", "quota", "hpa v2", "pdb", "lease", "finalizer: create", "crd"];

    [Theory]
    [MemberData(nameof(CreatedWithPlainWrites))]
    public void UpdateManagedFields_RecordedCreation_ManagesWhatWasSentAndDefaulted(string what)
    {
        var recorded = Case(what);
        var type = TypeOf(recorded.Answer);
        var defaulted = _semantics.ApplyDefaults(type, _semantics.Decode(type, recorded.Body, FieldValidation.Strict).Object);

        var value = _semantics.UpdateManagedFields(type, null, defaulted, new Writer("unknown", Start));

        AssertSame(ManagedFields(recorded.Answer)[0]!["fieldsV1"], ManagedFields(value)[0]!["fieldsV1"]);
    }

    public static TheoryData<string> Workloads =>
        [.. Load("failures.json").AsObject().Where(pair => pair.Value!["deployment"] is not null || pair.Value!["job"] is not null).Select(pair => pair.Key)];

    [Theory]
    [MemberData(nameof(Workloads))]
    public void DecodeAndApplyDefaults_RecordedObject_ChangesNothing(string name)
    {
        var recorded = Load("failures.json")[name]!;
        foreach (var value in (JsonNode?[])[recorded["deployment"], recorded["job"]])
        {
            if (value is not JsonObject workload)
                continue;
            var type = TypeOf(workload);
            var decoded = _semantics.Decode(type, Bytes(workload.ToJsonString()), FieldValidation.Strict).Object;
            AssertSame(workload, _semantics.ApplyDefaults(type, decoded));
        }

        foreach (var pod in recorded["pods"]!.AsArray())
        {
            var whole = pod!.DeepClone().AsObject();
            whole["apiVersion"] = "v1";
            whole["kind"] = "Pod";
            var decoded = _semantics.Decode(Pod, Bytes(whole.ToJsonString()), FieldValidation.Strict).Object;
            AssertSame(whole, _semantics.ApplyDefaults(Pod, decoded));
        }
    }

    [Theory]
    [InlineData("web", "Always")]
    [InlineData("web:latest", "Always")]
    [InlineData("web:1", "IfNotPresent")]
    [InlineData("localhost:5000/web", "Always")]
    [InlineData("localhost:5000/web@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", "IfNotPresent")]
    [InlineData("web:latest@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", "Always")]
    public void ApplyDefaults_Image_DecidesThePullPolicy(string image, string policy)
    {
        var pod = Parse($$$"""{"metadata":{"name":"p"},"spec":{"containers":[{"name":"c","image":"{{{image}}}"}]}}""");

        var value = _semantics.ApplyDefaults(Pod, pod);

        Assert.Equal(policy, (string)value["spec"]!["containers"]![0]!["imagePullPolicy"]!);
    }

    [Fact]
    public void ApplyDefaults_Probes_GetTheirTimesAndPath()
    {
        var pod = Parse("""{"metadata":{"name":"p"},"spec":{"containers":[{"name":"c","image":"i:1","readinessProbe":{"httpGet":{"port":80}}}]}}""");

        var value = _semantics.ApplyDefaults(Pod, pod);

        AssertSame(
            Parse("""{"httpGet":{"path":"/","port":80,"scheme":"HTTP"},"timeoutSeconds":1,"periodSeconds":10,"successThreshold":1,"failureThreshold":3}"""),
            value["spec"]!["containers"]![0]!["readinessProbe"]);
    }

    [Fact]
    public void ApplyDefaults_PlainSecretData_IsEncodedAndWins()
    {
        var secret = Parse("""{"metadata":{"name":"s"},"data":{"a":"eA==","b":"eA=="},"stringData":{"a":"new"}}""");

        var value = _semantics.ApplyDefaults(Secret, secret);

        AssertSame(Parse("""{"a":"bmV3","b":"eA=="}"""), value["data"]);
        Assert.Null(value["stringData"]);
        Assert.Equal("Opaque", (string)value["type"]!);
    }

    [Fact]
    public void ApplyDefaults_DoesNotTouchWhatItGets()
    {
        var service = Parse("""{"metadata":{"name":"s"},"spec":{"ports":[{"port":80}]}}""");
        var before = service.DeepClone();

        _semantics.ApplyDefaults(Service, service);

        AssertSame(before, service);
    }

    private static ResourceType TypeOf(JsonObject value) => (string)value["kind"]! switch
    {
        "Namespace" => RecordedApi.Namespace,
        "ConfigMap" => ConfigMap,
        "Deployment" => Deployment,
        "Service" => Service,
        "Job" => Job,
        "ResourceQuota" => Quota,
        "HorizontalPodAutoscaler" => Autoscaler,
        "PodDisruptionBudget" => DisruptionBudget,
        "Lease" => Lease,
        _ => Definition,
    };
}
