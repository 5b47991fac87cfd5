using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace KubeApps.Spec.Tests;

/// <summary>
/// The JSON schema of the model as the code has it: types from the serializer's contract, descriptions from the XML documentation. It is strict, so
/// that a misspelt property is found.
/// </summary>
internal static partial class ModelSchema
{
    private static readonly Dictionary<string, XElement> Documentation =
        XDocument.Load(Path.ChangeExtension(typeof(KubeApp).Assembly.Location, ".xml")).Descendants("member").ToDictionary(member => member.Attribute("name")!.Value);

    public static string Write()
    {
        // Of the serializer's own options, but strict.
        JsonSerializerOptions options = new(SpecJson.Document.Options) { UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow };
        var schema = options.GetTypeInfo(typeof(SpecDocument)).GetJsonSchemaAsNode(new JsonSchemaExporterOptions
        {
            TreatNullObliviousAsNonNullable = true,
            TransformSchemaNode = Transform,
        }).AsObject();
        schema["properties"]!["schemaVersion"] = new JsonObject
        {
            ["description"] = (string?)schema["properties"]!["schemaVersion"]!["description"],
            ["enum"] = new JsonArray(SpecDocument.CurrentSchemaVersion),
        };
        JsonObject published = new()
        {
            ["$schema"] = "https://json-schema.org/draft/2020-12/schema",
            ["$id"] = $"kubeapp-model.v{SpecDocument.CurrentSchemaVersion}.schema.json",
            ["title"] = $"KubeApp model, version {SpecDocument.CurrentSchemaVersion}",
        };
        foreach (var (name, value) in schema.ToList())
            published[name] = value?.DeepClone();
        return published.ToJsonString(new JsonSerializerOptions { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }) + "\n";
    }

    private static JsonNode Transform(JsonSchemaExporterContext context, JsonNode node)
    {
        var type = Nullable.GetUnderlyingType(context.TypeInfo.Type) ?? context.TypeInfo.Type;
        if (type == typeof(CountOrPercent))
            node = new JsonObject { ["type"] = new JsonArray("integer", "string"), ["pattern"] = "^[0-9]+%$" };
        if (type == typeof(JsonNode) || type == typeof(JsonObject))
            node = type == typeof(JsonNode) ? new JsonObject() : new JsonObject { ["type"] = "object" };
        if (node is not JsonObject schema)
            return node;
        // The kinds of parts are told apart by constants, which not every validator knows.
        foreach (var kind in schema["anyOf"]?.AsArray().Select(choice => choice?["properties"]?["kind"]?.AsObject()).OfType<JsonObject>() ?? [])
            if (kind["const"] is { } constant && kind.Remove("const"))
                kind["enum"] = new JsonArray(constant.DeepClone());

        if (Describe(context.PropertyInfo, type) is not { } description || schema.ContainsKey("$ref"))
            return node;
        schema.Remove("description");
        schema.Insert(0, "description", description);
        return node;
    }

    /// <summary>What the documentation says of the property; of the type where it stands for itself.</summary>
    private static string? Describe(JsonPropertyInfo? property, Type type)
    {
        if (property?.AttributeProvider is PropertyInfo member)
            return Summary($"P:{member.DeclaringType!.FullName}.{member.Name}")
                ?? ParameterOf(member.DeclaringType, member.Name);
        return type.Assembly == typeof(KubeApp).Assembly ? Summary($"T:{type.FullName}") : null;
    }

    private static string? Summary(string member) => Documentation.TryGetValue(member, out var found) && found.Element("summary") is { } summary ? Text(summary) : null;

    /// <summary>The properties of a record are documented as its parameters.</summary>
    private static string? ParameterOf(Type type, string name) =>
        Documentation.TryGetValue($"T:{type.FullName}", out var found) && found.Elements("param").FirstOrDefault(parameter => parameter.Attribute("name")!.Value == name) is { } parameter
            ? Text(parameter)
            : null;

    private static string Text(XElement element) => Spaces().Replace(
        string.Concat(element.Nodes().Select(node => node switch
        {
            XText text => text.Value,
            XElement { Name.LocalName: "see" } see => see.Value.Length > 0 ? see.Value : Cref().Replace(see.Attribute("cref")?.Value ?? see.Attribute("href")?.Value ?? "", "$1"),
            XElement { Name.LocalName: "paramref" } reference => reference.Attribute("name")!.Value,
            XElement inner => inner.Value,
            _ => "",
        })),
        " ").Trim();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();

    /// <summary>Type or type and member, without namespace and parameters.</summary>
    [GeneratedRegex(@"^.:(?:KubeApps\.)?([^(`]+).*$")]
    private static partial Regex Cref();
}
