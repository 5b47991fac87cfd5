using System.Text.Json.Nodes;
using static KubeApps.Rendering.Nodes;

namespace KubeApps.Rendering;

internal static class ContainerRendering
{
    public static JsonObject Container(RenderContext context, Container container) => Object(
        ("name", container.Name),
        ("image", context.ImageReference(container.Image)),
        ("command", List(container.Command)),
        ("args", List(container.Args)),
        ("ports", List(container.Ports, Port)),
        ("env", List(container.Environment, Variable)),
        ("startupProbe", Probe(container.StartupProbe)),
        ("readinessProbe", Probe(container.ReadinessProbe)),
        ("livenessProbe", Probe(container.LivenessProbe)));

    private static JsonObject Port(ContainerPort port) => Object(
        ("name", port.Name),
        ("containerPort", port.Port),
        ("protocol", port.Protocol == PortProtocol.Tcp ? null : port.Protocol.ToString().ToUpperInvariant()));

    private static JsonObject Variable(KeyValuePair<string, EnvironmentValue> variable) => Object(
        ("name", variable.Key),
        ("value", variable.Value.Text),
        ("valueFrom", ValueFrom(variable.Value)));

    private static JsonObject? ValueFrom(EnvironmentValue value) => value switch
    {
        { Config: { } config } => Object(("configMapKeyRef", Object(("name", config), ("key", value.Key)))),
        { Secret: { } secret } => Object(("secretKeyRef", Object(("name", secret), ("key", value.Key)))),
        { Field: { } field } => Object(("fieldRef", Object(("fieldPath", field)))),
        _ => null,
    };

    private static JsonObject? Probe(Probe? probe)
    {
        if (probe is null or { Kind: ProbeKind.None })
            return null;
        return Object(
            ("httpGet", probe.Kind != ProbeKind.Http ? null : Object(
                ("path", probe.Path), ("port", probe.Port), ("scheme", probe.UseTls ? "HTTPS" : null))),
            ("tcpSocket", probe.Kind != ProbeKind.Tcp ? null : Object(("port", probe.Port))),
            ("exec", probe.Kind != ProbeKind.Exec ? null : Object(("command", List(probe.Command)))),
            ("initialDelaySeconds", Unless(0, Seconds(probe.InitialDelay))),
            ("periodSeconds", Unless(10, Seconds(probe.Period))),
            ("timeoutSeconds", Unless(1, Seconds(probe.Timeout))),
            ("failureThreshold", Unless(3, probe.FailureThreshold)),
            ("successThreshold", Unless(1, probe.SuccessThreshold)));
    }
}
