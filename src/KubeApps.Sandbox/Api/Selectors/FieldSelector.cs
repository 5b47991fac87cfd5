using System.Text.Json;
using System.Text.Json.Nodes;
using KubeApps.Sandbox.Objects;

namespace KubeApps.Sandbox.Api.Selectors;

/// <summary>A field selector (<c>status.phase=Running,metadata.name!=a</c>) over the fields that the type allows.</summary>
internal sealed class FieldSelector
{
    private readonly IReadOnlyList<(string Field, bool Equal, string Value)> _terms;

    private FieldSelector(IReadOnlyList<(string, bool, string)> terms) => _terms = terms;

    public static FieldSelector Everything { get; } = new([]);

    public bool IsEverything => _terms.Count == 0;

    /// <summary>The name that alone can match; null if the selector does not say.</summary>
    public string? Name => _terms.FirstOrDefault(term => term is { Field: "metadata.name", Equal: true }).Value;

    /// <exception cref="ApiStatusException">400 for what cannot be read, and for a field that the type does not offer.</exception>
    public static FieldSelector Parse(ResourceType type, string? text)
    {
        if (string.IsNullOrEmpty(text))
            return Everything;
        var terms = new List<(string, bool, string)>();
        foreach (var part in text.Split(','))
        {
            if (part.Length == 0)
                continue;
            var at = part.IndexOf('=', StringComparison.Ordinal);
            if (at < 0)
                throw ApiStatusException.BadRequest($"invalid selector: '{text}'; can't understand '{part}'");
            var negated = at > 0 && part[at - 1] == '!';
            var field = part[..(negated ? at - 1 : at)];
            var value = part[(at + (at + 1 < part.Length && part[at + 1] == '=' ? 2 : 1))..];
            Check(type, field);
            terms.Add((field, !negated, value));
        }

        return new FieldSelector(terms);
    }

    public bool Matches(JsonObject value)
    {
        foreach (var (field, equal, wanted) in _terms)
            if ((Read(value, field) == wanted) != equal)
                return false;
        return true;
    }

    private static void Check(ResourceType type, string field)
    {
        if (field is "metadata.name" || (field == "metadata.namespace" && type.Namespaced))
            return;
        var offered = Offered(type);
        if (offered.Contains(field))
            return;
        throw ApiStatusException.BadRequest(offered.Length > 0
            ? $"field label not supported: {field}"
            : $"\"{field}\" is not a known field selector: only \"metadata.name\", \"metadata.namespace\"");
    }

    private static string[] Offered(ResourceType type) => (type.Group, type.Plural) switch
    {
        ("", "pods") =>
        [
            "spec.nodeName", "spec.restartPolicy", "spec.schedulerName", "spec.serviceAccountName", "spec.hostNetwork",
            "status.phase", "status.podIP", "status.podIPs", "status.nominatedNodeName",
        ],
        ("", "events") =>
        [
            "involvedObject.kind", "involvedObject.namespace", "involvedObject.name", "involvedObject.uid", "involvedObject.apiVersion",
            "involvedObject.resourceVersion", "involvedObject.fieldPath", "reason", "reportingComponent", "source", "type",
        ],
        ("", "nodes") => ["spec.unschedulable"],
        ("", "namespaces") => ["status.phase"],
        ("", "secrets") => ["type"],
        ("", "services") => ["spec.clusterIP", "spec.type"],
        ("", "replicationcontrollers") => ["status.replicas"],
        ("apps", "replicasets") => ["status.replicas"],
        ("batch", "jobs") => ["status.successful"],
        _ => [],
    };

    private static string Read(JsonObject value, string field)
    {
        JsonNode? node = value;
        // Two fields of the selector stand elsewhere in the object.
        field = field switch
        {
            "source" => "source.component",
            "status.successful" => "status.succeeded",
            _ => field,
        };
        foreach (var step in field.Split('.'))
            node = (node as JsonObject)?[step];
        return node?.GetValueKind() switch
        {
            JsonValueKind.String => (string)node!,
            null => field is "spec.unschedulable" or "spec.hostNetwork" ? "false" : field is "status.replicas" or "status.succeeded" ? "0" : "",
            _ => node.ToJsonString(),
        };
    }
}
