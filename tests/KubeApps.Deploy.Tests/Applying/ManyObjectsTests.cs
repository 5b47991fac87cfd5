using static KubeApps.Deploy.Tests.SandboxCluster;

namespace KubeApps.Deploy.Tests.Applying;

/// <summary>A deploy of many objects: how it asks for them.</summary>
public sealed class ManyObjectsTests(SandboxCluster cluster) : IClassFixture<SandboxCluster>
{
    private const int Count = 500;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Deploy_FiveHundredObjects_GoesInParallelWithinItsLimitAndAsksOnceForWhatIsUnchanged()
    {
        var line = new CountingLine();
        using var connection = cluster.Connect(TimeProvider.System, line);
        var deployer = new Deployer(connection, _ => null);
        var objects = Enumerable.Range(0, Count).Select(index => ("main", Parse(
            $$"""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"settings-{{index}}"},"data":{"index":"{{index}}"} }"""))).ToArray();
        var request = new DeployRequest(Bundle("many", TimeSpan.FromMinutes(5), objects), "local");

        Assert.Equal(DeployOutcome.Deployed, (await deployer.RunAsync(request, new EventLog(), Token)).Outcome);
        // Beside the objects: the namespace, and its rules and quotas.
        Assert.InRange(line.Most, 2, LiveStateReader.Concurrency + 4);
        line.Reset();
        Assert.Equal(DeployOutcome.Unchanged, (await deployer.RunAsync(request, new EventLog(), Token)).Outcome);

        // Discovery, the namespace, the inventory, the revisions: a few, however many objects there are.
        Assert.InRange(line.Requests, Count, Count + 15);
        Assert.Equal(0, line.Watches);
    }

    private sealed class CountingLine : DelegatingHandler
    {
        private int _now;
        private int _requests;
        private int _watches;
        private int _most;

        public int Requests => _requests;

        public int Watches => _watches;

        /// <summary>How many were under way at once.</summary>
        public int Most => _most;

        public void Reset() => (_requests, _watches, _most) = (0, 0, 0);

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref _requests);
            if (request.RequestUri!.Query.Contains("watch=true", StringComparison.Ordinal))
                Interlocked.Increment(ref _watches);
            var now = Interlocked.Increment(ref _now);
            int most;
            while ((most = _most) < now && Interlocked.CompareExchange(ref _most, now, most) != most)
            {
                // Another one was under way, too: look again.
            }

            try
            {
                return await base.SendAsync(request, cancellationToken);
            }
            finally
            {
                Interlocked.Decrement(ref _now);
            }
        }
    }
}
