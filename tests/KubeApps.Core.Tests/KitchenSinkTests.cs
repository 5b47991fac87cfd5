using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using k8s.Models;
using KubeApps.Bundles;
using KubeApps.Testing;
using KubeApps.Yaml;

namespace KubeApps.Core.Tests;

/// <summary>What an app that uses everything renders to is what Kubernetes takes, twice the same, and as reviewed.</summary>
public sealed class KitchenSinkTests
{
    private static readonly Bundle Bundle = Rendered.Bundle(new KitchenSink());

    private static readonly OpenApiSchemas Schemas = new();

    private static readonly Dictionary<string, Type> Models = typeof(V1Deployment).Assembly.GetTypes()
        .Select(type => (Type: type, Entity: type.GetCustomAttributes(typeof(KubernetesEntityAttribute), false).OfType<KubernetesEntityAttribute>().FirstOrDefault()))
        .Where(item => item.Entity is not null && !item.Type.Name.EndsWith("List", StringComparison.Ordinal))
        .ToDictionary(item => (item.Entity!.Group.Length > 0 ? item.Entity.Group + "/" : "") + item.Entity.ApiVersion + " " + item.Entity.Kind, item => item.Type);

    public static TheoryData<string> Paths => new(Bundle.Environments.SelectMany(environment => environment.Objects).Select(item => item.Path).Where(path => !path.Contains("externalsecret", StringComparison.Ordinal)));

    [Theory]
    [MemberData(nameof(Paths))]
    public void Render_EveryObject_FitsTheOpenApiSchema(string path) =>
        Assert.Empty(Schemas.Errors(Content(path)));

    [Theory]
    [MemberData(nameof(Paths))]
    public void Render_EveryObject_FitsTheTypedModelStrictly(string path)
    {
        var item = Content(path);
        var type = Models[$"{item["apiVersion"]} {item["kind"]}"];

        var model = item.Deserialize(type, new JsonSerializerOptions { UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow });

        Assert.NotNull(model);
    }

    [Fact]
    public void Render_Twice_GivesTheSameBytes()
    {
        Assert.Equal(Text(Rendered.Bundle(new KitchenSink())), Text(Rendered.Bundle(new KitchenSink())));
    }

    [Theory]
    [InlineData("local")]
    [InlineData("staging")]
    [InlineData("prod")]
    public void Render_Environment_IsAsReviewed(string environment) =>
        Snapshot.Matches(Text(Bundle with { Environments = [.. Bundle.Environments.Where(item => item.Name == environment)] }), $"kitchen-sink-{environment}.yaml");

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

    /// <summary>All files of a bundle in one text.</summary>
    private static string Text(Bundle bundle)
    {
        var directory = Directory.CreateTempSubdirectory("kubeapps-sink-").FullName;
        try
        {
            BundleFiles.Write(bundle, directory);
            var text = new StringBuilder("# bundle.json\n" + File.ReadAllText(Path.Join(directory, "bundle.json")));
            foreach (var item in bundle.Environments.SelectMany(environment => environment.Objects))
                text.Append("---\n# ").Append(item.Path).Append('\n').Append(File.ReadAllText(Path.Join(directory, item.Path)));
            return text.ToString();
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }
}
