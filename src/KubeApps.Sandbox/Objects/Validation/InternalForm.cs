using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace KubeApps.Sandbox.Objects.Validation;

/// <summary>
/// Pod templates as the server shows them when it refuses a change: not as users write them, but as its internal types, with every field.
/// </summary>
internal static class InternalForm
{
    // "" and false stand where the internal type has a plain value; all others are null if they are not set.
    private static readonly string[] Spec =
    [
        "Volumes", "InitContainers", "Containers", "EphemeralContainers", "RestartPolicy=\"\"", "TerminationGracePeriodSeconds", "ActiveDeadlineSeconds",
        "DNSPolicy=\"\"", "NodeSelector", "ServiceAccountName=\"\"", "AutomountServiceAccountToken", "NodeName=\"\"", "SecurityContext", "ImagePullSecrets",
        "Hostname=\"\"", "Subdomain=\"\"", "SetHostnameAsFQDN", "Affinity", "SchedulerName=\"\"", "Tolerations", "HostAliases", "PriorityClassName=\"\"",
        "Priority", "PreemptionPolicy", "DNSConfig", "ReadinessGates", "RuntimeClassName", "Overhead", "EnableServiceLinks", "TopologySpreadConstraints",
        "OS", "SchedulingGates", "ResourceClaims", "Resources", "HostnameOverride",
    ];

    private static readonly string[] Container =
    [
        "Name=\"\"", "Image=\"\"", "Command", "Args", "WorkingDir=\"\"", "Ports", "EnvFrom", "Env", "Resources", "ResizePolicy", "RestartPolicy", "RestartPolicyRules",
        "VolumeMounts", "VolumeDevices", "LivenessProbe", "ReadinessProbe", "StartupProbe", "Lifecycle", "TerminationMessagePath=\"\"",
        "TerminationMessagePolicy=\"\"", "ImagePullPolicy=\"\"", "SecurityContext", "Stdin=false", "StdinOnce=false", "TTY=false",
    ];

    private static readonly string[] PodSecurity =
    [
        "HostNetwork=false", "HostPID=false", "HostIPC=false", "ShareProcessNamespace", "HostUsers", "SELinuxOptions", "WindowsOptions", "RunAsUser", "RunAsGroup",
        "RunAsNonRoot", "SupplementalGroups", "SupplementalGroupsPolicy", "FSGroup", "FSGroupChangePolicy", "Sysctls", "SeccompProfile", "AppArmorProfile",
        "SELinuxChangePolicy",
    ];

    public static string PodTemplate(JsonObject template)
    {
        var text = new StringBuilder("{");
        foreach (var (name, value) in template["metadata"] as JsonObject ?? [])
            text.Append(FieldError.Show(name)).Append(':').Append(FieldError.Show(value)).Append(',');
        text.Append("\"Spec\":");
        var spec = template["spec"] as JsonObject ?? [];
        Fields(text, Spec, spec, (name, value) => name switch
        {
            "Containers" or "InitContainers" or "EphemeralContainers" when value is JsonArray containers => Show(containers),
            "SecurityContext" => Security(spec),
            _ => Internal(value),
        });
        return text.Append('}').ToString();
    }

    private static string Show(JsonArray containers) => $"[{string.Join(',', containers.OfType<JsonObject>().Select(container =>
    {
        var text = new StringBuilder();
        Fields(text, Container, container, (name, value) => name == "Resources" ? Resources(value as JsonObject ?? []) : Internal(value));
        return text.ToString();
    }))}]";

    private static string Resources(JsonObject resources)
    {
        var text = new StringBuilder();
        // Limits and requests are keyed by what they limit: those are names already.
        Fields(text, ["Limits", "Requests", "Claims"], resources, (name, value) => name == "Claims" ? Internal(value) : FieldError.Show(value));
        return text.ToString();
    }

    private static string Security(JsonObject spec)
    {
        var both = (JsonObject)(spec["securityContext"]?.DeepClone() ?? new JsonObject());
        foreach (var name in (ReadOnlySpan<string>)["hostNetwork", "hostPID", "hostIPC", "shareProcessNamespace", "hostUsers"])
            if (spec[name] is { } value)
                both[name] = value.DeepClone();
        var text = new StringBuilder();
        Fields(text, PodSecurity, both, (_, value) => Internal(value));
        return text.ToString();
    }

    private static void Fields(StringBuilder text, string[] fields, JsonObject value, Func<string, JsonNode?, string> show)
    {
        text.Append('{');
        foreach (var field in fields)
        {
            var equals = field.IndexOf('=');
            var name = equals < 0 ? field : field[..equals];
            var present = value.TryGetPropertyValue(JsonNamingPolicy.CamelCase.ConvertName(name), out var node) && node is not null;
            if (text[^1] != '{')
                text.Append(',');
            text.Append('"').Append(name).Append("\":").Append(present || equals < 0 ? show(name, node) : field[(equals + 1)..]);
        }

        text.Append('}');
    }

    /// <summary>Anything else: the same with capital letters.</summary>
    private static string Internal(JsonNode? value) => value switch
    {
        JsonObject map => $"{{{string.Join(',', map.Select(pair => $"\"{char.ToUpperInvariant(pair.Key[0])}{pair.Key[1..]}\":{Internal(pair.Value)}"))}}}",
        JsonArray list => $"[{string.Join(',', list.Select(Internal))}]",
        _ => FieldError.Show(value),
    };
}
