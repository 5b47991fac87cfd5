using System.Text.Json.Nodes;
using KubeApps.Yaml;

namespace KubeApps.Deploy.Clusters.Eks;

/// <summary>
/// What runs in a cluster and changes something in the account: its pods have a role of the cluster's by the service account that its project gives them. Neither
/// is to be had as an add-on of EKS (its community's add-ons are others), and EKS Auto Mode, which would bring both, takes the machines that the app declares
/// out of its hands: so what the projects publish is in this repository, with source and version, and applied as any object is.
/// </summary>
/// <param name="Name">The name of its deployment and of its service account, in the cluster's own namespace.</param>
/// <param name="Role">What it may do.</param>
/// <param name="Files">What it consists of, in the order in which it is applied.</param>
internal sealed record EksController(string Name, EksRole Role, IReadOnlyList<string> Files)
{
    public const string Namespace = "kube-system";

    /// <summary>Makes balancers for services and ingresses.</summary>
    /// <seealso href="https://kubernetes-sigs.github.io/aws-load-balancer-controller/"/>
    public static readonly EksController LoadBalancers = new(
        "aws-load-balancer-controller", EksRole.LoadBalancers, ["aws-load-balancer-controller.crds.yaml", "aws-load-balancer-controller.yaml"]);

    /// <summary>Keeps as many machines as the pods need. EKS tags its node groups for it.</summary>
    /// <seealso href="https://github.com/kubernetes/autoscaler/blob/master/cluster-autoscaler/cloudprovider/aws/README.md"/>
    public static readonly EksController Autoscaler = new("cluster-autoscaler", EksRole.Autoscaler, ["cluster-autoscaler.yaml"]);

    public static readonly IReadOnlyList<EksController> All = [LoadBalancers, Autoscaler];

    // Its releases follow those of Kubernetes: https://github.com/kubernetes/autoscaler/releases, as of 2026-08-22.
    private static readonly IReadOnlyList<string> Autoscalers = ["v1.30.7", "v1.31.5", "v1.32.7", "v1.33.6", "v1.34.5", "v1.35.2", "v1.36.1"];

    /// <summary>Those that a cluster shall have. On Fargate there is no agent that would give their pods a role.</summary>
    public static IEnumerable<EksController> Wanted(ClusterSpecification specification)
    {
        if (specification is { HasLoadBalancers: true, Pools.Count: > 0 })
            yield return LoadBalancers;
        if (specification is { HasAutoscaler: true, Pools.Count: > 0 })
            yield return Autoscaler;
    }

    /// <summary>The one whose pods have this service account; null where it is none.</summary>
    public static EksController? Of(string ns, string serviceAccount) => ns == Namespace ? All.FirstOrDefault(controller => controller.Name == serviceAccount) : null;

    /// <summary>The version for a version of Kubernetes; for one that is newer than what is known here, the newest.</summary>
    public string Version(string kubernetes) => this == LoadBalancers ? "v3.5.0"
        : Autoscalers.FirstOrDefault(version => version.StartsWith($"v{kubernetes}.", StringComparison.Ordinal)) ?? (EksVersion.IsOlder(kubernetes, "1.30") ? Autoscalers[0] : Autoscalers[^1]);

    /// <summary>What is written down of a version that was installed. It counts on when what is applied changes with no newer version: then that is brought to clusters that stand.</summary>
    public string Installed(string version) => this == LoadBalancers ? $"{version}+1" : version;

    /// <summary>What is applied, with the values that stand in the files by their names.</summary>
    public IReadOnlyList<JsonObject> Objects(IReadOnlyDictionary<string, string> values) => [.. Files.SelectMany(file =>
    {
        using var reader = new StreamReader(typeof(EksController).Assembly.GetManifestResourceStream(typeof(EksController), $"Controllers.{file}")!);
        var text = values.Aggregate(reader.ReadToEnd(), (text, value) => text.Replace($"${{{value.Key}}}", value.Value, StringComparison.Ordinal));
        return YamlReader.ReadAll(text, file).Select(document => document.Content.AsObject());
    })];
}
