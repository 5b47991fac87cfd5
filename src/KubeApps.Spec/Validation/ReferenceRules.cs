using KubeApps.Diagnostics;

namespace KubeApps;

/// <summary>What is named must be there.</summary>
internal sealed class ReferenceRules(KubeAppModel app, SpecDiagnostics diagnostics)
{
    public static void Check(KubeAppModel app, SpecDiagnostics diagnostics) => new ReferenceRules(app, diagnostics).Check();

    private void Check()
    {
        foreach (var service in app.All<Service>())
            CheckService(service);
        foreach (var policy in app.All<NetworkPolicy>())
            foreach (var workload in policy.FromWorkloads.Prepend(policy.Workload))
                Require<Workload>(workload, $"The network policy '{policy.Name}'", policy.Location);
        foreach (var profile in app.All<FargateProfile>())
            foreach (var workload in profile.Workloads)
                Require<Workload>(workload, $"The Fargate profile '{profile.Name}'", profile.Location);
        foreach (var workload in app.All<Workload>())
            CheckWorkload(workload);
        foreach (var check in app.Checks)
            CheckCheck(check);
        if (app.EntryService is { } entry && !app.All<Service>().Any(service => service.Name == entry))
            Require<Service>(entry, "The app's EntryService", app.EntryServicePlace?.Find());
    }

    private void CheckWorkload(Workload workload)
    {
        if (workload.ServiceAccount is { } account)
            Require<ServiceAccount>(account, $"The workload '{workload.Name}'", workload.Location);
        if (workload.Placement?.NodePool is { } pool)
            Require<NodePool>(pool, $"The workload '{workload.Name}'", workload.Location);
        if (workload is StatefulSet { HeadlessService: { } name } && Require<Service>(name, $"The stateful set '{workload.Name}'", workload.Location) is { } service
            && (service.Exposure != ServiceExposure.Headless || service.Workload != workload.Name))
            diagnostics.Add(
                DiagnosticDescriptors.InvalidSetting, $"The service '{name}' of the stateful set '{workload.Name}' is not a headless one that leads to it.", workload.Location,
                "Leave HeadlessService out, or give that service Exposure = ServiceExposure.Headless.");
        foreach (var container in workload.AllContainers)
        {
            foreach (var (variable, value) in container.Environment)
                CheckKey(value.Config, value.Secret, value.Key, $"The environment variable {variable} of the container '{container.Name}'", container.Location);
            foreach (var source in container.EnvironmentFrom)
                CheckKey(source.Config, source.Secret, null, $"The environment of the container '{container.Name}'", container.Location);
            foreach (var mount in container.Mounts)
                CheckMount(workload, container, mount);
        }
    }

    private void CheckMount(Workload workload, Container container, Mount mount)
    {
        var owner = $"The mount '{mount.Path}' of the container '{container.Name}'";
        if (mount.Kind == MountKind.Claim)
        {
            if (workload is not StatefulSet set || !set.Claims.Exists(claim => claim.Name == mount.Source))
                Require<PersistentClaim>(mount.Source, owner, container.Location);
        }
        else if (mount.Kind != MountKind.EmptyDirectory)
        {
            CheckKey(
                mount.Kind == MountKind.Config ? mount.Source : null, mount.Kind == MountKind.Secret ? mount.Source : null, mount.Key, owner, container.Location);
        }
    }

    private void CheckKey(string? config, string? secret, string? key, string owner, SourceLocation? place)
    {
        if (config is not null && Require<Config>(config, owner, place) is { } foundConfig)
            RequireKey(foundConfig.Values, canHaveOthers: false, foundConfig);
        if (secret is not null && Require<Secret>(secret, owner, place) is { } foundSecret)
            RequireKey(foundSecret.Keys, canHaveOthers: foundSecret is { Source: SecretSource.Existing, Keys.Count: 0 }, foundSecret);

        void RequireKey(Dictionary<string, string> keys, bool canHaveOthers, AppPart part)
        {
            if (key is not null && !canHaveOthers && !keys.ContainsKey(key))
                diagnostics.Add(
                    DiagnosticDescriptors.UnknownReference, $"{owner} names the key '{key}', which the {NameRules.KindOf(part)} '{part.Name}' does not have.", place);
        }
    }

    private void CheckService(Service service)
    {
        if (Require<Workload>(service.Workload, $"The service '{service.Name}'", service.Location) is not { } workload)
            return;
        foreach (var port in service.Ports)
        {
            // An init container has ended before the first request comes.
            var targets = workload.Sidecars.Concat(workload.Containers).SelectMany(container => container.Ports).Where(target => target.Name == port.TargetPort).ToList();
            if (targets.Count == 0)
                diagnostics.Add(
                    DiagnosticDescriptors.UnknownReference,
                    $"The port '{port.Name}' of the service '{service.Name}' leads to the port '{port.TargetPort}', which no container of '{workload.Name}' has.",
                    service.Location);
            else if (!targets.Exists(target => target.Protocol == port.Protocol))
                diagnostics.Add(
                    DiagnosticDescriptors.InvalidPort,
                    $"The port '{port.Name}' of the service '{service.Name}' is {port.Protocol.ToString().ToUpperInvariant()}, and leads to a port that is {targets[0].Protocol.ToString().ToUpperInvariant()}.",
                    service.Location, $"Set Protocol = PortProtocol.{targets[0].Protocol} on the service's port.");
        }

        foreach (var ingress in service.Ingresses)
        {
            RequirePort(service, ingress.Port, $"The ingress '{ingress.Host}{ingress.Path}'", service.Location);
            if (ingress.Tls?.Secret is { } secret)
                Require<Secret>(secret, $"The ingress '{ingress.Host}{ingress.Path}'", service.Location);
        }
    }

    private void CheckCheck(Check check)
    {
        var owner = $"The check '{check.Name}'";
        if (check.Service is { } name && Require<Service>(name, owner, check.Location) is { } service)
            RequirePort(service, check.Port, owner, check.Location);
        if (check.Job is { } job && Require<Job>(job, owner, check.Location) is { BeforeRollout: true })
            diagnostics.Add(DiagnosticDescriptors.InvalidSetting, $"{owner} runs the job '{job}', which is to run before the rollout.", check.Location);
    }

    private void RequirePort(Service service, string? port, string owner, SourceLocation? place)
    {
        var found = port is null ? service.Ports.FirstOrDefault() : service.Ports.Find(candidate => candidate.Name == port);
        if (found is null && port is not null)
            diagnostics.Add(DiagnosticDescriptors.UnknownReference, $"{owner} names the port '{port}', which the service '{service.Name}' does not have.", place);
        else if (found is { Protocol: not PortProtocol.Tcp })
            diagnostics.Add(
                DiagnosticDescriptors.InvalidPort, $"{owner} asks the port '{found.Name}' of the service '{service.Name}', which is {found.Protocol.ToString().ToUpperInvariant()}.", place,
                "Name a TCP port.");
    }

    private T? Require<T>(string name, string owner, SourceLocation? place)
        where T : AppPart
    {
        var part = app.All<T>().FirstOrDefault(part => part.Name == name);
        if (part is null)
            diagnostics.Add(
                DiagnosticDescriptors.UnknownReference, $"{owner} names the {NameRules.KindOf(typeof(T))} '{name}', which is not there.", place);
        return part;
    }
}
