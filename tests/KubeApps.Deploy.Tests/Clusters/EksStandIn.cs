using Amazon.Runtime;
using KubeApps.Aws.StandIn;
using KubeApps.Deploy.Aws;
using KubeApps.Deploy.Clusters;
using KubeApps.Deploy.Clusters.Eks;
using KubeApps.Events;

namespace KubeApps.Deploy.Tests.Clusters;

/// <summary>A provider in an account of the stand-in's, whose hours pass in no time.</summary>
internal sealed class EksStandIn(StandInAccount account, TimeProvider clock) : IDisposable
{
    public static readonly ClusterOwner Owner = new("shop", "prod");

    public const string Name = "shop-prod-1";

    /// <summary>One pool of two machines, and what goes with it.</summary>
    public static readonly ClusterSpecification Small = new()
    {
        Pools = [new NodePoolSpecification("web", ["m5.large"]) { Min = 1, Max = 3, Desired = 2, Labels = new Dictionary<string, string> { ["kubeapps.dev/node-pool"] = "web" } }],
        CloudRoles = [new("shop", "web", $"arn:aws:iam::{123456789012}:role/storefront")],
    };

    public EksClusterProvider Provider { get; } = new(token => AwsAccess.OpenAsync(SettingsOf(account), token), account.Id, clock);

    public Task<ClusterPlan> PlanAsync(ClusterSpecification specification) =>
        Provider.PlanAsync(new ClusterChange.Ensure(Name, Owner, specification), TestContext.Current.CancellationToken);

    public Task<ClusterPlan> PlanRemovalAsync() => Provider.PlanAsync(new ClusterChange.Remove(Name, Owner), TestContext.Current.CancellationToken);

    public Task ExecuteAsync(ClusterPlan plan, Listener? listener = null) => Provider.ExecuteAsync(plan, listener ?? new Listener(), listener?.Token ?? TestContext.Current.CancellationToken);

    public void Dispose() => Provider.Dispose();

    private static AwsSettings SettingsOf(StandInAccount account) => new()
    {
        Account = account.Id,
        Region = account.Region,
        Credentials = new BasicAWSCredentials(account.User.AccessKey, account.User.SecretKey),
        Endpoint = account.Endpoint,
    };

    /// <summary>Hears what happens, and ends the run when it has heard so much: as a kill does, wherever the others are.</summary>
    internal sealed class Listener(int endsAfter = int.MaxValue) : IEventSink
    {
        private readonly CancellationTokenSource _end = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        private readonly Lock _lock = new();

        public List<DeployEvent> Events { get; } = [];

        public CancellationToken Token => _end.Token;

        public void Publish(DeployEvent deployEvent)
        {
            lock (_lock)
            {
                Events.Add(deployEvent);
                if (Events.Count >= endsAfter)
                    _end.Cancel();
            }
        }
    }
}

/// <summary>Who waits for AWS has waited at once, and it is later by that; time limits are not waited for.</summary>
internal sealed class AwsClock : TimeProvider
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(20);

    private readonly Lock _lock = new();
    private TimeSpan _ahead;

    /// <summary>It is later by so much.</summary>
    public void Pass(TimeSpan time)
    {
        lock (_lock)
            _ahead += time;
    }

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => GetUtcNow().Ticks;

    public override DateTimeOffset GetUtcNow()
    {
        lock (_lock)
            return base.GetUtcNow() + _ahead;
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        if (dueTime == Timeout.InfiniteTimeSpan || dueTime > Longest)
            return base.CreateTimer(callback, state, Timeout.InfiniteTimeSpan, period);
        lock (_lock)
            _ahead += dueTime;
        return base.CreateTimer(callback, state, TimeSpan.Zero, period);
    }
}
