using System.Runtime.CompilerServices;
using System.Text.Json.Serialization;

namespace KubeApps;

/// <summary>Who can reach a <see cref="Service"/>.</summary>
public enum ServiceExposure
{
    /// <summary>Only pods of the cluster: <c>ClusterIP</c>.</summary>
    Cluster,

    /// <summary>Only pods of the cluster, each pod by itself: no address of its own (<c>clusterIP: None</c>). For stateful sets.</summary>
    Headless,

    /// <summary>The private network around the cluster, through a load balancer.</summary>
    InternalLoadBalancer,

    /// <summary>Everybody, through a load balancer.</summary>
    PublicLoadBalancer,
}

/// <summary>One stable address for the pods of a workload.</summary>
/// <seealso href="https://kubernetes.io/docs/concepts/services-networking/service/"/>
public sealed class Service : AppPart
{
    [JsonConstructor]
    internal Service()
    {
    }

    /// <summary>A service in front of a workload.</summary>
    /// <param name="name">Its name, which is also its host name in the cluster: a DNS-1123 label that begins with a letter.</param>
    /// <param name="workload">The workload that it leads to.</param>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    public Service(string name, string workload, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
        : base(name, file, line) => Workload = workload;

    /// <summary>The workload that it leads to, by name.</summary>
    public string Workload { get; set; } = "";

    /// <summary>
    /// The ports. Default: a port of the same name for each named port of the workload's containers; 80 for <c>http</c> unless the service is
    /// headless, else the same number.
    /// </summary>
    public List<ServicePort> Ports { get; set; } = [];

    /// <summary>Who can reach it. Default: only the cluster.</summary>
    public ServiceExposure Exposure { get; set; }

    /// <summary>Hosts and paths of HTTP requests that an ingress controller leads here.</summary>
    public List<Ingress> Ingresses { get; set; } = [];

    /// <summary>The ingress class. Default: the cluster's; <c>alb</c> on EKS and where an ingress has a certificate of AWS.</summary>
    public string? IngressClass { get; set; }

    /// <summary>Names in the DNS that lead to the load balancer.</summary>
    public List<DnsName> DnsNames { get; set; } = [];

    /// <summary>The certificate at the load balancer; <see cref="Tls.FromCertificate"/> only. Default: none.</summary>
    public Tls? Tls { get; set; }

    /// <summary>Labels, besides the framework's.</summary>
    public Dictionary<string, string> Labels { get; set; } = [];

    /// <summary>Annotations.</summary>
    public Dictionary<string, string> Annotations { get; set; } = [];
}

/// <summary>A port of a <see cref="Service"/>. It leads to a container's port of the same protocol.</summary>
/// <seealso href="https://kubernetes.io/docs/concepts/services-networking/service/#field-spec-ports"/>
public sealed class ServicePort
{
    [JsonConstructor]
    internal ServicePort()
    {
    }

    /// <summary>A port that leads to a container's port.</summary>
    /// <param name="name">Its name, unique in the service: at most 15 lower-case letters, digits and hyphens, with a letter.</param>
    /// <param name="port">1 to 65535.</param>
    /// <param name="targetPort">The name of the container's port. Default: the same name.</param>
    public ServicePort(string name, int port, string? targetPort = null) => (Name, Port, TargetPort) = (name, port, targetPort ?? name);

    /// <summary>Its name, unique in the service.</summary>
    public string Name { get; set; } = "";

    /// <summary>The number, 1 to 65535.</summary>
    public int Port { get; set; }

    /// <summary>The name of the container's port to which it leads.</summary>
    public string TargetPort { get; set; } = "";

    /// <summary>The protocol. Default: TCP.</summary>
    public PortProtocol Protocol { get; set; }
}
