using System.Runtime.CompilerServices;
using KubeApps.Bundles;
using KubeApps.Testing;

namespace KubeApps.Core.Tests;

/// <summary>What the samples render to, for each of their environments, is what Kubernetes takes, and as reviewed.</summary>
public sealed class SampleTests
{
    private static readonly OpenApiSchemas Schemas = new();

    private static readonly Dictionary<string, Bundle> Bundles = new()
    {
        ["hello-web"] = Render("HelloWeb", null),
        ["storefront"] = Render("Storefront", new Storefront()),
        ["catalog"] = Render("Shared/Catalog", new CatalogApp()),
        ["billing"] = Render("Shared/Billing", new BillingApp()),
        ["showcase"] = Render("Showcase", new SearchApp()),
    };

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

    private static Bundle Render(string directory, KubeApp? spec, [CallerFilePath] string file = "")
    {
        directory = Path.GetFullPath(Path.Join(Path.GetDirectoryName(file), "..", "..", "samples", directory));
        return Rendered.Bundle(spec, new ProjectFacts { Name = Path.GetFileName(directory), IsWeb = true, Directory = directory });
    }
}
