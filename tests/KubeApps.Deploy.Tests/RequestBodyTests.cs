using System.Text;
using System.Text.Json.Nodes;
using KubeApps.Deploy.Api;

namespace KubeApps.Deploy.Tests;

/// <summary>What is sent: any JSON, in no more bytes than it needs.</summary>
public sealed class RequestBodyTests
{
    [Theory]
    [InlineData("""{"a":{"b":[1,2.50,true,null,"x"],"c":{}},"d":[],"e":null,"f":"\"\\\n\t\u0001<>&+'"}""")]
    [InlineData("[]")]
    [InlineData("\"text\"")]
    public void Of_AnyJson_ReadsAsTheSame(string json)
    {
        var body = JsonNode.Parse(json)!;

        Assert.True(JsonNode.DeepEquals(body, JsonNode.Parse(RequestBody.Of(body).Span)));
    }

    [Fact]
    public void Of_ValuesThatWereNeverJson_ReadsAsTheSame()
    {
        var body = new JsonObject { ["text"] = "a", ["number"] = 7, ["large"] = 5_000_000_000, ["yes"] = true, ["list"] = new JsonArray(1, "b") };

        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(body.ToJsonString()), JsonNode.Parse(RequestBody.Of(body).Span)));
    }

    // Longer than the pieces in which it is written, which end within each of its characters once.
    [Fact]
    public void Of_ALongText_ReadsAsTheSameWhereverItWasCut()
    {
        for (var shift = 0; shift < 7; shift++)
        {
            var text = new string('x', shift) + string.Concat(Enumerable.Repeat("{\"😀é\"}", 3000));

            var sent = RequestBody.Of(new JsonObject { ["data"] = new JsonObject { ["objects"] = text } });

            Assert.Equal(text, (string?)JsonNode.Parse(sent.Span)!["data"]!["objects"]);
        }
    }

    [Fact]
    public void Of_JsonWithinAText_IsEscapedNoMoreThanItMustBe()
    {
        var sent = Encoding.UTF8.GetString(RequestBody.Of(new JsonObject { ["objects"] = """[{"name":"<web>+é"}]""" }).Span);

        Assert.Equal("""{"objects":"[{\"name\":\"<web>+é\"}]"}""", sent);
    }
}
