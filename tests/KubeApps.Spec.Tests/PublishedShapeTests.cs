using System.Runtime.CompilerServices;
using KubeApps.Testing;
using PublicApiGenerator;

namespace KubeApps.Spec.Tests;

/// <summary>What others build on is held: a change of it shows in a reviewed file.</summary>
public class PublishedShapeTests
{
    [Fact]
    public void PublicApi_IsAsReviewed() =>
        Snapshot.Matches(
            typeof(KubeApp).Assembly.GeneratePublicApi(new ApiGeneratorOptions { IncludeAssemblyAttributes = false, DenyNamespacePrefixes = [] }),
            "public-api.txt");

    [Fact]
    public void JsonSchema_IsTheCheckedInOne() =>
        Snapshot.MatchesFile(
            ModelSchema.Write(), Path.Join(Path.GetDirectoryName(ThisFile()), "..", "..", "src", "KubeApps.Spec", $"kubeapp-model.v{SpecDocument.CurrentSchemaVersion}.schema.json"));

    private static string ThisFile([CallerFilePath] string file = "") => file;
}
