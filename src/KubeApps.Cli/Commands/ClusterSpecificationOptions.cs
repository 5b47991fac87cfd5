using System.CommandLine;
using KubeApps.Deploy.Clusters;

namespace KubeApps.Cli.Commands;

/// <summary>The options that say what a cluster shall be, besides what the specification's hardware says.</summary>
internal sealed class ClusterSpecificationOptions
{
    private readonly Option<string?> _version = new("--kubernetes-version")
    {
        Description = "The version of Kubernetes: 1.34. Default: the one that the cluster has; for a new one the provider's newest in standard support.",
        HelpName = "VERSION",
    };

    private readonly Option<string[]> _administrators = new("--administrator") { Description = "Who may do everything in the cluster, besides who makes it: the ARN of a role or user.", HelpName = "ARN" };

    private readonly Option<string?> _network = new("--network")
    {
        Description = "The VPC. Default: one that is tagged kubeapps.dev/network=shared, else one of the app's own.",
        HelpName = "VPC",
    };

    private readonly Option<string?> _key = new("--encryption-key") { Description = "The KMS key for the cluster's secrets. Default: one of AWS's own.", HelpName = "ARN" };

    private readonly Option<bool> _private = new("--private") { Description = "Let the API be reached from the network alone." };

    private readonly Option<string[]> _allowed = new("--allow") { Description = "From where the API can be reached. Default: from everywhere.", HelpName = "CIDR" };

    public void AddTo(Command command)
    {
        foreach (var option in (Option[])[_version, _administrators, _network, _key, _private, _allowed])
            command.Add(option);
    }

    public ClusterSpecification Of(ParseResult parsed, ClusterPlace place) =>
        (place.Environment is { } environment ? SpecifiedClusters.Of(environment) : new ClusterSpecification { Pools = [SpecifiedClusters.DefaultPool] }) with
        {
            Version = parsed.GetValue(_version),
            Administrators = parsed.GetValue(_administrators) ?? [],
            Network = parsed.GetValue(_network),
            EncryptionKey = parsed.GetValue(_key),
            IsPrivate = parsed.GetValue(_private),
            AllowedRanges = parsed.GetValue(_allowed) ?? [],
        };
}
