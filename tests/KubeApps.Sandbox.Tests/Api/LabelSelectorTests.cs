using System.Text.Json.Nodes;
using KubeApps.Sandbox.Api.Selectors;

namespace KubeApps.Sandbox.Tests.Api;

/// <summary>The selectors of objects; those of queries are tested with the lists that they select from.</summary>
public sealed class LabelSelectorTests
{
    private const string Both =
        """{"matchLabels":{"tier":"front","app":"web"},"matchExpressions":[{"key":"canary","operator":"DoesNotExist"},{"key":"size","operator":"In","values":["s","m"]}]}""";

    [Fact]
    public void FromObject_AsText_IsInOrderOfItsKeys() =>
        Assert.Equal("app=web,!canary,size in (m,s),tier=front", Selector(Both).ToString());

    [Theory]
    [InlineData("""{"app":"web","tier":"front","size":"s"}""", true)]
    [InlineData("""{"app":"web","tier":"front","size":"l"}""", false)]
    [InlineData("""{"app":"web","tier":"front","size":"s","canary":""}""", false)]
    [InlineData("""{"tier":"front","size":"s"}""", false)]
    public void FromObject_Matches_WhatFulfilsAllOfIt(string labels, bool expected) =>
        Assert.Equal(expected, Selector(Both).Matches(Labelled(labels)));

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"matchLabels":{},"matchExpressions":[]}""")]
    public void FromObject_OfNothing_IsEverything(string selector) => Assert.True(Selector(selector).IsEverything);

    [Fact]
    public void FromLabels_MatchesWhatHasThemAll()
    {
        var selector = LabelSelector.FromLabels(JsonNode.Parse("""{"b":"2","a":"1"}""")!.AsObject());

        Assert.Equal("a=1,b=2", selector.ToString());
        Assert.True(selector.Matches(Labelled("""{"a":"1","b":"2","c":"3"}""")));
        Assert.False(selector.Matches(Labelled("""{"a":"1"}""")));
    }

    private static LabelSelector Selector(string json) => LabelSelector.FromObject(JsonNode.Parse(json)!.AsObject());

    private static JsonObject Labelled(string labels) => new() { ["metadata"] = new JsonObject { ["labels"] = JsonNode.Parse(labels) } };
}
