using System.Text.RegularExpressions;
using KubeApps.Diagnostics;

namespace KubeApps;

/// <summary>Ports are ports and have IANA service names, each once.</summary>
internal static partial class PortRules
{
    public static void Check(KubeAppModel app, SpecDiagnostics diagnostics)
    {
        foreach (var container in app.All<Workload>().SelectMany(workload => workload.AllContainers))
        {
            foreach (var port in container.Ports)
            {
                CheckNumber(diagnostics, $"container '{container.Name}'", port.Name, port.Port, container.Location);
                CheckName(diagnostics, $"container '{container.Name}'", port.Name, container.Location);
            }

            foreach (var group in container.Ports.GroupBy(port => port.Name).Where(group => group.Count() > 1))
                diagnostics.Add(DiagnosticDescriptors.DuplicateName, $"Two ports of the container '{container.Name}' are named '{group.Key}'.", container.Location);
        }

        foreach (var workload in app.All<Workload>())
        {
            // Containers that run at once share one network: the second one could not listen.
            foreach (var group in workload.Sidecars.Concat(workload.Containers)
                .SelectMany(container => container.Ports, (container, port) => (Container: container, Port: port))
                .GroupBy(use => (use.Port.Port, use.Port.Protocol)).Where(group => group.Count() > 1))
                diagnostics.Add(
                    DiagnosticDescriptors.InvalidPort, $"The port {group.Key.Port} of '{workload.Name}' is declared twice: "
                    + string.Join(" and ", group.Select(use => $"'{use.Port.Name}' of '{use.Container.Name}'")) + ".", group.Last().Container.Location,
                    "Containers of one pod share its ports: give each its own.");
        }

        foreach (var service in app.All<Service>())
        {
            foreach (var group in service.Ports.GroupBy(port => (port.Port, port.Protocol)).Where(group => group.Count() > 1))
                diagnostics.Add(
                    DiagnosticDescriptors.InvalidPort, $"The ports {string.Join(" and ", group.Select(port => $"'{port.Name}'"))} of the service '{service.Name}' are both {group.Key.Port}.",
                    service.Location, "Give each port of a service a number of its own.");
            foreach (var port in service.Ports)
            {
                CheckNumber(diagnostics, $"service '{service.Name}'", port.Name, port.Port, service.Location);
                CheckName(diagnostics, $"service '{service.Name}'", port.Name, service.Location);
            }

            foreach (var group in service.Ports.GroupBy(port => port.Name).Where(group => group.Count() > 1))
                diagnostics.Add(DiagnosticDescriptors.DuplicateName, $"Two ports of the service '{service.Name}' are named '{group.Key}'.", service.Location);
        }
    }

    private static void CheckNumber(SpecDiagnostics diagnostics, string owner, string name, int number, SourceLocation? place)
    {
        if (number is < 1 or > 65535)
            diagnostics.Add(DiagnosticDescriptors.InvalidPort, $"The port '{name}' of the {owner} is {number}.", place);
    }

    private static void CheckName(SpecDiagnostics diagnostics, string owner, string name, SourceLocation? place)
    {
        if (name.Length > 15 || !ServiceName().IsMatch(name) || name.Contains("--", StringComparison.Ordinal))
            diagnostics.Add(
                DiagnosticDescriptors.InvalidName,
                $"The port name '{name}' of the {owner} is not an IANA service name.",
                place, "Use at most 15 lower-case letters, digits and single hyphens, with a letter: http, grpc-web.");
    }

    [GeneratedRegex(@"\A(?=.*[a-z])[a-z0-9]([-a-z0-9]*[a-z0-9])?\z", RegexOptions.CultureInvariant)]
    private static partial Regex ServiceName();
}
