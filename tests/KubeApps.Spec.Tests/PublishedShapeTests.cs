using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
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
    public void JsonSchema_IsTheCheckedInOne()
    {
        var schema = SpecJson.Document.GetJsonSchemaAsNode(new JsonSchemaExporterOptions
        {
            TreatNullObliviousAsNonNullable = true,
            TransformSchemaNode = static (context, node) =>
                context.TypeInfo.Type == typeof(CountOrPercent) || context.TypeInfo.Type == typeof(CountOrPercent?)
                    ? new JsonObject { ["type"] = new JsonArray("integer", "string"), ["pattern"] = "^[0-9]+%$" }
                    : node,
        }).AsObject();
        JsonObject published = new()
        {
            ["$schema"] = "https://json-schema.org/draft/2020-12/schema",
            ["title"] = "KubeApp model, version 1",
            ["description"] = "What a KubeApp specification evaluates to (model.json).",
        };
        foreach (var (name, value) in schema.ToList())
            published[name] = value?.DeepClone();

        Snapshot.MatchesFile(
            published.ToJsonString(new JsonSerializerOptions { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }) + "\n",
            Path.Join(Path.GetDirectoryName(ThisFile()), "..", "..", "src", "KubeApps.Spec", "kubeapp-model.v1.schema.json"));
    }

    private static string ThisFile([CallerFilePath] string file = "") => file;
}
