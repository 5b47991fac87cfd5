using KubeApps;

namespace Acme.Platform;

/// <summary>
/// What the platform team decides for all apps. Each default of the framework is a function over the model: it can be kept, chosen, replaced,
/// extended or turned off, and an app that says something itself always wins.
/// </summary>
public static class AcmeDefaults
{
    public static void UseAcmeDefaults(this KubeAppModel app)
    {
        // Chosen: the framework collects no metrics by itself; here every app serves them.
        app.Defaults.Metrics = StandardDefaults.PrometheusMetrics("/metrics");

        // Chosen, but not on the laptop: names in the DNS for services with a public load balancer.
        if (!app.Environment.Is("local"))
            app.Defaults.Dns = StandardDefaults.DnsZone("acme.example");

        // Replaced: an open port says little; all apps of Acme answer at /healthz.
        app.Defaults.Probes = HealthProbes;

        // Extended: the framework's labels, and one of ours.
        app.Defaults.Labels = model =>
        {
            StandardDefaults.Labels(model);
            model.Labels.TryAdd("acme.example/platform", "1");
        };

        // In Acme's clusters the platform team makes the namespace of each app, with its quota; the laptop has nobody who would.
        app.CreateNamespace = app.Environment.Is("local");

        // Turned off: Acme's clusters have policies for all namespaces, which say who may connect.
        app.Defaults.NetworkPolicy = null;
    }

    private static void HealthProbes(KubeAppModel app)
    {
        foreach (var container in app.All<Deployment>().SelectMany(deployment => deployment.Containers))
            if (container.Ports.Exists(port => port.Name == "http"))
                container.ReadinessProbe ??= Probe.Http("/healthz");
    }
}
