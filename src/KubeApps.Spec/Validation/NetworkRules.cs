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
                    diagnostics.Add(DiagnosticDescriptors.InvalidName, $"'{host}' of the service '{service.Name}' is not a host name.", service.Location,
                        "Write it like shop.example.com or *.example.com, in lower case.");
            foreach (var ingress in service.Ingresses.Where(ingress => !IsPath(ingress.Path)))
                Report(service, $"has an ingress with the path '{ingress.Path}', which must begin with '/' and hold neither '//' nor parts like '.' and '..'");
            foreach (var name in service.DnsNames.Where(name => name.Ttl < TimeSpan.FromSeconds(1)))
                Report(service, $"has the DNS name '{name.Name}' with a TTL below one second");
            CheckCertificates(service);
        }

        // An ingress controller takes the first of two, whichever that is.
        foreach (var group in app.All<Service>().SelectMany(service => service.Ingresses, (service, ingress) => (Service: service, Ingress: ingress))
            .GroupBy(use => (use.Ingress.Host, use.Ingress.Path, use.Ingress.PathType)).Where(group => group.Count() > 1))
            diagnostics.Add(DiagnosticDescriptors.DuplicateName, $"Two ingresses lead {group.Key.Host}{group.Key.Path} somewhere.", group.Last().Service.Location);
        foreach (var group in app.All<Service>().SelectMany(service => service.DnsNames, (service, name) => (Service: service, name.Name))
            .GroupBy(use => use.Name).Where(group => group.Count() > 1))
            diagnostics.Add(DiagnosticDescriptors.DuplicateName, $"The DNS name {group.Key} is given twice.", group.Last().Service.Location);
        foreach (var policy in app.All<NetworkPolicy>())
            foreach (var name in policy.FromNamespaces)
                NameRules.CheckLabel(diagnostics, "namespace", name, 63, policy.Location);

        void CheckCertificates(Service service)
        {
            var isBalanced = service.Exposure is ServiceExposure.PublicLoadBalancer or ServiceExposure.InternalLoadBalancer;
            if (service.DnsNames.Count > 0 && !isBalanced && service.Ingresses.Count == 0)
                Report(service, "has a DNS name, but neither load balancer nor ingress to which it could lead");
            if (service.Tls is { } tls && (!isBalanced || tls.Certificate is null))
                Report(service, "has TLS at its load balancer, for which it needs one and a Tls.FromCertificate");

            var certificates = service.Ingresses.Select(ingress => ingress.Tls).OfType<Tls>().ToList();
            if (certificates.Exists(tls => tls.Certificate is not null) && service.IngressClass is not (null or "alb"))
                Report(service, $"has ingresses of the class '{service.IngressClass}', and a certificate of AWS, which only the class 'alb' can use");
            // cert-manager's annotation is one for the whole Ingress, and it would overwrite the other secrets.
            var issuers = certificates.Select(tls => tls.Issuer).OfType<string>().Distinct().ToList();
            if (issuers.Count > 1 || issuers.Count == 1 && certificates.Exists(tls => tls.Issuer is null))
                Report(service, $"has ingresses with certificates of {string.Join(" and ", issuers.Select(issuer => $"'{issuer}'"))} beside others; add a second service for those");
        }

        void Report(Service service, string what) => diagnostics.Add(DiagnosticDescriptors.InvalidSetting, $"The service '{service.Name}' {what}.", service.Location);
    }

    // https://kubernetes.io/docs/concepts/services-networking/ingress/#path-types
    private static bool IsPath(string path) =>
        path.StartsWith('/') && !path.Contains("//", StringComparison.Ordinal) && !path.Contains("%2f", StringComparison.OrdinalIgnoreCase)
        && !path.Split('/').Any(part => part is "." or "..");
}
