namespace KubeApps.Aws.StandIn;

/// <summary>How long AWS takes, by the clock of the account.</summary>
public sealed record Delays
{
    /// <summary>About as long as AWS does.</summary>
    public static Delays Real { get; } = new();

    /// <summary>Everything is there, and gone, at once.</summary>
    public static Delays None { get; } = Real.Times(0);

    public TimeSpan Cluster { get; init; } = TimeSpan.FromMinutes(9);

    public TimeSpan ClusterDeletion { get; init; } = TimeSpan.FromMinutes(4);

    public TimeSpan ClusterVersion { get; init; } = TimeSpan.FromMinutes(10);

    public TimeSpan ClusterConfiguration { get; init; } = TimeSpan.FromMinutes(2);

    public TimeSpan NodeGroup { get; init; } = TimeSpan.FromMinutes(3);

    public TimeSpan NodeGroupDeletion { get; init; } = TimeSpan.FromMinutes(5);

    public TimeSpan AddOn { get; init; } = TimeSpan.FromSeconds(45);

    public TimeSpan FargateProfile { get; init; } = TimeSpan.FromMinutes(2);

    public TimeSpan NatGateway { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>Until a load balancer serves, or a DNS change is everywhere.</summary>
    public TimeSpan Network { get; init; } = TimeSpan.FromSeconds(40);

    /// <summary>Until a fresh role can be taken on by a service.</summary>
    public TimeSpan Role { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Until an interface is free of a machine that has ended.</summary>
    public TimeSpan Detachment { get; init; } = TimeSpan.FromSeconds(90);

    /// <summary>After the end of a minute, until CloudWatch tells what was measured in it.</summary>
    public TimeSpan Metrics { get; init; } = TimeSpan.FromSeconds(100);

    /// <summary>Until lists know of what came or went. Zero where a test does not ask for it.</summary>
    public TimeSpan Lists { get; init; } = TimeSpan.Zero;

    /// <summary>All of them longer or shorter.</summary>
    public Delays Times(double factor) => new()
    {
        Cluster = Cluster * factor,
        ClusterDeletion = ClusterDeletion * factor,
        ClusterVersion = ClusterVersion * factor,
        ClusterConfiguration = ClusterConfiguration * factor,
        NodeGroup = NodeGroup * factor,
        NodeGroupDeletion = NodeGroupDeletion * factor,
        AddOn = AddOn * factor,
        FargateProfile = FargateProfile * factor,
        NatGateway = NatGateway * factor,
        Network = Network * factor,
        Role = Role * factor,
        Detachment = Detachment * factor,
        Metrics = Metrics * factor,
        Lists = Lists * factor,
    };
}
