using System.Text.Json.Nodes;
using KubeApps.Bundles;

namespace KubeApps.Deploy.Planning;

/// <summary>The pods that a check asks, and the ports by which their service leads to them.</summary>
/// <param name="Namespace">Where they are.</param>
/// <param name="Service">The service, by the name that the user knows.</param>
/// <param name="PodLabels">What picks the pods: the service's selector, or that of a preview or a slot in its place.</param>
/// <param name="Spec">The service's specification: its ports.</param>
internal sealed record CheckTarget(string Namespace, string Service, IReadOnlyDictionary<string, string> PodLabels, JsonObject Spec)
{
    private const string BalancerCertificate = "service.beta.kubernetes.io/aws-load-balancer-ssl-cert";

    /// <summary>A balancer ends TLS before the pods, whatever the port is called.</summary>
    public bool EndsTlsBefore { get; private init; }

    /// <summary>Null of a service that picks no pods.</summary>
    public static CheckTarget? Of(JsonObject service, IReadOnlyDictionary<string, string>? podLabels = null)
    {
        var metadata = service["metadata"]!;
        podLabels ??= LabelsOf(service["spec"]?["selector"]);
        return podLabels.Count == 0 || service["spec"] is not JsonObject spec || (string?)spec["type"] == "ExternalName"
            ? null
            : new CheckTarget((string?)metadata["namespace"] ?? "default", (string)metadata["name"]!, podLabels, spec)
            {
                EndsTlsBefore = metadata["annotations"]?[BalancerCertificate] is not null,
            };
    }

    /// <summary>The service's port by name, or its first; null where it has no such port.</summary>
    public JsonObject? Port(string? name) => (Spec["ports"] as JsonArray ?? []).OfType<JsonObject>()
        .FirstOrDefault(port => name is null || (string?)port["name"] == name);

    /// <summary>Whether the pods speak TLS on a port: its <c>appProtocol</c> says so, or else its name.</summary>
    public bool IsTls(JsonObject port) =>
        !EndsTlsBefore && ((string?)port["appProtocol"] ?? (string?)port["name"] ?? "").Equals("https", StringComparison.OrdinalIgnoreCase);

    /// <summary>The port of a pod to which a port of the service leads; null where the pod has none of that name.</summary>
    public static int? PodPort(JsonObject port, JsonObject pod) => port["targetPort"] switch
    {
        JsonValue number when number.TryGetValue(out int value) => value,
        JsonValue text when text.TryGetValue(out string? name) && int.TryParse(name, out var value) => value,
        JsonValue text when text.TryGetValue(out string? name) => Containers(pod).SelectMany(container => (container["ports"] as JsonArray ?? []).OfType<JsonObject>())
            .Where(item => (string?)item["name"] == name).Select(item => (int?)item["containerPort"]).FirstOrDefault(),
        _ => (int?)port["port"],
    };

    /// <summary>The container that has a port, or else the first: whose log tells most.</summary>
    public static string? ContainerOf(JsonObject pod, int? port) => (string?)(
        Containers(pod).FirstOrDefault(container => (container["ports"] as JsonArray ?? []).Any(item => (int?)item?["containerPort"] == port))
        ?? Containers(pod).FirstOrDefault())?["name"];

    public string LabelSelector => "labelSelector=" + Uri.EscapeDataString(string.Join(',', PodLabels.OrderBy(label => label.Key, StringComparer.Ordinal).Select(label => $"{label.Key}={label.Value}")));

    internal static Dictionary<string, string> LabelsOf(JsonNode? labels) =>
        (labels as JsonObject ?? []).ToDictionary(label => label.Key, label => (string?)label.Value ?? "", StringComparer.Ordinal);

    private static IEnumerable<JsonObject> Containers(JsonObject pod) => (pod["spec"]?["containers"] as JsonArray ?? []).OfType<JsonObject>();
}

/// <summary>A check with what it asks.</summary>
/// <param name="Check">As the bundle has it.</param>
/// <param name="Target">The pods that it asks, or whose address it gets; null where there are none.</param>
/// <param name="Job">What runs, where the check is a Job: under the name of this release's run.</param>
internal sealed record PlannedCheck(BundleCheck Check, CheckTarget? Target, ReleaseObject? Job = null);
