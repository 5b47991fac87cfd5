using System.Text.Json.Nodes;
using KubeApps.Sandbox.Objects;

namespace KubeApps.Sandbox.Pods;

/// <summary>A pod as the kubelet reads it, with the defaults that the API fills in for those that came past it.</summary>
internal sealed record PodSpec(
    string Namespace, string Name, string Uid, JsonObject Object, IReadOnlyList<ContainerSpec> InitContainers,
    IReadOnlyList<ContainerSpec> Containers, string RestartPolicy, int GraceSeconds, long? ActiveDeadlineSeconds, IReadOnlyList<string> ReadinessGates)
{
    public IEnumerable<ContainerSpec> AllContainers => InitContainers.Concat(Containers);

    /// <summary>As the kubelet's messages name it.</summary>
    public string FullName => $"{Name}_{Namespace}({Uid})";

    public static PodSpec Parse(JsonObject pod)
    {
        var metadata = pod["metadata"]!;
        var spec = pod["spec"]!;
        return new PodSpec(
            (string)metadata["namespace"]!, (string)metadata["name"]!, (string)metadata["uid"]!, pod,
            ParseAll(spec["initContainers"], init: true), ParseAll(spec["containers"], init: false),
            (string?)spec["restartPolicy"] ?? "Always", Json.SmallInteger(spec["terminationGracePeriodSeconds"]) ?? 30, Json.Integer(spec["activeDeadlineSeconds"]),
            [.. (spec["readinessGates"] as JsonArray ?? []).Select(gate => (string)gate!["conditionType"]!)]);
    }

    private static List<ContainerSpec> ParseAll(JsonNode? list, bool init) =>
        [.. (list as JsonArray ?? []).Select(container => ContainerSpec.Parse(container!.AsObject(), init))];
}

internal sealed record ContainerPort(string? Name, int Number, bool IsTcp);

internal sealed record ContainerSpec(
    string Name, string Image, bool IsInit, bool IsSidecar, IReadOnlyList<string> Command, IReadOnlyList<string> Arguments, string? WorkingDirectory,
    IReadOnlyList<ContainerPort> Ports, ProbeSpec? Startup, ProbeSpec? Readiness, ProbeSpec? Liveness, ContainerAction? PostStart,
    ContainerAction? PreStop, JsonObject Object)
{
    /// <summary>As events name it.</summary>
    public string FieldPath => $"spec.{(IsInit ? "initContainers" : "containers")}{{{Name}}}";

    public static ContainerSpec Parse(JsonObject container, bool init) => new(
        (string)container["name"]!, (string)container["image"]!, init, init && (string?)container["restartPolicy"] == "Always",
        Texts(container["command"]), Texts(container["args"]), (string?)container["workingDir"],
        [.. (container["ports"] as JsonArray ?? []).Select(port => new ContainerPort(
            (string?)port!["name"], Json.SmallInteger(port["containerPort"])!.Value, (string?)port["protocol"] is null or "TCP"))],
        ProbeSpec.Parse(container["startupProbe"]), ProbeSpec.Parse(container["readinessProbe"]), ProbeSpec.Parse(container["livenessProbe"]),
        ContainerAction.Parse(container["lifecycle"]?["postStart"]), ContainerAction.Parse(container["lifecycle"]?["preStop"]), container);

    internal static List<string> Texts(JsonNode? list) => [.. (list as JsonArray ?? []).Select(item => (string)item!)];
}

internal sealed record ProbeSpec(
    ContainerAction Action, int InitialDelaySeconds, int PeriodSeconds, int TimeoutSeconds, int SuccessThreshold, int FailureThreshold, int? GraceSeconds)
{
    public static ProbeSpec? Parse(JsonNode? probe) => ContainerAction.Parse(probe) is not { } action ? null : new ProbeSpec(
        action, Json.SmallInteger(probe!["initialDelaySeconds"]) ?? 0, Json.SmallInteger(probe["periodSeconds"]) ?? 10, Json.SmallInteger(probe["timeoutSeconds"]) ?? 1,
        Json.SmallInteger(probe["successThreshold"]) ?? 1, Json.SmallInteger(probe["failureThreshold"]) ?? 3, Json.SmallInteger(probe["terminationGracePeriodSeconds"]));
}

/// <summary>What a probe or a life cycle hook does.</summary>
internal abstract record ContainerAction
{
    // Ports are numbers or names of ports of the container.
    internal sealed record Http(string? Host, string Port, string Path, string Scheme, IReadOnlyList<KeyValuePair<string, string>> Headers) : ContainerAction;

    internal sealed record Tcp(string? Host, string Port) : ContainerAction;

    internal sealed record Exec(IReadOnlyList<string> Command) : ContainerAction;

    internal sealed record Sleep(int Seconds) : ContainerAction;

    internal sealed record Grpc(string Port, string Service) : ContainerAction;

    /// <summary>The port that it goes to; null if it goes to none.</summary>
    public string? TargetPort => this switch
    {
        Http http => http.Port,
        Tcp tcp => tcp.Port,
        Grpc grpc => grpc.Port,
        _ => null,
    };

    public static ContainerAction? Parse(JsonNode? node) => node switch
    {
        null => null,
        _ when node["httpGet"] is { } http => new Http(
            (string?)http["host"], http["port"]!.ToString(), (string?)http["path"] ?? "/", (string?)http["scheme"] ?? "HTTP",
            [.. (http["httpHeaders"] as JsonArray ?? []).Select(header =>
                KeyValuePair.Create((string)header!["name"]!, (string?)header["value"] ?? ""))]),
        _ when node["tcpSocket"] is { } tcp => new Tcp((string?)tcp["host"], tcp["port"]!.ToString()),
        _ when node["exec"] is { } exec => new Exec(ContainerSpec.Texts(exec["command"])),
        _ when node["sleep"] is { } sleep => new Sleep(Json.SmallInteger(sleep["seconds"])!.Value),
        _ when node["grpc"] is { } grpc => new Grpc(grpc["port"]!.ToString(), (string?)grpc["service"] ?? ""),
        _ => null,
    };
}
