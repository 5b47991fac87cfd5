using System.Text.Json.Nodes;
using static KubeApps.Rendering.Nodes;

namespace KubeApps.Rendering;

internal static class ContainerRendering
{
    public static JsonObject Container(RenderContext context, Container container, bool isSidecar) => Object(
        ("name", container.Name),
        ("image", context.ImageReference(container.Image)),
        ("command", List(container.Command)),
        ("args", List(container.Args)),
        ("workingDir", container.WorkingDirectory),
        ("restartPolicy", isSidecar ? "Always" : null),
        ("ports", List(container.Ports, Port)),
        ("env", List(container.Environment, Variable)),
        ("envFrom", List(container.EnvironmentFrom, static source => Object(
            ("prefix", source.Prefix),
            ("configMapRef", source.Config is { } config ? Object(("name", config)) : null),
            ("secretRef", source.Secret is { } secret ? Object(("name", secret)) : null)))),
        ("resources", Resources(container.Resources)),
        ("startupProbe", Probe(container.StartupProbe)),
        ("readinessProbe", Probe(container.ReadinessProbe)),
        ("livenessProbe", Probe(container.LivenessProbe)),
        ("lifecycle", Lifecycle(container.PreStop)),
        ("securityContext", SecurityRendering.Container(container.Security)),
        ("volumeMounts", List(container.Mounts, StorageRendering.Mount)));

    /// <summary>How Kubernetes writes a protocol; nothing for TCP, which it takes anyway.</summary>
    public static string? Protocol(PortProtocol protocol) => protocol == PortProtocol.Tcp ? null : protocol.ToString().ToUpperInvariant();

    private static JsonObject Port(ContainerPort port) => Object(
        ("name", port.Name), ("containerPort", port.Port), ("protocol", Protocol(port.Protocol)));

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

    private static JsonObject? Resources(Resources? resources) => resources is null ? null : ObjectOrNull(
        ("requests", ObjectOrNull(("cpu", resources.Cpu), ("memory", resources.Memory))),
        ("limits", ObjectOrNull(("cpu", resources.CpuLimit), ("memory", resources.MemoryLimit))));

    private static JsonObject? Lifecycle(PreStop? preStop) => preStop?.Kind switch
    {
        PreStopKind.Sleep => Object(("preStop", Object(("sleep", Object(("seconds", Seconds(preStop.Duration ?? TimeSpan.Zero))))))),
        PreStopKind.Exec => Object(("preStop", Object(("exec", Object(("command", List(preStop.Command))))))),
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
