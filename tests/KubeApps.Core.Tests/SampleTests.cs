using System.Runtime.CompilerServices;
using KubeApps.Bundles;
using KubeApps.Testing;
using NJsonSchema;

namespace KubeApps.Core.Tests;

/// <summary>What the samples render to, for each of their environments, is what Kubernetes takes, and as reviewed.</summary>
public sealed class SampleTests
{
    private static readonly OpenApiSchemas Schemas = new();

    internal static readonly Dictionary<string, SpecDocument> Documents = new()
    {
        ["hello-web"] = Evaluate("HelloWeb", null),
        ["storefront"] = Evaluate("Storefront", new Storefront()),
        ["catalog"] = Evaluate("Shared/Catalog", new CatalogApp()),
        ["billing"] = Evaluate("Shared/Billing", new BillingApp()),
        ["showcase"] = Evaluate("Showcase", new SearchApp()),
        ["kitchen-sink"] = Rendered.Evaluate(new KitchenSink()),
    };

    private static readonly Dictionary<string, Bundle> Bundles = Documents.Where(sample => sample.Key != "kitchen-sink")
        .ToDictionary(sample => sample.Key, sample => Rendered.Bundle(sample.Value));

    public static TheoryData<string> Samples => [.. Documents.Keys];

    [Theory]
    [MemberData(nameof(Samples))]
    public async Task Evaluate_Sample_GivesAModelThatFitsThePublishedSchema(string sample)
    {
        var schema = await JsonSchema.FromFileAsync(Path.Join(AppContext.BaseDirectory, "kubeapp-model.v1.schema.json"), TestContext.Current.CancellationToken);

        Assert.Empty(schema.Validate(Documents[sample].ToJson()));
    }

    [Theory]
    [InlineData("\"replicas\": 2", "\"replicas\": \"two\"")]
    [InlineData("\"replicas\": 2", "\"replicsa\": 2")]
    [InlineData("\"kind\": \"Deployment\"", "\"kind\": \"Deploymnet\"")]
    [InlineData("\"schemaVersion\": 1", "\"schemaVersion\": 2")]
    public async Task Schema_ModelWithAMistake_IsRefused(string right, string wrong)
    {
        var schema = await JsonSchema.FromFileAsync(Path.Join(AppContext.BaseDirectory, "kubeapp-model.v1.schema.json"), TestContext.Current.CancellationToken);
        var json = Documents["storefront"].ToJson();

        Assert.Contains(right, json, StringComparison.Ordinal);
        Assert.NotEmpty(schema.Validate(json.Replace(right, wrong, StringComparison.Ordinal)));
    }

    public static TheoryData<string, string> Environments =>
        [.. Bundles.SelectMany(sample => sample.Value.Environments, (sample, environment) => (sample.Key, environment.Name))];

    [Theory]
    [MemberData(nameof(Environments))]
    public void Render_EveryObjectOfASample_FitsTheOpenApiSchemaAndTheTypedModelStrictly(string sample, string environment)
    {
        // Of custom resources neither knows anything.
        foreach (var item in Environment(sample, environment).Objects.Where(item => (string?)item.Content["kind"] != "ExternalSecret"))
        {
            Assert.True(Schemas.Errors(item.Content) is { Count: 0 }, $"{item.Path}: {string.Join(", ", Schemas.Errors(item.Content))}");
            Assert.NotNull(TypedModels.Read(item.Content));
        }
    }

    [Theory]
    [MemberData(nameof(Environments))]
    public void Render_EnvironmentOfASample_IsAsReviewed(string sample, string environment) =>
        Snapshot.Matches((Bundles[sample] with { Environments = [Environment(sample, environment)] }).Text(), $"sample-{sample}-{environment}.yaml");

    private static BundleEnvironment Environment(string sample, string name) =>
        Bundles[sample].Environments.Single(environment => environment.Name == name);

    private static SpecDocument Evaluate(string directory, KubeApp? spec, [CallerFilePath] string file = "")
    {
        directory = Path.GetFullPath(Path.Join(Path.GetDirectoryName(file), "..", "..", "samples", directory));
        return Rendered.Evaluate(spec, new ProjectFacts { Name = Path.GetFileName(directory), IsWeb = true, Directory = directory });
    }
}
