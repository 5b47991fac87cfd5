using KubeApps.Sandbox.Objects;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace KubeApps.Sandbox.Api.Http;

internal enum OutputForm
{
    Object,
    Table,
    PartialObjectMetadata,
}

/// <summary>What the client wants to get: the object itself, rows of a table, or the metadata alone; as JSON or as YAML.</summary>
internal readonly record struct Output(OutputForm Form, bool Yaml = false);

internal static class Negotiation
{
    public const string Json = "application/json";
    public const string Yaml = "application/yaml";

    /// <summary>The first of the accepted types that can be served.</summary>
    /// <exception cref="ApiStatusException">406 if there is none.</exception>
    public static Output Choose(HttpRequest request)
    {
        var accepted = request.Headers.Accept;
        if (accepted.Count == 0 || accepted.All(string.IsNullOrWhiteSpace))
            return default;
        if (!MediaTypeHeaderValue.TryParseList(accepted, out var types))
            throw ApiErrors.NotAcceptable();
        foreach (var type in types.OrderByDescending(type => type.Quality ?? 1))
        {
            var yaml = type.MediaType.Equals(Yaml, StringComparison.OrdinalIgnoreCase);
            if (!yaml && !type.MediaType.Equals(Json, StringComparison.OrdinalIgnoreCase) && type.MediaType != "*/*" && type.MediaType != "application/*")
                continue;
            switch (Parameter(type, "as"))
            {
                case null:
                    return new Output(OutputForm.Object, yaml);
                case "Table" when Parameter(type, "g") == "meta.k8s.io" && Parameter(type, "v") is "v1" or "v1beta1":
                    return new Output(OutputForm.Table, yaml);
                case "PartialObjectMetadata" or "PartialObjectMetadataList" when Parameter(type, "g") == "meta.k8s.io" && Parameter(type, "v") == "v1":
                    return new Output(OutputForm.PartialObjectMetadata, yaml);
            }
        }

        throw ApiErrors.NotAcceptable();
    }

    /// <summary>The version of aggregated discovery that the client asks for first (<c>v2</c> or <c>v2beta1</c>); null for the plain one.</summary>
    public static string? AggregatedDiscovery(HttpRequest request)
    {
        if (!MediaTypeHeaderValue.TryParseList(request.Headers.Accept, out var types))
            return null;
        foreach (var type in types)
        {
            if (Parameter(type, "as") == "APIGroupDiscoveryList" && Parameter(type, "g") == "apidiscovery.k8s.io" && Parameter(type, "v") is "v2" or "v2beta1")
                return Parameter(type, "v");
            if (Parameter(type, "as") is null && type.MediaType == Json)
                return null;
        }

        return null;
    }

    private static string? Parameter(MediaTypeHeaderValue type, string name)
    {
        foreach (var parameter in type.Parameters)
            if (parameter.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
                return parameter.Value.Value;
        return null;
    }
}
