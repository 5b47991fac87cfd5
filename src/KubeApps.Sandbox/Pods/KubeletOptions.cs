using KubeApps.Sandbox.Pods.Images;
using KubeApps.Sandbox.Pods.Logs;

namespace KubeApps.Sandbox.Pods;

/// <summary>The times and limits of the kubelet. The defaults are Kubernetes' own, where it has them.</summary>
internal sealed record KubeletOptions
{
    /// <summary>The first wait before a container is started again, or an image pulled again; each next one is twice as long.</summary>
    public TimeSpan BackOffBase { get; init; } = TimeSpan.FromSeconds(10);

    public TimeSpan BackOffLimit { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How often a missing ConfigMap, Secret or volume is looked for again.</summary>
    public TimeSpan ConfigRetry { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How long the signal to a ready pod's containers waits at most for proxies to drop it and for requests to end. On a real cluster that is
    /// what a preStop sleep is for.
    /// </summary>
    public TimeSpan DrainLimit { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// How often a container that has not been ready yet is asked between its regular probes. Failures of these do not count; a laptop
    /// should not wait out a period of ten seconds for an app that starts in one.
    /// </summary>
    public TimeSpan EagerProbePeriod { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>How long containers have to end when the sandbox itself stops.</summary>
    public TimeSpan ShutdownTime { get; init; } = TimeSpan.FromSeconds(5);

    public UnpackLimits UnpackLimits { get; init; } = new();

    public LogLimits LogLimits { get; init; } = new();
}
