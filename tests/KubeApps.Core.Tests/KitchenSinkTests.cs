using System.Text.Json.Nodes;
using KubeApps.Bundles;
using KubeApps.Testing;
using KubeApps.Yaml;

namespace KubeApps.Core.Tests;

/// <summary>What an app that uses everything renders to is what Kubernetes takes, twice the same, and as reviewed.</summary>
public sealed class KitchenSinkTests
{
    private static readonly Bundle Bundle = Rendered.Bundle(new KitchenSink());

    private static readonly OpenApiSchemas Schemas = new();

    public static TheoryData<string> Paths => new(Bundle.Environments.SelectMany(environment => environment.Objects).Select(item => item.Path).Where(path => !path.Contains("externalsecret", StringComparison.Ordinal)));

    [Theory]
    [MemberData(nameof(Paths))]
    public void Render_EveryObject_FitsTheOpenApiSchema(string path) =>
        Assert.Empty(Schemas.Errors(Content(path)));

    [Theory]
    [MemberData(nameof(Paths))]
    public void Render_EveryObject_FitsTheTypedModelStrictly(string path) =>
        Assert.NotNull(TypedModels.Read(Content(path)));

    [Fact]
    public void Render_Twice_GivesTheSameBytes()
    {
        Assert.Equal(Rendered.Text(Rendered.Bundle(new KitchenSink())), Rendered.Text(Rendered.Bundle(new KitchenSink())));
    }

    [Theory]
    [InlineData("local")]
    [InlineData("staging")]
    [InlineData("prod")]
    public void Render_Environment_IsAsReviewed(string environment) =>
        Snapshot.Matches(Rendered.Text(Bundle with { Environments = [.. Bundle.Environments.Where(item => item.Name == environment)] }), $"kitchen-sink-{environment}.yaml");

    [Fact]
    public void Render_NoObject_HoldsAnEmptyListOrNull()
    {
        foreach (var item in Bundle.Environments.SelectMany(environment => environment.Objects))
            Assert.DoesNotMatch("(: null|: \\[\\])\n", YamlWriter.Write(item.Content));
    }

    [Fact]
    public void Render_Commit_StandsOnWorkloadsAndNeverOnPods()
    {
        foreach (var item in Bundle.Environments.SelectMany(environment => environment.Objects))
        {
            var copy = (JsonObject)item.Content.DeepClone();
            copy.Remove("metadata");
            Assert.DoesNotContain(new string('c', 40), copy.ToJsonString(), StringComparison.Ordinal);
        }

        Assert.Equal(new string('c', 40), (string?)Bundle.Environments[0].Object("Deployment")["metadata"]!["annotations"]!["kubeapps.dev/commit"]);
    }

    private static JsonObject Content(string path) =>
        Bundle.Environments.SelectMany(environment => environment.Objects).Single(item => item.Path == path).Content;
}
