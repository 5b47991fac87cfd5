using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using KubeApps.Deploy.Aws;
using KubeApps.Deploy.Aws.Eks;
using KubeApps.Deploy.Targets;
using KubeApps.Events;

namespace KubeApps.Deploy.Clusters.Eks;

/// <summary>Ways to a cluster of EKS: for us, and for kubectl. Neither needs AWS's own tool.</summary>
internal static class EksConnection
{
    /// <summary>A connection to a cluster that is ready. It outlives the access: the credentials renew themselves.</summary>
    public static ClusterConnection Open(AwsAccess access, Cluster cluster, IEventSink sink, TimeProvider clock)
    {
        X509Certificate2Collection authorities = [];
        authorities.ImportFromPem(Authority(cluster));
        var login = new EksLogin(access.Credentials, access.Identity.Region, cluster.Name, sink, clock);
        return ClusterConnection.WithLogin($"EKS {cluster.Name} ({access.Identity})", cluster.Endpoint!, authorities, login.AuthorizeAsync, clock);
    }

    /// <summary>A kubeconfig without a secret: kubectl asks our tool for a token, as whoever runs it.</summary>
    /// <param name="identity">The account and the region of the cluster.</param>
    /// <param name="cluster">A cluster that is ready.</param>
    /// <param name="profile">The profile that kubectl's user is to take, where it is not the usual one.</param>
    public static JsonObject Kubeconfig(AwsIdentity identity, Cluster cluster, string? profile)
    {
        var exec = new JsonObject
        {
            ["apiVersion"] = EksCredential.ApiVersion,
            ["command"] = "dotnet",
            ["args"] = new JsonArray("kubeapp", "cluster", "token", cluster.Name, "--account", identity.Account, "--region", identity.Region),
            ["interactiveMode"] = "Never",
            ["installHint"] = "Install the .NET SDK (https://dot.net), then: dotnet tool install --global dotnet-kubeapp",
        };
        if (!string.IsNullOrEmpty(profile))
            exec["env"] = new JsonArray(new JsonObject { ["name"] = "AWS_PROFILE", ["value"] = profile });
        return KubeconfigDocument.Of(cluster.Name, cluster.Endpoint!, Authority(cluster), new JsonObject { ["exec"] = exec });
    }

    private static string Authority(Cluster cluster) => Encoding.UTF8.GetString(Convert.FromBase64String(cluster.CertificateAuthority?.Data ?? ""));
}
