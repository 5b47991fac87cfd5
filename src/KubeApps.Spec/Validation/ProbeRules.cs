using KubeApps.Diagnostics;

namespace KubeApps;

/// <summary>Probes ask something that is there, at times that are possible.</summary>
/// <remarks>https://kubernetes.io/docs/tasks/configure-pod-container/configure-liveness-readiness-startup-probes/#configure-probes</remarks>
internal static class ProbeRules
{
    public static void Check(KubeAppModel app, SpecDiagnostics diagnostics)
    {
        foreach (var container in app.All<Workload>().SelectMany(workload => workload.InitContainers))
            if (Asked(container.StartupProbe) || Asked(container.ReadinessProbe) || Asked(container.LivenessProbe) || container.PreStop is { Kind: not PreStopKind.None })
                diagnostics.Add(
                    DiagnosticDescriptors.InvalidSetting, $"The init container '{container.Name}' has a probe or a PreStop, and ends by itself.", container.Location,
                    "Leave them out, or make it one of the Sidecars, which run beside the others.");
        foreach (var container in app.All<Workload>().SelectMany(workload => workload.AllContainers))
        {
            CheckProbe(container, container.StartupProbe, "startup", diagnostics);
            CheckProbe(container, container.ReadinessProbe, "readiness", diagnostics);
            CheckProbe(container, container.LivenessProbe, "liveness", diagnostics);
        }
    }

    private static bool Asked(Probe? probe) => probe is { Kind: not ProbeKind.None };

    private static void CheckProbe(Container container, Probe? probe, string kind, SpecDiagnostics diagnostics)
    {
        if (probe is null || !Asked(probe))
            return;
        var owner = $"The {kind} probe of the container '{container.Name}'";
        if (probe.Kind is ProbeKind.Http or ProbeKind.Tcp)
        {
            if (container.Ports.Find(port => port.Name == probe.Port) is not { } asked)
                diagnostics.Add(
                    DiagnosticDescriptors.ProbeOnUndeclaredPort, $"{owner} asks the port '{probe.Port}', which the container does not declare.", container.Location);
            else if (asked.Protocol != PortProtocol.Tcp)
                diagnostics.Add(
                    DiagnosticDescriptors.InvalidPort, $"{owner} asks the port '{probe.Port}', which is {asked.Protocol.ToString().ToUpperInvariant()}.", container.Location,
                    "Name a TCP port, or use Probe.Exec.");
        }

        if (probe.Kind == ProbeKind.Http && probe.Path?.StartsWith('/') != true)
            diagnostics.Add(DiagnosticDescriptors.InvalidSetting, $"{owner} asks the path '{probe.Path}', which does not begin with '/'.", container.Location);
        if (probe.Kind == ProbeKind.Exec && probe.Command.Count == 0)
            diagnostics.Add(DiagnosticDescriptors.InvalidSetting, $"{owner} has no command.", container.Location);
        if (probe.Period < TimeSpan.FromSeconds(1) || probe.Timeout < TimeSpan.FromSeconds(1) || probe.InitialDelay < TimeSpan.Zero
            || probe.FailureThreshold < 1 || probe.SuccessThreshold < 1)
            diagnostics.Add(DiagnosticDescriptors.InvalidSetting, $"{owner} has a period, time-out or threshold below 1.", container.Location);
        if (kind != "readiness" && probe.SuccessThreshold != 1)
            diagnostics.Add(DiagnosticDescriptors.InvalidSetting, $"{owner} has a success threshold of {probe.SuccessThreshold}; it must be 1.", container.Location);
    }
}
