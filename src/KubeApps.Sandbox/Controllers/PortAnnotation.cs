using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace KubeApps.Sandbox.Controllers;

/// <summary>The annotation that says which port of this machine stands for a port of a pod or a service: <c>{"8080":43121}</c>.</summary>
internal static class PortAnnotation
{
    public const string Key = "sandbox.kubeapps.dev/ports";

    public static IReadOnlyDictionary<int, int> Read(JsonObject annotated)
    {
        var ports = new Dictionary<int, int>();
        if (annotated.Annotation(Key) is not { } text)
            return ports;
        try
        {
            // Anybody may write an annotation: what is not a port counts as not there.
            foreach (var (name, value) in JsonNode.Parse(text) as JsonObject ?? [])
                if (int.TryParse(name, CultureInfo.InvariantCulture, out var port) && value is JsonValue number && number.TryGetValue(out int hostPort)
                    && hostPort is > 0 and < 65536)
                    ports[port] = hostPort;
        }
        catch (JsonException)
        {
        }

        return ports;
    }

    public static string Write(IEnumerable<KeyValuePair<int, int>> ports) =>
        new JsonObject(ports.OrderBy(port => port.Key).Select(port => KeyValuePair.Create(port.Key.ToString(CultureInfo.InvariantCulture), (JsonNode?)port.Value))).ToJsonString();
}
