using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using KubeApps.Bundles;

namespace KubeApps.Deploy.Clusters;

/// <summary>Reads from a bundle what the cluster of an environment shall be. Pure.</summary>
internal static partial class SpecifiedClusters
{
    private const string CloudRole = "eks.amazonaws.com/role-arn";
    private const string SystemNamespace = "kube-system";

    /// <summary>The pool of an app that says nothing of machines: two, in two zones.</summary>
    public static readonly NodePoolSpecification DefaultPool = new("default", ["m6i.large", "m5.large"]) { Min = 2, Max = 4, Desired = 2 };

    // The cluster's own pods need a place, too: its name service, its metrics.
    private static readonly FargateSpecification SystemProfile = new(SystemNamespace, [new FargateSelector(SystemNamespace, new Dictionary<string, string>())]);

    public static ClusterSpecification Of(BundleEnvironment environment)
    {
        var hardware = environment.Hardware?.Deserialize(HardwareJson.Default.Hardware) ?? new Hardware();
        List<FargateSpecification> fargate = [.. (hardware.FargateProfiles ?? []).Select(profile => new FargateSpecification(
            profile.Name, [.. (profile.Selectors ?? []).Select(selector => new FargateSelector(selector.Namespace, selector.Labels ?? []))]))];
        List<NodePoolSpecification> pools = [.. (hardware.NodePools ?? []).Select(Pool)];
        if (pools.Count == 0 && fargate.Count == 0)
            pools.Add(DefaultPool);
        else if (pools.Count == 0)
            fargate.Add(SystemProfile);
        var own = hardware.Cluster ?? new Settings();
        return new ClusterSpecification
        {
            Version = own.Version,
            Pools = pools,
            Fargate = fargate,
            CloudRoles = [.. environment.Objects.Select(item => Role(item.Content, environment.Namespace)).OfType<CloudRoleSpecification>()],
            Administrators = own.Administrators ?? [],
            Network = own.Network,
            EncryptionKey = own.EncryptionKey,
            IsPrivate = own.IsPrivate,
            AllowedRanges = own.AllowedRanges ?? [],
            HasLoadBalancers = own.LoadBalancerController ?? (environment.Objects.Any(item => IsBalanced(item.Content)) && !Brings(environment, "aws-load-balancer-controller")),
            HasAutoscaler = own.ClusterAutoscaler ?? (pools.Exists(pool => pool.Max > pool.Min) && !Brings(environment, "cluster-autoscaler")),
        };
    }

    private static NodePoolSpecification Pool(Machines pool) => new(pool.Name, pool.InstanceTypes)
    {
        Architecture = pool.Architecture ?? "amd64",
        IsSpot = pool.Capacity == "spot",
        Min = pool.Min,
        Max = pool.Max,
        // A group of EKS can shrink to none, but is never made for more or fewer than its bounds.
        Desired = Math.Clamp(pool.Desired ?? pool.Min, pool.Min, pool.Max),
        Labels = pool.Labels ?? [],
        Taints = pool.Taints ?? [],
    };

    private static CloudRoleSpecification? Role(JsonObject content, string ns) =>
        (string?)content["kind"] == "ServiceAccount" && content["metadata"] is JsonObject metadata && (string?)metadata["annotations"]?[CloudRole] is { } role
            ? new CloudRoleSpecification((string?)metadata["namespace"] ?? ns, (string)metadata["name"]!, role)
            : null;

    // What the cloud's own controller makes balancers for.
    private static bool IsBalanced(JsonObject content) => (string?)content["kind"] switch
    {
        "Ingress" => (string?)content["spec"]?["ingressClassName"] == "alb",
        "Service" => (string?)content["spec"]?["type"] == "LoadBalancer"
            && ((string?)content["metadata"]?["annotations"]?["service.beta.kubernetes.io/aws-load-balancer-type"] == "external" || (string?)content["spec"]?["loadBalancerClass"] == "service.k8s.aws/nlb"),
        _ => false,
    };

    private static bool Brings(BundleEnvironment environment, string deployment) =>
        environment.Objects.Any(item => (string?)item.Content["kind"] == "Deployment" && (string?)item.Content["metadata"]?["name"] == deployment);

    // As the bundle has it.
    internal sealed record Hardware
    {
        public Settings? Cluster { get; init; }

        public IReadOnlyList<Machines>? NodePools { get; init; }

        public IReadOnlyList<Profile>? FargateProfiles { get; init; }
    }

    internal sealed record Settings
    {
        public string? Version { get; init; }

        public IReadOnlyList<string>? Administrators { get; init; }

        public string? Network { get; init; }

        public string? EncryptionKey { get; init; }

        public bool IsPrivate { get; init; }

        public IReadOnlyList<string>? AllowedRanges { get; init; }

        public bool? LoadBalancerController { get; init; }

        public bool? ClusterAutoscaler { get; init; }
    }

    internal sealed record Machines(string Name, IReadOnlyList<string> InstanceTypes)
    {
        public string? Architecture { get; init; }

        public string? Capacity { get; init; }

        public int Min { get; init; } = 1;

        public int Max { get; init; } = 3;

        public int? Desired { get; init; }

        public Dictionary<string, string>? Labels { get; init; }

        public List<NodeTaint>? Taints { get; init; }
    }

    internal sealed record Profile(string Name)
    {
        public IReadOnlyList<Selector>? Selectors { get; init; }
    }

    internal sealed record Selector(string Namespace)
    {
        public Dictionary<string, string>? Labels { get; init; }
    }

    [JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
    [JsonSerializable(typeof(Hardware))]
    private sealed partial class HardwareJson : JsonSerializerContext;
}
