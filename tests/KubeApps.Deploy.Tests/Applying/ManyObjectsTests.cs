using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using KubeApps.Deploy.Tests.Faults;
using static KubeApps.Deploy.Tests.SandboxCluster;

namespace KubeApps.Deploy.Tests.Applying;

/// <summary>A deploy of many objects of all kinds: how it asks for them, and in which order.</summary>
public sealed partial class ManyObjectsTests(SandboxCluster cluster) : IClassFixture<SandboxCluster>
{
    private const int Count = 500;

    // What each needs is applied before it, whatever their order in the bundle.
    private static readonly string[][] Waves =
        [["namespaces"], ["customresourcedefinitions"], ["configmaps", "secrets", "serviceaccounts"], ["services"], ["deployments"], ["gadgets"]];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Deploy_FiveHundredObjects_GoesInParallelWavesWithinItsLimitAndAsksOnceForWhatIsUnchanged()
    {
        var line = new CountingLine();
        using var connection = cluster.Connect(TimeProvider.System, line);
        var deployer = new Deployer(connection, _ => null);
        (string, JsonObject)[] objects =
        [
            .. Many(80, "gadget", """{"apiVersion":"many.example.com/v1","kind":"Gadget","metadata":{"name":"NAME"},"spec":{"size":1} }"""),
            .. Many(40, "web", """
                {"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"NAME"},"spec":{"replicas":0,"selector":{"matchLabels":{"app":"NAME"} },
                 "template":{"metadata":{"labels":{"app":"NAME"} },"spec":{"containers":[{"name":"c","image":"registry.example/web:1"}]} } } }
                """),
            .. Many(40, "web", """{"apiVersion":"v1","kind":"Service","metadata":{"name":"NAME"},"spec":{"selector":{"app":"NAME"},"ports":[{"port":80}]} }"""),
            .. Many(99, "password", """{"apiVersion":"v1","kind":"Secret","metadata":{"name":"NAME"},"stringData":{"a":"NAME"} }"""),
            .. Many(40, "account", """{"apiVersion":"v1","kind":"ServiceAccount","metadata":{"name":"NAME"} }"""),
            .. Many(200, "settings", """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"NAME"},"data":{"name":"NAME"} }"""),
            ("main", Parse("""
                {"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition","metadata":{"name":"gadgets.many.example.com"},
                 "spec":{"group":"many.example.com","scope":"Namespaced","names":{"kind":"Gadget","plural":"gadgets","singular":"gadget","listKind":"GadgetList"},
                  "versions":[{"name":"v1","served":true,"storage":true,"schema":{"openAPIV3Schema":{"type":"object","x-kubernetes-preserve-unknown-fields":true} } }]} }
                """)),
        ];
        Assert.Equal(Count, objects.Length);
        var request = new DeployRequest(Bundle("many", TimeSpan.FromMinutes(5), objects), "local");

        var first = await deployer.RunAsync(request, new EventLog(), Token);
        Assert.True(first.Outcome == DeployOutcome.Deployed, string.Join('\n', first.Diagnostics));
        // Beside the objects: the namespace, and its rules and quotas.
        Assert.InRange(line.Most, 2, LiveStateReader.Concurrency + 4);
        RequireOrder(line.Writes);
        line.Reset();
        Assert.Equal(DeployOutcome.Unchanged, (await deployer.RunAsync(request, new EventLog(), Token)).Outcome);

        // Discovery, the namespace, the inventory, the revisions: a few, however many objects there are.
        Assert.InRange(line.Requests, Count, Count + 15);
        Assert.Equal(0, line.Watches);
        Assert.Empty(line.Writes);
    }

    /// <summary>None of a wave begins before all of the one before it are done.</summary>
    private static void RequireOrder(IReadOnlyCollection<Write> writes)
    {
        var (before, done) = ("", 0);
        var written = 0;
        foreach (var kinds in Waves)
        {
            var wave = writes.Where(write => kinds.Contains(write.Kind)).ToList();
            Assert.NotEmpty(wave);
            Assert.True(wave.Min(write => write.Begun) > done, $"{string.Join(", ", kinds)} began before {before} was done.");
            (before, done) = (string.Join(", ", kinds), wave.Max(write => write.Done));
            written += wave.Count;
        }

        // Each once, and the namespace.
        Assert.Equal(Count + 1, written);
    }

    private static IEnumerable<(string Phase, JsonObject Content)> Many(int count, string name, string content) => Enumerable.Range(0, count)
        .Select(index => ("main", Parse(content.Replace("NAME", $"{name}-{index}", StringComparison.Ordinal))));

    /// <param name="Kind">As its path has it.</param>
    /// <param name="Begun">The how manieth beginning or end of a write this was.</param>
    /// <param name="Done">The same of its end.</param>
    private sealed record Write(string Kind, int Begun, int Done);

    private sealed partial class CountingLine : DelegatingHandler
    {
        private readonly ConcurrentQueue<Write> _writes = [];
        private int _now;
        private int _requests;
        private int _watches;
        private int _most;
        private int _moments;

        public int Requests => _requests;

        public int Watches => _watches;

        /// <summary>How many were under way at once, beside watches.</summary>
        public int Most => _most;

        /// <summary>What was written of the app's own objects; our own ones are no part of it.</summary>
        public IReadOnlyCollection<Write> Writes => _writes;

        public void Reset()
        {
            (_requests, _watches, _most) = (0, 0, 0);
            _writes.Clear();
        }

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref _requests);
            if (request.RequestUri!.Query.Contains("watch=true", StringComparison.Ordinal))
            {
                Interlocked.Increment(ref _watches);
                return await base.SendAsync(request, cancellationToken);
            }

            var begun = Interlocked.Increment(ref _moments);
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
                if (FaultyLine.IsWrite(request) && Place().Match(request.RequestUri.AbsolutePath) is { Success: true } place)
                    _writes.Enqueue(new Write(place.Groups["kind"].Value, begun, Interlocked.Increment(ref _moments)));
            }
        }

        [GeneratedRegex(@"/(?<kind>[a-z]+)/(many|gadgets\.many\.example\.com|(gadget|web|password|account|settings)-[0-9]+)$")]
        private static partial Regex Place();
    }
}
