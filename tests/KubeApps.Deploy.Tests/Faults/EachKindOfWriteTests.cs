using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using KubeApps.Events;

namespace KubeApps.Deploy.Tests.Faults;

/// <summary>Every kind of write that a deploy can make is cut, or is the last one of a process that is killed: the version stands in the end, once.</summary>
public sealed partial class EachKindOfWriteTests(SandboxCluster cluster) : IClassFixture<SandboxCluster>
{
    // A plain new deploy, one that resumes, and an abort.
    private const int Ways = 3;

    // Most of each deploy is waiting for pods.
    private const int AtOnce = 6;

    private static readonly string[] InSlots =
    [
        "configuration: DELETE configmaps/fixed", "configuration: PATCH configmaps/settings kubeapp application/json-patch+json", "before: PATCH configmaps/kubeapp-inventory",
        "before: PATCH jobs/migrate", "slot-claims: PATCH persistentvolumeclaims/pages", "size: PATCH deployments/web", "slot-rest: PATCH horizontalpodautoscalers/web",
        "slot-rest: PATCH poddisruptionbudgets/web", "keep-size: PATCH horizontalpodautoscalers/web", "checks: PATCH jobs/probe", "checks: DELETE jobs/probe",
        "open: PATCH services/public", "open: PATCH ingresses/shop", "switch: PATCH services/web", "switch: PATCH horizontalpodautoscalers/web",
        "retire: DELETE horizontalpodautoscalers/web", "retire: DELETE poddisruptionbudgets/web", "retire: DELETE persistentvolumeclaims/pages",
    ];

    private static readonly string[] InPlace =
    [
        "configuration: DELETE configmaps/fixed", "configuration: PATCH configmaps/settings kubeapp application/json-patch+json", "before: PATCH jobs/migrate",
        "preview: PATCH services/web-preview", "preview: PATCH deployments/web-preview", "preview-checks: PATCH jobs/probe", "preview-checks: DELETE jobs/probe",
        "retire-preview: DELETE deployments/web-preview", "retire-preview: DELETE services/web-preview", "workloads: PATCH deployments/web", "prune: DELETE ingresses/shop",
    ];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("blueGreen", Fault.CutBefore)]
    [InlineData("blueGreen", Fault.CutAfter)]
    [InlineData("rolling", Fault.CutBefore)]
    [InlineData("rolling", Fault.CutAfter)]
    public async Task Deploy_EachWriteCutOnce_EndsWellAndDoublesNothing(string strategy, Fault fault)
    {
        var app = await BeginAsync($"cut-{fault}-{strategy}", strategy);
        await app.RenewAsync();
        var steps = new Steps(app);
        var cut = new ConcurrentDictionary<string, int>();
        // What comes for the second time is what was cut.
        using var connection = cluster.Connect(
            TimeProvider.System, new FaultyLine(fault, request => Steps.Counts(request) && cut.AddOrUpdate(steps.Name(request), 1, (_, count) => count + 1) % 2 == 1));

        var result = await app.DeployAsync(connection, steps.Log);

        Assert.True(result.Outcome == DeployOutcome.Deployed, $"{result.Outcome} {string.Join(' ', result.Diagnostics)}");
        foreach (var part in strategy == "blueGreen" ? InSlots : InPlace)
            Assert.Contains(cut.Keys, write => write.StartsWith(part, StringComparison.Ordinal));
        await app.RequireStandsAsync("cut");
        await app.RequireUnlockedAsync("cut");
        Assert.Equal(DeployOutcome.Unchanged, (await app.DeployAsync()).Outcome);
    }

    [Theory]
    [InlineData("blueGreen")]
    [InlineData("rolling")]
    public async Task Deploy_KilledAfterEachStep_IsFinishedOrTakenBackByTheNextRun(string strategy)
    {
        var ends = new ConcurrentQueue<(string Write, int Index)>(await EndsOfStepsAsync(await BeginAsync($"steps-{strategy}", strategy)));
        Assert.InRange(ends.Count, 8, 30);
        var number = -1;
        await Task.WhenAll(Enumerable.Range(0, AtOnce).Select(async lane =>
        {
            var app = await BeginAsync($"killed-{lane}-{strategy}", strategy);
            while (ends.TryDequeue(out var end))
                await KillAsync(app, end, Interlocked.Increment(ref number) % Ways);
        }));
    }

    private async Task<RichApp> BeginAsync(string name, string strategy)
    {
        var app = new RichApp(cluster, name.ToLowerInvariant(), strategy);
        await app.BeginAsync();
        return app;
    }

    /// <summary>The last write of each step, and the how manieth it is of its like.</summary>
    private async Task<IReadOnlyList<(string Write, int Index)>> EndsOfStepsAsync(RichApp app)
    {
        await app.RenewAsync();
        var steps = new Steps(app);
        var writes = new ConcurrentQueue<(string Step, string Write)>();
        using var connection = cluster.Connect(TimeProvider.System, new FaultyLine(Fault.CutBefore, request =>
        {
            if (Steps.Counts(request))
                writes.Enqueue((steps.Current, steps.Name(request)));
            return false;
        }));
        Assert.Equal(DeployOutcome.Deployed, (await app.DeployAsync(connection, steps.Log)).Outcome);
        return [.. writes.GroupBy(item => item.Step, item => item.Write).Select(step => (step.Last(), step.Count(write => write == step.Last()) - 1))];
    }

    private async Task KillAsync(RichApp app, (string Write, int Index) end, int way)
    {
        await app.RenewAsync();
        var steps = new Steps(app);
        var line = new CutLine(end.Index, request => Steps.Counts(request) && steps.Name(request) == end.Write);
        using (var connection = cluster.Connect(TimeProvider.System, line))
            await CutLine.RunAsync(() => app.DeployAsync(connection, steps.Log));
        var at = $"{way} after {end}";
        Assert.True(line.CutAt is not null, $"{at}: it was not written.");
        await KilledTool.LetTimePassAsync(cluster.Client, app.Name, Token);

        var inventory = await app.InventoryAsync();
        if (way == Ways - 1 && inventory.Rollout is { CanBeTakenBack: true })
        {
            var aborted = await app.AbortAsync();
            Assert.True(aborted.Outcome == DeployOutcome.Aborted, $"{at}: {aborted.Outcome} {string.Join(' ', aborted.Diagnostics)}");
            await app.RequireWholeAsync(at);
            await app.RequireUnlockedAsync(at);
            return;
        }

        // A run that finds all done takes no lock: that of the dead is over by itself.
        var finished = await app.DeployAsync(resume: way == 1 && !inventory.IsComplete);
        Assert.True(finished.Outcome is DeployOutcome.Deployed or DeployOutcome.Unchanged, $"{at}: {finished.Outcome} {string.Join(' ', finished.Diagnostics)}");
        await app.RequireStandsAsync(at);
        if (finished.Outcome == DeployOutcome.Deployed)
            await app.RequireUnlockedAsync(at);
    }

    /// <summary>Names writes by the step in which they are made.</summary>
    private sealed class Steps
    {
        private readonly RichApp _app;
        private volatile string _step = "plan";

        public Steps(RichApp app)
        {
            _app = app;
            Log = new EventLog { OnEvent = item => _step = item is DeployEvent.StepStarted started ? started.StepId : _step };
        }

        public EventLog Log { get; }

        public string Current => _step;

        /// <summary>That a lock is held on to is a matter of time.</summary>
        public static bool Counts(HttpRequestMessage request) => FaultyLine.IsWrite(request) && request.Method != HttpMethod.Put;

        public string Name(HttpRequestMessage request)
        {
            var manager = Managers().Match(request.RequestUri!.Query).Groups[1].Value;
            var path = request.RequestUri.AbsolutePath.Split($"/{_app.Name}/")[^1].Replace(_app.Name, "APP", StringComparison.Ordinal);
            return $"{_step}: {request.Method} {OfOneVersion().Replace(path, "-N")} {manager} {request.Content?.Headers.ContentType?.MediaType}";
        }
    }

    [GeneratedRegex("fieldManager=([^&]*)")]
    private static partial Regex Managers();

    // What is one of each version, and of each slot.
    [GeneratedRegex("-(\\d+|blue|green|[0-9a-f]{8})(?=$|-)")]
    private static partial Regex OfOneVersion();
}
