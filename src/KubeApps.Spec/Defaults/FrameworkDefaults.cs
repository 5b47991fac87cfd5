namespace KubeApps;

/// <summary>
/// What the framework fills in after <see cref="KubeApp.Define"/>, in this order, only where the app has said nothing. Each default is a function
/// over the model: null turns it off, another function replaces it. A shared library does so for all apps.
/// </summary>
/// <example>
/// <code>
/// public static class CompanyDefaults
/// {
///     public static void UseCompanyDefaults(this KubeAppModel app)
///     {
///         app.Defaults.Metrics = StandardDefaults.PrometheusMetrics("/metrics");
///         app.Defaults.Dns = StandardDefaults.DnsZone("apps.example.com");
///         app.Defaults.NetworkPolicy = null;
///     }
/// }
/// </code>
/// </example>
public sealed class FrameworkDefaults
{
    /// <summary>Labels of all objects. Default: <see cref="StandardDefaults.Labels"/>.</summary>
    public Action<KubeAppModel>? Labels { get; set; } = StandardDefaults.Labels;

    /// <summary>How programs log. Default: <see cref="StandardDefaults.JsonConsole"/>.</summary>
    public Action<KubeAppModel>? Logging { get; set; } = StandardDefaults.JsonConsole;

    /// <summary>How metrics are collected. Default: none, since a plain project serves none; see <see cref="StandardDefaults.PrometheusMetrics"/>.</summary>
    public Action<KubeAppModel>? Metrics { get; set; }

    /// <summary>Names in the DNS. Default: none; see <see cref="StandardDefaults.DnsZone"/>.</summary>
    public Action<KubeAppModel>? Dns { get; set; }

    /// <summary>How Kubernetes asks containers for their state. Default: <see cref="StandardDefaults.Probes"/>.</summary>
    public Action<KubeAppModel>? Probes { get; set; } = StandardDefaults.Probes;

    /// <summary>How pods end. Default: <see cref="StandardDefaults.GracefulStop"/>.</summary>
    public Action<KubeAppModel>? GracefulStop { get; set; } = StandardDefaults.GracefulStop;

    /// <summary>What containers are promised and may use. Default: <see cref="StandardDefaults.Resources"/>.</summary>
    public Action<KubeAppModel>? Resources { get; set; } = StandardDefaults.Resources;

    /// <summary>What containers may do. Default: <see cref="StandardDefaults.SecurityContext"/>.</summary>
    public Action<KubeAppModel>? SecurityContext { get; set; } = StandardDefaults.SecurityContext;

    /// <summary>Who can connect to pods. Default: <see cref="StandardDefaults.NetworkPolicy"/>.</summary>
    public Action<KubeAppModel>? NetworkPolicy { get; set; } = StandardDefaults.NetworkPolicy;

    internal void Apply(KubeAppModel app)
    {
        foreach (var step in new[] { Labels, Logging, Metrics, Dns, Probes, GracefulStop, Resources, SecurityContext, NetworkPolicy })
            step?.Invoke(app);
    }
}
