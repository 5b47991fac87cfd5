using System.Text.Json.Nodes;
using KubeApps.Bundles;

namespace KubeApps.Core.Tests;

/// <summary>Objects that are kept as their text.</summary>
public sealed class UnreadObjectTests
{
    private static readonly JsonObject Content = (JsonObject)JsonNode.Parse(
        """
        {
          "text": "a \"quoted\" <b> ü 🚀 \u0001 line\nnext", "empty": "", "whole": 12345678901, "part": 0.25, "yes": true, "nothing": null,
          "list": [ 1, "two", { "three": 3 }, [] ], "map": {}
        }
        """)!;

    [Fact]
    public void Of_AnyContent_IsTheSame()
    {
        Assert.Equal(Content.ToJsonString(), UnreadObject.Of(Content).ToJsonString());
        Assert.True(JsonNode.DeepEquals(Content, UnreadObject.Of(Content)));
    }

    [Fact]
    public void Of_DeepContent_IsTheSame()
    {
        var content = new JsonObject();
        for (var depth = 0; depth < 100; depth++)
            content = new JsonObject { ["in"] = content };

        Assert.True(JsonNode.DeepEquals(content, UnreadObject.Of(content)));
    }

    [Fact]
    public void Of_WhatIsChangedLater_StaysAsItWas()
    {
        var content = (JsonObject)Content.DeepClone();
        var unread = UnreadObject.Of(content);

        content["map"]!["new"] = 1;

        Assert.True(JsonNode.DeepEquals(Content, unread));
    }

    [Fact]
    public void Open_ChangedCopy_ChangesNeitherTheObjectNorOtherCopies()
    {
        var unread = UnreadObject.Of(Content);
        var (one, other) = (UnreadObject.Open(unread), UnreadObject.Open(unread));

        one["list"]!.AsArray().Clear();
        one["map"]!["new"] = 1;
        one.Remove("text");

        Assert.True(JsonNode.DeepEquals(Content, other));
        Assert.True(JsonNode.DeepEquals(Content, UnreadObject.Open(unread)));
    }
}
