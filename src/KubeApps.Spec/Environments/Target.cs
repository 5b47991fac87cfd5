using System.Text.Json.Serialization;

namespace KubeApps;

/// <summary>What kind of cluster a <see cref="Target"/> is.</summary>
public enum TargetKind
{
    /// <summary>The local sandbox that comes with the tool.</summary>
    Sandbox,

    /// <summary>A context of the kubeconfig.</summary>
    Context,

    /// <summary>Amazon EKS: an account and a region; the tool finds or makes the app's cluster there.</summary>
    Eks,
}

/// <summary>The cluster that an environment is bound to. The kubeconfig's current context is never used without being named.</summary>
public sealed class Target
{
    [JsonConstructor]
    internal Target()
    {
    }

    /// <summary>The built-in sandbox: a registry and a Kubernetes API on this machine, pods as local processes.</summary>
    public static Target Sandbox => new();

    /// <summary>The kind of cluster.</summary>
    [JsonInclude]
    public TargetKind Kind { get; internal set; }

    /// <summary>The context's name in the kubeconfig.</summary>
    [JsonInclude]
    [JsonPropertyName("context")]
    public string? ContextName { get; internal set; }

    /// <summary>The AWS account: 12 digits.</summary>
    [JsonInclude]
    public string? Account { get; internal set; }

    /// <summary>The AWS region: <c>eu-central-1</c>.</summary>
    [JsonInclude]
    public string? Region { get; internal set; }

    /// <summary>
    /// Where images are pushed for this target: <c>registry.example.com/team</c>. Default: the sandbox's own registry, the account's ECR for
    /// EKS (<c>ecr</c>); a context has none, and must be told one with <see cref="WithRegistry"/> to deploy images of a build.
    /// </summary>
    [JsonInclude]
    public string? Registry { get; internal set; }

    /// <summary>How the registry of the AWS account keeps the images, where they go to ECR.</summary>
    [JsonInclude]
    public EcrSettings? Ecr { get; internal set; }

    /// <summary>What the app's cluster on EKS is like.</summary>
    [JsonInclude]
    public ClusterSettings? Cluster { get; internal set; }

    /// <summary>A context of the kubeconfig, by name.</summary>
    public static Target Context(string name) => new() { Kind = TargetKind.Context, ContextName = name };

    /// <summary>Amazon EKS in an account and a region.</summary>
    /// <param name="account">The AWS account: 12 digits.</param>
    /// <param name="region">The AWS region: <c>eu-central-1</c>.</param>
    public static Target Eks(string account, string region) => new() { Kind = TargetKind.Eks, Account = account, Region = region };

    /// <summary>This target with another place for images: <c>registry.example.com/team</c>.</summary>
    public Target WithRegistry(string registry) => With(registry, Ecr, Cluster);

    /// <summary>This target with images in ECR kept as these settings say.</summary>
    public Target WithEcr(EcrSettings settings) => With(Registry, settings, Cluster);

    /// <summary>This target with the app's cluster on EKS made as these settings say.</summary>
    public Target WithCluster(ClusterSettings settings) => With(Registry, Ecr, settings);

    private Target With(string? registry, EcrSettings? ecr, ClusterSettings? cluster) =>
        new() { Kind = Kind, ContextName = ContextName, Account = Account, Region = Region, Registry = registry, Ecr = ecr, Cluster = cluster };
}
