using System.Collections.Concurrent;
using KubeApps.Bundles;
using KubeApps.Deploy.Api;
using KubeApps.Deploy.Locking;
using static KubeApps.Deploy.Tests.SandboxCluster;

namespace KubeApps.Deploy.Tests.Locking;

/// <summary>A deploy that will change something has the lock before its plan is made, so that the plan cannot be out of date; whoever changes nothing has none.</summary>
public sealed class LockWhilePlanningTests(SandboxCluster cluster) : IClassFixture<SandboxCluster>
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly ConcurrentQueue<string> _requests = [];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Deploy_OfNewVersion_TakesTheLockOnceBeforeItsPlanIsReady()
    {
        await DeployAsync(Bundle("ahead", Patience, Config("settings")));
        string[] asked = [];
        var log = new EventLog { OnEvent = item => asked = item is Events.DeployEvent.PlanReady ? [.. _requests] : asked };

        var result = await DeployAsync(Bundle("ahead", Patience, Config("settings"), Config("more")), log);

        Assert.Equal(DeployOutcome.Deployed, result.Outcome);
        Assert.Single(asked, IsTaking);
        Assert.Single(_requests, IsTaking);
        Assert.Null(await LeaseAsync("ahead"));
    }

    [Fact]
    public async Task Deploy_OfWhatStands_TakesNoLock()
    {
        await DeployAsync(Bundle("still", Patience, Config("settings")));

        Assert.Equal(DeployOutcome.Unchanged, (await DeployAsync(Bundle("still", Patience, Config("settings")))).Outcome);

        Assert.DoesNotContain(_requests, IsTaking);
    }

    [Fact]
    public async Task Deploy_ThatIsRefused_LetsGoOfTheLockAndHasWrittenNothingElse()
    {
        await DeployAsync(Bundle("refused", Patience, Config("settings")));
        var broken = Parse("""{"apiVersion":"v1","kind":"Service","metadata":{"name":"web"},"spec":{"ports":[{"port":99999}]} }""");

        var result = await DeployAsync(Bundle("refused", Patience, Config("settings"), ("main", broken)));

        Assert.Equal((DeployOutcome.Failed, false), (result.Outcome, result.HasApplied));
        Assert.Null(await LeaseAsync("refused"));
        Assert.All(_requests.Where(IsWrite), request => Assert.Contains("/leases", request, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Deploy_ThatAsksAPerson_HasNoLockWhileThatOneThinks()
    {
        await DeployAsync(Bundle("asked", Patience, Config("settings"), WebService));
        string[] asked = [];
        var request = new DeployRequest(Bundle("asked", Patience, Config("settings")), "local")
        {
            Confirm = (_, _) =>
            {
                asked = [.. _requests];
                return Task.CompletedTask;
            },
        };

        var result = await DeployAsync(request, new EventLog());

        Assert.Equal(DeployOutcome.Deployed, result.Outcome);
        Assert.NotEmpty(asked);
        Assert.DoesNotContain(asked, IsTaking);
    }

    private Task<DeployResult> DeployAsync(Bundle bundle, EventLog? log = null) => DeployAsync(new DeployRequest(bundle, "local"), log ?? new EventLog());

    private async Task<DeployResult> DeployAsync(DeployRequest request, EventLog log)
    {
        _requests.Clear();
        using var connection = cluster.Connect(TimeProvider.System, new Told(_requests));
        return await new Deployer(connection, _ => null).RunAsync(request, log, Token);
    }

    private Task<System.Text.Json.Nodes.JsonObject?> LeaseAsync(string app) => cluster.Client.GetAsync(ResourceType.Lease, app, LockLease.NameOf(app), Token);

    private static bool IsTaking(string request) => request.StartsWith("POST", StringComparison.Ordinal) && request.Contains("/leases", StringComparison.Ordinal);

    private static bool IsWrite(string request) => !request.StartsWith("GET", StringComparison.Ordinal)
        && !request.Contains("dryRun=All", StringComparison.Ordinal) && !request.Contains("selfsubject", StringComparison.Ordinal);

    private sealed class Told(ConcurrentQueue<string> requests) : DelegatingHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            requests.Enqueue($"{request.Method} {request.RequestUri!.PathAndQuery}");
            return base.SendAsync(request, cancellationToken);
        }
    }
}
