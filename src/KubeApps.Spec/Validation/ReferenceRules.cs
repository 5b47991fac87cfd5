using KubeApps.Diagnostics;

namespace KubeApps;

/// <summary>What is named must be there.</summary>
internal static class ReferenceRules
{
    public static void Check(KubeAppModel app, SpecDiagnostics diagnostics)
    {
        foreach (var service in app.All<Service>())
            CheckService(app, service, diagnostics);
        foreach (var container in app.All<Workload>().SelectMany(workload => workload.AllContainers))
            foreach (var (name, value) in container.Environment)
                CheckValue(app, container, name, value, diagnostics);
        if (app.EntryService is { } entry && !app.All<Service>().Any(service => service.Name == entry))
            diagnostics.Add(DiagnosticDescriptors.UnknownReference, $"The entry service '{entry}' is not a service of the app.");
    }

    private static void CheckService(KubeAppModel app, Service service, SpecDiagnostics diagnostics)
    {
        if (app.All<Workload>().FirstOrDefault(workload => workload.Name == service.Workload) is not { } workload)
        {
            diagnostics.Add(
                DiagnosticDescriptors.UnknownReference,
                $"The service '{service.Name}' leads to the workload '{service.Workload}', which is not there.", service.Location);
            return;
        }

        foreach (var port in service.Ports)
            if (!workload.AllContainers.SelectMany(container => container.Ports).Any(target => target.Name == port.TargetPort))
                diagnostics.Add(
                    DiagnosticDescriptors.UnknownReference,
                    $"The port '{port.Name}' of the service '{service.Name}' leads to the port '{port.TargetPort}', which no container of '{workload.Name}' has.",
                    service.Location);
    }

    private static void CheckValue(KubeAppModel app, Container container, string name, EnvironmentValue value, SpecDiagnostics diagnostics)
    {
        if (value.Config is { } configName)
        {
            if (app.All<Config>().FirstOrDefault(config => config.Name == configName) is not { } config)
                Report($"configuration '{configName}'");
            else if (!config.Values.ContainsKey(value.Key ?? ""))
                Report($"key '{value.Key}' of the configuration '{configName}'");
        }
        else if (value.Secret is { } secretName)
        {
            if (app.All<Secret>().FirstOrDefault(secret => secret.Name == secretName) is not { } secret)
                Report($"secret '{secretName}'");
            else if ((secret.Source != SecretSource.Existing || secret.Keys.Count > 0) && !secret.Keys.ContainsKey(value.Key ?? ""))
                Report($"key '{value.Key}' of the secret '{secretName}'");
        }

        void Report(string what) => diagnostics.Add(
            DiagnosticDescriptors.UnknownReference,
            $"The environment variable {name} of the container '{container.Name}' comes from the {what}, which is not there.", container.Location);
    }
}
