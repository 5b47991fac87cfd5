using System.Text.Json.Serialization;

namespace KubeApps;

/// <summary>How the path of an <see cref="Ingress"/> is compared with that of a request.</summary>
/// <seealso href="https://kubernetes.io/docs/concepts/services-networking/ingress/#path-types"/>
public enum IngressPathType
{
    /// <summary>The request's path begins with it, part by part: <c>/shop</c> is the beginning of <c>/shop/cart</c>, and not of <c>/shopping</c>.</summary>
    Prefix,

    /// <summary>The request's path is it.</summary>
    Exact,
}

/// <summary>Leads HTTP requests for a host name and path to a service. The cluster needs an ingress controller.</summary>
/// <seealso href="https://kubernetes.io/docs/concepts/services-networking/ingress/"/>
public sealed class Ingress
{
    [JsonConstructor]
    internal Ingress()
    {
    }

    /// <summary>Leads a host to the service.</summary>
    /// <param name="host">The host name: <c>shop.example.com</c>; <c>*.example.com</c> is possible.</param>
    /// <param name="path">The path: begins with <c>/</c>, without <c>//</c>, <c>.</c> and <c>..</c>. Default: all.</param>
    public Ingress(string host, string path = "/") => (Host, Path) = (host, path);

    /// <summary>The host name.</summary>
    public string Host { get; set; } = "";

    /// <summary>The path. Default: <c>/</c>.</summary>
    public string Path { get; set; } = "/";

    /// <summary>How the path is compared with that of a request. Default: as its beginning.</summary>
    public IngressPathType PathType { get; set; }

    /// <summary>The name of the service's port. Default: its first.</summary>
    public string? Port { get; set; }

    /// <summary>The certificate. Default: none; plain HTTP.</summary>
    public Tls? Tls { get; set; }
}

/// <summary>Where a certificate comes from. Say one of the three.</summary>
public sealed class Tls
{
    [JsonConstructor]
    internal Tls()
    {
    }

    /// <summary>A secret of type <c>kubernetes.io/tls</c>.</summary>
    [JsonInclude]
    public string? Secret { get; internal set; }

    /// <summary>A ClusterIssuer of cert-manager.</summary>
    [JsonInclude]
    public string? Issuer { get; internal set; }

    /// <summary>The ARN of a certificate in AWS Certificate Manager.</summary>
    [JsonInclude]
    public string? Certificate { get; internal set; }

    /// <summary>A certificate in a secret of type <c>kubernetes.io/tls</c>, by name.</summary>
    public static Tls FromSecret(string secret) => new() { Secret = secret };

    /// <summary>A certificate that cert-manager gets from a ClusterIssuer. Only for an ingress, and for all those of one service or none.</summary>
    /// <seealso href="https://cert-manager.io/docs/usage/ingress/"/>
    public static Tls FromIssuer(string clusterIssuer) => new() { Issuer = clusterIssuer };

    /// <summary>A certificate of AWS Certificate Manager, by ARN, at the load balancer. An ingress needs the class <c>alb</c> for it.</summary>
    /// <seealso href="https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/service/annotations/"/>
    public static Tls FromCertificate(string arn) => new() { Certificate = arn };
}

/// <summary>A name in the DNS that leads to a service. The cluster needs ExternalDNS.</summary>
/// <seealso href="https://kubernetes-sigs.github.io/external-dns/"/>
public sealed class DnsName
{
    [JsonConstructor]
    internal DnsName()
    {
    }

    /// <summary>A name.</summary>
    /// <param name="name">The whole name: <c>shop.example.com</c>.</param>
    /// <param name="ttl">How long others may keep the answer; whole seconds. Default: 1 minute.</param>
    public DnsName(string name, TimeSpan? ttl = null) => (Name, Ttl) = (name, ttl ?? TimeSpan.FromMinutes(1));

    /// <summary>The whole name.</summary>
    public string Name { get; set; } = "";

    /// <summary>How long others may keep the answer. Default: 1 minute.</summary>
    public TimeSpan Ttl { get; set; } = TimeSpan.FromMinutes(1);
}
