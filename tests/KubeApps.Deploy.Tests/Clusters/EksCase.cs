using System.Globalization;
using System.Text;
using KubeApps.Deploy.Aws;
using KubeApps.Deploy.Aws.Eks;
using KubeApps.Deploy.Clusters;
using KubeApps.Deploy.Clusters.Eks;

namespace KubeApps.Deploy.Tests.Clusters;

/// <summary>Clusters as AWS could have them, and plans as people read them.</summary>
internal static class EksCase
{
    public const string Name = "shop-prod-1";

    public static readonly ClusterOwner Owner = new("shop", "prod");

    public static readonly ClusterSpecification Small = new() { Pools = [new NodePoolSpecification("default", ["m7i.large"]) { Min = 2, Max = 4, Desired = 2 }] };

    public static readonly EksObserved Empty = new(new AwsIdentity("123456789012", "us-east-1", "arn:aws:iam::123456789012:role/provisioner"))
    {
        Offer = new EksOffer
        {
            Versions = [new("1.32", VersionStatus.ExtendedSupport), new("1.33", VersionStatus.StandardSupport), new("1.34", VersionStatus.StandardSupport)],
            Addons = new Dictionary<string, EksAddonOffer>
            {
                ["vpc-cni"] = new("v1.20.4", ["v1.20.4"]),
                ["kube-proxy"] = new("v1.34.0", ["v1.34.0"]),
                ["eks-pod-identity-agent"] = new("v1.3.9", ["v1.3.9"]),
                ["coredns"] = new("v1.12.3", ["v1.12.3"]),
                ["metrics-server"] = new("v0.8.0", ["v0.8.0"]),
                ["aws-ebs-csi-driver"] = new("v1.50.1", ["v1.50.1"]),
            },
            Zones = ["us-east-1a", "us-east-1b", "us-east-1c", "us-east-1d"],
            Processors = new Dictionary<string, int> { ["m7i.large"] = 2, ["m7g.large"] = 2 },
        },
    };

    private static IReadOnlyDictionary<string, string> Tags => EksTags.Of(Owner, Name);

    /// <summary>All that a specification asks for, at a version.</summary>
    public static EksObserved Standing(ClusterSpecification specification, string version = "1.34") => Empty with
    {
        Network = new EksNetwork
        {
            VpcId = "vpc-1",
            Parts = EksNetworkPlan.Steps(Empty).ToDictionary(step => step.Id, step => "id-" + EksTags.Hash(step.Id)),
            Subnets = [new("subnet-1", "us-east-1a", false), new("subnet-2", "us-east-1b", false), new("subnet-3", "us-east-1a", true), new("subnet-4", "us-east-1b", true)],
        },
        Cluster = new Cluster(Name, $"arn:aws:eks:us-east-1:123456789012:cluster/{Name}", ClusterStatus.Active) { Version = version, Tags = Tags },
        Nodegroups = [.. EksPoolPlan.Wanted(specification).Select(group => new Nodegroup(group.Name, "arn", NodegroupStatus.Active)
        {
            Version = version,
            Tags = Tags,
            ScalingConfig = new(group.Pool.Min, group.Pool.Max, group.Pool.Desired),
            Labels = group.Pool.Labels,
            Taints = EksTaints.Of(group.Pool),
        })],
        Fargate = [.. specification.Fargate.Select(profile => new KubeApps.Deploy.Aws.Eks.FargateProfile(profile.Name, "arn", FargateProfileStatus.Active)
        {
            Tags = Tags,
            Selectors = [.. profile.Selectors.Select(selector => new KubeApps.Deploy.Aws.Eks.FargateProfileSelector(selector.Namespace) { Labels = selector.Labels })],
        })],
        Addons = [.. Empty.Offer.Addons.Select(addon => new Addon(addon.Key, "arn", AddonStatus.Active) { AddonVersion = addon.Value.Default })],
        AccessEntries = [Empty.Caller, .. specification.Administrators],
        PodIdentities = [.. EksPodPlan.Identities(specification, Empty.Identity, Name).Select(role => new PodIdentityAssociation("a-1", "arn", role.Namespace, role.ServiceAccount, role.Role)
        {
            Tags = EksController.Of(role.Namespace, role.ServiceAccount) is { } controller ? new Dictionary<string, string>(Tags) { [EksTags.Version] = controller.Installed(controller.Version(version)) } : Tags,
        })],
        Roles = [.. EksPlanner.Roles(specification).Select(role => role.Part)],
        LaunchTemplates = [.. EksPoolPlan.Wanted(specification).Select(group => EksTags.LaunchTemplate(Name, group.Name))],
        HasIdentityProvider = specification is { Fargate.Count: > 0, CloudRoles.Count: > 0 },
    };

    public static ClusterPlan Ensure(ClusterSpecification specification, EksObserved observed) =>
        EksPlanner.Plan(new ClusterChange.Ensure(Name, Owner, specification), observed, EksPrices.Table);

    public static ClusterPlan Remove(EksObserved observed) => EksPlanner.Plan(new ClusterChange.Remove(Name, Owner), observed, EksPrices.Table);

    public static string Text(ClusterPlan plan)
    {
        var text = new StringBuilder();
        foreach (var finding in plan.Findings)
            text.Append(finding).Append('\n');
        foreach (var step in plan.Steps)
        {
            text.Append(CultureInfo.InvariantCulture, $"{step.Action,-7} {step.Id}: {step.Title} ({step.Expected.TotalSeconds:0} s)\n");
            if (step.After.Count > 0)
                text.Append("          after ").AppendJoin(", ", step.After).Append('\n');
            foreach (var detail in step.Details)
                text.Append("          ").Append(detail).Append('\n');
        }

        text.Append(CultureInfo.InvariantCulture, $"in all about {ClusterSteps.Expected(plan.Steps).TotalMinutes:0.#} min\n");
        foreach (var item in plan.Cost?.Items ?? [])
            text.Append(CultureInfo.InvariantCulture, $"{item.Hourly,8:0.0000} {item.What}\n");
        if (plan.Cost is { } cost)
            text.Append(CultureInfo.InvariantCulture, $"{cost.Hourly,8:0.0000} {cost.Currency} an hour, prices of {cost.PricesOf:yyyy-MM-dd}\n");
        return text.ToString();
    }
}
