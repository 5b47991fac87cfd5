using KubeApps.Diagnostics;

namespace KubeApps;

/// <summary>Services can be reached the way they say.</summary>
internal static class NetworkRules
{
    public static void Check(KubeAppModel app, SpecDiagnostics diagnostics)
    {
        foreach (var service in app.All<Service>())
        {
            if (service.Ports.Count == 0 && service.Exposure != ServiceExposure.Headless)
                Report(service, "has no port");
            foreach (var host in service.Ingresses.Select(ingress => ingress.Host).Concat(service.DnsNames.Select(name => name.Name)))
                if (!NameRules.IsHostName(host))
                    diagnostics.Add(DiagnosticDescriptors.InvalidName, $"'{host}' of the service '{service.Name}' is not a host name.", service.Location);
            foreach (var ingress in service.Ingresses.Where(ingress => !ingress.Path.StartsWith('/')))
                Report(service, $"has an ingress with the path '{ingress.Path}', which does not begin with '/'");
            foreach (var name in service.DnsNames.Where(name => name.Ttl < TimeSpan.FromSeconds(1)))
                Report(service, $"has the DNS name '{name.Name}' with a TTL below one second");
            var isBalanced = service.Exposure is ServiceExposure.PublicLoadBalancer or ServiceExposure.InternalLoadBalancer;
            if (service.DnsNames.Count > 0 && !isBalanced && service.Ingresses.Count == 0)
                Report(service, "has a DNS name, but neither load balancer nor ingress to which it could lead");
            if (service.Tls is { } tls && (!isBalanced || tls.Certificate is null))
                Report(service, "has TLS at its load balancer, for which it needs one and a Tls.FromCertificate");
        }

        void Report(Service service, string what) => diagnostics.Add(DiagnosticDescriptors.InvalidSetting, $"The service '{service.Name}' {what}.", service.Location);
    }
}
