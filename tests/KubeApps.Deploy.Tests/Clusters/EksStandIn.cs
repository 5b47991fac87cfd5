using Amazon.Runtime;
using KubeApps.Aws.StandIn;
using KubeApps.Deploy.Aws;
using KubeApps.Deploy.Clusters;
using KubeApps.Deploy.Clusters.Eks;
using KubeApps.Deploy.Tests.Clusters.Eks;
using KubeApps.Events;

namespace KubeApps.Deploy.Tests.Clusters;

/// <summary>A provider in an account of the stand-in's, whose hours pass in no time.</summary>
internal sealed class EksStandIn(StandInAccount account, TimeProvider clock, AWSCredentials? credentials = null) : IDisposable
{
    public static readonly ClusterOwner Owner = new("shop", "prod");

    public const string Name = "shop-prod-1";

    /// <summary>One pool of two machines, and what goes with it.</summary>
    public static readonly ClusterSpecification Small = new()
    {
        Pools = [new NodePoolSpecification("web", ["m5.large"]) { Min = 1, Max = 3, Desired = 2, Labels = new Dictionary<string, string> { ["kubeapps.dev/node-pool"] = "web" } }],
        CloudRoles = [new("shop", "web", $"arn:aws:iam::{123456789012}:role/storefront")],
    };

    public EksClusterProvider Provider { get; } = new(token => AwsAccess.OpenAsync(credentials is null ? account.Settings : account.Settings with { Credentials = credentials }, token), account.Id, clock);

    public Task<ClusterPlan> PlanAsync(ClusterSpecification specification) =>
        Provider.PlanAsync(new ClusterChange.Ensure(Name, Owner, specification) { IsAll = true }, TestContext.Current.CancellationToken);

    public Task<ClusterPlan> PlanRemovalAsync() => Provider.PlanAsync(new ClusterChange.Remove(Name, Owner), TestContext.Current.CancellationToken);

    public Task ExecuteAsync(ClusterPlan plan, Listener? listener = null) => Provider.ExecuteAsync(plan, listener ?? new Listener(), listener?.Token ?? TestContext.Current.CancellationToken);

    public void Dispose() => Provider.Dispose();

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
