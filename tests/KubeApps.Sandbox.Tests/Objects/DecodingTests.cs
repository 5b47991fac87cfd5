using System.Text.Json.Nodes;
using KubeApps.Sandbox.Api;
using KubeApps.Sandbox.Objects;
using static KubeApps.Sandbox.Tests.Objects.RecordedApi;

namespace KubeApps.Sandbox.Tests.Objects;

public class DecodingTests
{
    private readonly ObjectSemantics _semantics = new(new SchemaCatalog());

    [Theory]
    [InlineData("broken json")]
    [InlineData("wrong kind")]
    [InlineData("unknown field, strict")]
    public void Decode_RecordedMistake_IsRefusedAsRecorded(string what)
    {
        var recorded = Case(what);

        var refused = Assert.Throws<ApiStatusException>(() => _semantics.Decode(ConfigMap, recorded.Body, FieldValidation.Strict));

        AssertSame(recorded.Answer, refused.ToStatus());
    }

    [Fact]
    public void Decode_WrongTypeOfAField_IsRefusedAsRecorded()
    {
        var recorded = Case("deployment, wrong type of field");

        var refused = Assert.Throws<ApiStatusException>(() => _semantics.Decode(Deployment, recorded.Body, FieldValidation.Warn));

        AssertSame(recorded.Answer, refused.ToStatus());
    }

    [Fact]
    public void Decode_UnknownField_IsDroppedAndWarnedOf()
    {
        var decoded = _semantics.Decode(ConfigMap, Case("unknown field, warn").Body, FieldValidation.Warn);

        Assert.Equal(["unknown field \"bogus\""], decoded.Warnings);
        Assert.Null(decoded.Object["bogus"]);
    }

    [Fact]
    public void Decode_UnknownFieldIgnored_SaysNothing() =>
        Assert.Empty(_semantics.Decode(ConfigMap, Case("unknown field, warn").Body, FieldValidation.Ignore).Warnings);

    [Fact]
    public void Decode_UnknownAndDoubledFieldsDeepDown_AreNamedWithTheirPath()
    {
        var body = Bytes("""
            {"metadata":{"name":"d"},"spec":{"replicas":1,"replicas":2,"template":{"spec":{"containers":[{"name":"c","imagee":"x"}]}}}}
            """);

        var decoded = _semantics.Decode(Deployment, body, FieldValidation.Warn);

        Assert.Equal(["duplicate field \"spec.replicas\"", "unknown field \"spec.template.spec.containers[0].imagee\""], decoded.Warnings);
        Assert.Equal(2, (int)decoded.Object["spec"]!["replicas"]!);
    }

    [Theory]
    [InlineData("""{"spec":{"template":[]}}""", "json: cannot unmarshal array into Go struct field DeploymentSpec.spec.template of type v1.PodTemplateSpec")]
    [InlineData("""{"spec":{"replicas":1.5}}""", "json: cannot unmarshal number 1.5 into Go struct field DeploymentSpec.spec.replicas of type int32")]
    [InlineData("""{"spec":{"paused":"yes"}}""", "json: cannot unmarshal string into Go struct field DeploymentSpec.spec.paused of type bool")]
    [InlineData("""{"metadata":{"labels":{"a":1}}}""", "json: cannot unmarshal number into Go struct field ObjectMeta.metadata.labels of type string")]
    [InlineData("""{"spec":{"template":{"spec":{"containers":[{"resources":{"limits":{"cpu":"lots"}}}]}}}}""",
        "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'")]
    public void Decode_WrongType_SaysWhatAndWhere(string body, string message)
    {
        var refused = Assert.Throws<ApiStatusException>(() => _semantics.Decode(Deployment, Bytes(body), FieldValidation.Warn));

        Assert.Equal(400, refused.Code);
        Assert.Equal($"Deployment in version \"v1\" cannot be handled as a Deployment: {message}", refused.Message);
    }

    [Fact]
    public void Decode_WhatTheServersTypesCannotTellFromAbsent_IsGone()
    {
        var decoded = _semantics.Decode(Pod, Bytes("""
            {"metadata":{"name":"p","labels":{},"creationTimestamp":null},
             "spec":{"hostNetwork":false,"automountServiceAccountToken":false,"hostname":"","terminationGracePeriodSeconds":0,"volumes":[],
                     "containers":[{"name":"c","image":"i","args":[],"securityContext":{}}]}}
            """), FieldValidation.Strict).Object;

        AssertSame(Parse("""
            {"apiVersion":"v1","kind":"Pod","metadata":{"name":"p"},
             "spec":{"automountServiceAccountToken":false,"terminationGracePeriodSeconds":0,
                     "containers":[{"name":"c","image":"i","resources":{},"securityContext":{}}]},"status":{}}
            """), decoded);
    }

    [Theory]
    [InlineData("0.5", "500m")]
    [InlineData("1000m", "1")]
    [InlineData("1.5Gi", "1536Mi")]
    [InlineData("1024Mi", "1Gi")]
    [InlineData("1500Mi", "1500Mi")]
    [InlineData("0", "0")]
    [InlineData("1e3", "1e3")]
    [InlineData("128974848", "128974848")]
    [InlineData("129M", "129M")]
    [InlineData("100000k", "100M")]
    [InlineData("0.1n", "1n")]
    [InlineData("-1.5", "-1500m")]
    [InlineData(".5Gi", "512Mi")]
    public void Decode_Quantity_TakesItsCanonicalForm(string given, string canonical)
    {
        var decoded = _semantics.Decode(Quota, Bytes("""{"metadata":{"name":"q"},"spec":{"hard":{"memory":"GIVEN"}}}""".Replace("GIVEN", given, StringComparison.Ordinal)), FieldValidation.Strict);

        Assert.Equal(canonical, (string)decoded.Object["spec"]!["hard"]!["memory"]!);
    }

    [Fact]
    public void Decode_Numbers_CanBeReadAsIntAndAsLong()
    {
        var replicas = _semantics.Decode(Deployment, Bytes("""{"spec":{"replicas":100000}}"""), FieldValidation.Warn).Object["spec"]!["replicas"]!;

        Assert.Equal(100000, (int)replicas);
        Assert.Equal(100000L, (long)replicas);
    }

    [Fact]
    public void Decode_Times_AreWrittenInUtc()
    {
        var decoded = _semantics.Decode(Lease, Bytes("""{"metadata":{"name":"l","creationTimestamp":"2026-11-23T12:00:00+01:00"},"spec":{"renewTime":"2026-11-23T11:00:00.5Z"}}"""), FieldValidation.Strict);

        Assert.Equal("2026-11-23T11:00:00Z", (string)decoded.Object["metadata"]!["creationTimestamp"]!);
        Assert.Equal("2026-11-23T11:00:00.500000Z", (string)decoded.Object["spec"]!["renewTime"]!);
    }

    [Fact]
    public void Decode_NotBase64_NamesTheByte()
    {
        var refused = Assert.Throws<ApiStatusException>(() =>
            _semantics.Decode(Secret, Bytes("""{"metadata":{"name":"s"},"data":{"k":"ab%d"}}"""), FieldValidation.Warn));

        Assert.EndsWith("illegal base64 data at input byte 2", refused.Message);
    }

    [Fact]
    public void Find_EveryKindOfTheDocuments_HasASchema()
    {
        var schemas = new SchemaCatalog();
        foreach (var type in ResourceTypes.All)
        {
            if (SchemaCatalog.DocumentPaths.Contains(type.Group.Length == 0 ? $"api/{type.Version}" : $"apis/{type.Group}/{type.Version}"))
                Assert.True(schemas.Find(type) is not null, type.ToString());
        }
    }

    [Fact]
    public void Document_OfAGroupVersion_IsServedAsItIs()
    {
        Assert.Contains("apis/apps/v1", SchemaCatalog.DocumentPaths);

        var document = JsonNode.Parse(SchemaCatalog.Document("apis/apps/v1"))!;

        Assert.NotNull(document["components"]!["schemas"]!["io.k8s.api.apps.v1.Deployment"]);
        Assert.Null(SchemaCatalog.Document("apis/nope/v1"));
    }
}
