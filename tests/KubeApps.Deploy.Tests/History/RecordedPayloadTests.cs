using System.Text.Json;
using KubeApps.Deploy.History;

namespace KubeApps.Deploy.Tests.History;

public sealed class RecordedPayloadTests
{
    [Fact]
    public void Read_PayloadOfOurs_HasAllParts()
    {
        var payload = Read(Recorded.Payload(7))!;

        Assert.Equal(("shop", "prod", "shop-prod", "uid-7", 7), (payload.App, payload.Environment, payload.Namespace, payload.Rollout, payload.Revision));
        Assert.Equal(("rolling", "cluster-1", "joe", "https://example.com/run/2"), (payload.Strategy, payload.ClusterUid, payload.Actor, payload.RunUrl));
        Assert.Equal(("oci://registry.example.com/shop@sha256:11", "web"), (payload.Bundle, Assert.Single(payload.Images).Container));
    }

    [Fact]
    public void Read_PayloadOfOursAsText_IsTheSame() => Assert.Equal("uid-7", Read(JsonSerializer.Serialize(Recorded.Payload(7)))?.Rollout);

    // All made up. Recorded ones of other tools are objects and texts (Recorded/github-deployments.json); of numbers, lists, truth values and null there is none.
    [Theory]
    [InlineData("null")]
    [InlineData("\"\"")]
    [InlineData("\"{}\"")]
    [InlineData("\"kubeapps.dev/deployment/v1\"")]
    [InlineData("12")]
    [InlineData("[1,{\"app\":\"shop\"}]")]
    [InlineData("true")]
    [InlineData("{}")]
    [InlineData("{\"app\":\"shop\",\"environment\":\"prod\"}")]
    [InlineData("{\"schema\":\"kubeapps.dev/deployment/v1\",\"app\":12,\"environment\":\"prod\"}")]
    public void Read_PayloadOfAnotherTool_IsNone(string payload) => Assert.Null(Read(payload));

    [Fact]
    public void Read_PartsOfOtherShapes_AreLeftOut()
    {
        var payload = Read(
            """
            {"schema":"kubeapps.dev/deployment/v9","app":"shop","environment":"prod","rollout":{"a":1},"revision":"seven","images":[1,{"image":2},{"image":"i"},null],
             "bundle":[],"cluster":"prod","actor":null,"run":7,"restores":99999999999}
            """)!;

        Assert.Equal(("shop", null, null, null), (payload.App, payload.Rollout, payload.Revision, payload.Restores));
        Assert.Equal("i", Assert.Single(payload.Images).Image);
        Assert.Null(payload.ClusterUid ?? payload.Bundle ?? payload.Actor ?? payload.RunUrl);
    }

    private static RecordedPayload? Read(string json) => RecordedPayload.Read(JsonDocument.Parse(json).RootElement);
}
