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

    private readonly Option<string[]> _administrators = new("--administrator") { Description = "Who may do everything in the cluster, besides who makes it and who the specification names: the ARN of a role or user.", HelpName = "ARN" };

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

    /// <summary>What is given here counts in place of the specification; administrators are added to its own.</summary>
    public ClusterSpecification Of(ParseResult parsed, ClusterPlace place)
    {
        var specified = place.Environment is { } environment ? SpecifiedClusters.Of(environment) : new ClusterSpecification { Pools = [SpecifiedClusters.DefaultPool] };
        var (isPrivate, allowed) = (parsed.GetValue(_private), parsed.GetValue(_allowed) ?? []);
        var saysReach = isPrivate || allowed.Length > 0;
        return specified with
        {
            Version = parsed.GetValue(_version) ?? specified.Version,
            Administrators = [.. specified.Administrators.Union(parsed.GetValue(_administrators) ?? [])],
            Network = parsed.GetValue(_network) ?? specified.Network,
            EncryptionKey = parsed.GetValue(_key) ?? specified.EncryptionKey,
            IsPrivate = saysReach ? isPrivate : specified.IsPrivate,
            AllowedRanges = saysReach ? allowed : specified.AllowedRanges,
        };
    }
}
