using System.Globalization;
using System.Text.Json.Nodes;
using static KubeApps.Rendering.Nodes;

namespace KubeApps.Rendering;

/// <summary>Services and their ingresses.</summary>
internal static class ServiceRendering
{
    private const string Aws = "service.beta.kubernetes.io/aws-load-balancer";

    public static void Render(RenderContext context)
    {
        foreach (var service in context.App.All<Service>())
        {
            context.Add(
                Object(
                    ("apiVersion", "v1"),
                    ("kind", "Service"),
                    ("metadata", context.Metadata(service.Name, service.Labels, Annotations(context, service), service.Workload)),
                    ("spec", Spec(context, service))),
                part: service);
            if (service.Ingresses.Count > 0)
                context.Add(Ingress(context, service));
        }
    }

    private static JsonObject Spec(RenderContext context, Service service) => Object(
        ("type", IsBalanced(service) ? "LoadBalancer" : "ClusterIP"),
        ("clusterIP", service.Exposure == ServiceExposure.Headless ? "None" : null),
        ("selector", context.Selector(service.Workload)),
        ("ports", List(service.Ports, static port => Object(
            ("name", port.Name),
            ("port", port.Port),
            ("targetPort", port.TargetPort),
            ("protocol", ContainerRendering.Protocol(port.Protocol))))));

    private static bool IsBalanced(Service service) => service.Exposure is ServiceExposure.PublicLoadBalancer or ServiceExposure.InternalLoadBalancer;

    private static Dictionary<string, string> Annotations(RenderContext context, Service service)
    {
        Dictionary<string, string> annotations = [];
        if (IsBalanced(service))
        {
            var isInternal = service.Exposure == ServiceExposure.InternalLoadBalancer;
            // A certificate of AWS says by itself that the cluster of a context is there.
            var target = context.App.Environment.Target.Kind;
            if (target == TargetKind.Eks || target == TargetKind.Context && service.Tls is not null)
            {
                // https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/service/annotations/
                annotations[$"{Aws}-type"] = "external";
                annotations[$"{Aws}-nlb-target-type"] = "ip";
                annotations[$"{Aws}-scheme"] = isInternal ? "internal" : "internet-facing";
                if (service.Tls?.Certificate is { } certificate)
                    annotations[$"{Aws}-ssl-cert"] = certificate;
            }
            else if (isInternal)
            {
                // Which cloud a context leads to is not known here; each reads only its own annotation.
                annotations["networking.gke.io/load-balancer-type"] = "Internal";
                annotations["service.beta.kubernetes.io/azure-load-balancer-internal"] = "true";
            }

            AddDnsNames(annotations, service);
        }

        foreach (var (key, value) in service.Annotations)
            annotations[key] = value;
        return annotations;
    }

    private static void AddDnsNames(Dictionary<string, string> annotations, Service service)
    {
        if (service.DnsNames.Count == 0)
            return;
        annotations["external-dns.alpha.kubernetes.io/hostname"] = string.Join(",", service.DnsNames.Select(name => name.Name));
        annotations["external-dns.alpha.kubernetes.io/ttl"] = Seconds(service.DnsNames.Min(name => name.Ttl)).ToString(CultureInfo.InvariantCulture);
    }

    private static JsonObject Ingress(RenderContext context, Service service)
    {
        Dictionary<string, string> annotations = [];
        if (service.IngressClass == "alb")
        {
            annotations["alb.ingress.kubernetes.io/scheme"] = service.Exposure == ServiceExposure.InternalLoadBalancer ? "internal" : "internet-facing";
            annotations["alb.ingress.kubernetes.io/target-type"] = "ip";
            var certificates = service.Ingresses.Select(ingress => ingress.Tls?.Certificate).OfType<string>().Distinct().ToList();
            if (certificates.Count > 0)
                annotations["alb.ingress.kubernetes.io/certificate-arn"] = string.Join(",", certificates);
        }

        if (service.Ingresses.Select(ingress => ingress.Tls?.Issuer).FirstOrDefault(issuer => issuer is not null) is { } clusterIssuer)
            annotations["cert-manager.io/cluster-issuer"] = clusterIssuer;
        if (!IsBalanced(service))
            AddDnsNames(annotations, service);

        return Object(
            ("apiVersion", "networking.k8s.io/v1"),
            ("kind", "Ingress"),
            ("metadata", context.Metadata(service.Name, annotations: annotations, component: service.Workload)),
            ("spec", Object(
                ("ingressClassName", service.IngressClass),
                ("tls", List(service.Ingresses.Where(ingress => SecretOf(service, ingress) is not null).GroupBy(ingress => SecretOf(service, ingress)), static group => Object(
                    ("hosts", List([.. group.Select(ingress => ingress.Host).Distinct()])),
                    ("secretName", group.Key)))),
                ("rules", List(service.Ingresses.GroupBy(ingress => ingress.Host), group => Object(
                    ("host", group.Key),
                    ("http", Object(("paths", List(group, ingress => Path(service, ingress)))))))))));
    }

    private static string? SecretOf(Service service, Ingress ingress) =>
        ingress.Tls?.Secret ?? (ingress.Tls?.Issuer is not null ? $"{service.Name}-tls" : null);

    private static JsonObject Path(Service service, Ingress ingress) => Object(
        ("path", ingress.Path),
        ("pathType", ingress.PathType.ToString()),
        ("backend", Object(("service", Object(
            ("name", service.Name),
            ("port", Object(("name", ingress.Port ?? service.Ports[0].Name))))))));
}
