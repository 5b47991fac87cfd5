using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using KubeApps.Bundles;
using KubeApps.Deploy.Api;
using KubeApps.Deploy.Checks;
using KubeApps.Deploy.Planning;
using KubeApps.Deploy.Revisions;
using KubeApps.Events;
using static KubeApps.Deploy.Tests.SandboxCluster;

namespace KubeApps.Deploy.Tests;

/// <summary>Checks of a specification, as deploys run them against real pods.</summary>
public sealed class CheckTests(SandboxCluster cluster) : IClassFixture<SandboxCluster>
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Short = TimeSpan.FromSeconds(2);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Deploy_ChecksPass_AskANewPodBeforeTheRolloutAndLeaveNothing()
    {
        BundleCheck[] checks =
        [
            Http("http web/", "/") with { BodyContains = "hello from web-preview-", MaxLatency = Patience },
            new BundleCheck("tcp", "tcp web", Patience) { Service = "web", Port = "http" },
            new BundleCheck("command", "command get", Patience) { Command = ["dotnet", PodApp, "get", "/"] },
        ];
        var before = await DeployAsync("good", 1, []);
        Assert.Equal(DeployOutcome.Deployed, before.Outcome);
        var log = new EventLog();

        var result = await DeployAsync("good", 2, checks, log);

        Assert.Equal((DeployOutcome.Deployed, 3), (result.Outcome, result.Checks.Count(check => check.Passed)));
        var steps = result.Steps.Select(step => step.Id).ToList();
        Assert.True(steps.IndexOf("preview-checks") is > 0 and var at && at < steps.IndexOf("workloads"), string.Join(' ', steps));
        Assert.Contains(log.Events, item => item is DeployEvent.StepSaid { Line: var line } && line.Contains("hello from web-preview-", StringComparison.Ordinal));
        Assert.Equal(["Deployment web"], await NamesAsync("good", ResourceType.Deployment));
        Assert.All((await cluster.Client.ListAsync(ResourceType.Pod, "good", null, Token)).Items, pod =>
            Assert.DoesNotContain("preview", (string)pod["metadata"]!["name"]!, StringComparison.Ordinal));
        Assert.Equal(DeployOutcome.Unchanged, (await DeployAsync("good", 2, checks)).Outcome);
    }

    [Fact]
    public async Task Deploy_CheckFails_TouchesNothingOfTheRunningVersion()
    {
        await DeployAsync("failing", 1, []);
        var running = await PodsAsync("failing");

        var result = await DeployAsync("failing", 2, [Http("http web/nosuch", "/nosuch") with { Timeout = Short }]);

        Assert.Equal((DeployOutcome.RolledBack, 3), (result.Outcome, result.ExitCode));
        var report = Assert.Single(result.Failures);
        Assert.Equal(("KUBEAPP6030", "Check 'http web/nosuch'", "web"), (report.Code, report.Workload, report.Container));
        Assert.StartsWith("Pod failing/web-preview-", report.Object, StringComparison.Ordinal);
        Assert.Matches(@"^GET /nosuch answered 404 in \d+ ms instead of 200\.$", report.Cause);
        Assert.Contains(report.LogTail, line => line.StartsWith("listening on", StringComparison.Ordinal));
        Assert.InRange(report.FirstLine.Length, 20, 140);
        Assert.Equal(running, await PodsAsync("failing"));
        Assert.Equal(["Deployment web"], await NamesAsync("failing", ResourceType.Deployment));
        Assert.False(Assert.Single(result.Checks).Passed);
        var revision = (await new RevisionStore(cluster.Client).ListAsync("failing", "failing", Token)).Single(item => item.Number == result.Revision);
        Assert.Equal(("http web/nosuch", false), (revision.State.Checks![0].Name, revision.State.Checks[0].IsPassed));
    }

    [Fact]
    public async Task Deploy_BodyIsAnother_QuotesItsFirstLine()
    {
        await DeployAsync("other", 1, []);

        var result = await DeployAsync("other", 2, [Http("http web/", "/") with { BodyContains = "Enamel mug", Timeout = Short }]);

        Assert.Contains("but the answer does not hold \"Enamel mug\": hello from web-preview-", Assert.Single(result.Failures).Cause, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Deploy_AnswerComesTooLate_SaysHowLongItMayTake()
    {
        await DeployAsync("slow", 1, []);

        var result = await DeployAsync("slow", 2, [Http("http web/slow", "/slow") with { MaxLatency = TimeSpan.FromMilliseconds(50), Timeout = Short }]);

        Assert.Equal("GET /slow gave no answer within 50 ms.", Assert.Single(result.Failures).Cause);
    }

    [Fact]
    public async Task Deploy_HostileAnswers_AreBoundedAndToldInPlainWords()
    {
        await DeployAsync("hostile", 1, []);
        BundleCheck Ask(string path, string? contains = null) => Http(path, path) with { Timeout = Short, BodyContains = contains };

        var result = await DeployAsync("hostile", 2, [
            Ask("/endless"), Ask("/drip", "drop"), Ask("/endless", "mug"), Ask("/drip", "mug"), Ask("/hang"), Ask("/loop"), Ask("/headers"), Ask("/escape")]);

        Assert.Equal(2, result.Checks.Count(check => check.Passed));
        var causes = result.Failures.Select(report => report.Cause).ToList();
        Assert.Collection(
            causes,
            cause => Assert.Matches(@"^GET /endless answered 200 in .+, but the beginning of the answer \(4 MB\) does not hold ""mug"": x{200}…\.$", cause),
            cause => Assert.Matches(@"^GET /drip answered, but the answer had no end within .+, and did not hold ""mug"" until then: drop\.$", cause),
            cause => Assert.Matches(@"^GET /hang gave no answer within .+ s\.$", cause),
            cause => Assert.Matches(@"^GET /loop answered 302 \(to /loop\) in .+ instead of 200\.$", cause),
            cause => Assert.Matches(@"^GET /headers gave no answer: The HTTP response headers length exceeded the set limit", cause),
            cause => Assert.Matches(@"^GET /escape answered 500 in .+ instead of 200: red\\u0007\.$", cause));
        Assert.All(result.Failures, report => Assert.Equal(("web", true), (report.Container, report.Object.StartsWith("Pod hostile/web-preview-", StringComparison.Ordinal))));
    }

    [Fact]
    public async Task Deploy_CommandFails_ShowsWhatItWrote()
    {
        await DeployAsync("scripted", 1, []);
        var command = new BundleCheck("command", "command smoke", Short) { Command = ["dotnet", PodApp, "exit", "4", "no mug on the page"] };

        var result = await DeployAsync("scripted", 2, [command]);

        var report = Assert.Single(result.Failures);
        Assert.Equal(("KUBEAPP6031", "'dotnet' ended with code 4."), (report.Code, report.Cause));
        Assert.Contains("no mug on the page", report.LogTail);
    }

    [Fact]
    public async Task Deploy_CheckFailsAtFirst_IsTriedAgain()
    {
        await DeployAsync("hesitant", 1, []);
        var file = Path.Combine(cluster.Home, "warm");
        var log = new EventLog
        {
            OnEvent = item =>
            {
                if (item is DeployEvent.StepSaid)
                    File.WriteAllText(file, "yes");
            },
        };
        var command = new BundleCheck("command", "command cat", Patience) { Command = ["dotnet", PodApp, "cat", file] };

        var result = await DeployAsync("hesitant", 2, [command], log);

        Assert.Equal(DeployOutcome.Deployed, result.Outcome);
        Assert.InRange(Assert.Single(result.Checks).Attempts, 2, 100);
    }

    [Fact]
    public async Task Command_Cancelled_EndsItsChildrenToo()
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        Process? child = null;
        var check = new BundleCheck("command", "command children", Patience) { Command = ["dotnet", PodApp, "children"] };

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => CommandCheck.RunAsync(
            check, cluster.Home, null, Patience,
            line =>
            {
                if (!line.StartsWith("child ", StringComparison.Ordinal))
                    return;
                child = Process.GetProcessById(int.Parse(line["child ".Length..], CultureInfo.InvariantCulture));
                stop.Cancel();
            },
            stop.Token));

        using (child)
            await child!.WaitForExitAsync(Token);
    }

    [Fact]
    public async Task Deploy_JobCheckPasses_AsksThePreviewFromInsideAndIsDeleted()
    {
        await DeployAsync("inside", 1, []);
        var job = new BundleCheck("job", "job probe", Patience) { Job = "probe" };
        var log = new EventLog();

        var result = await DeployAsync("inside", 2, [job], log, Probe("get", "/"));

        Assert.Equal(DeployOutcome.Deployed, result.Outcome);
        Assert.True(Assert.Single(result.Checks).Passed);
        Assert.Empty(await NamesAsync("inside", ResourceType.Job));
        Assert.Equal(["Service web"], await NamesAsync("inside", ResourceType.Service));
    }

    [Fact]
    public async Task Deploy_JobCheckFails_ReportsItsLogAndDeletesIt()
    {
        await DeployAsync("outside", 1, []);

        var result = await DeployAsync("outside", 2, [new BundleCheck("job", "job probe", Patience) { Job = "probe" }], null, Probe("exit", "3", "the shelf is empty"));

        var report = Assert.Single(result.Failures);
        Assert.Equal(("KUBEAPP6024", "Check 'job probe'"), (report.Code, report.Workload));
        Assert.Equal(["the shelf is empty"], report.LogTail);
        Assert.Empty(await NamesAsync("outside", ResourceType.Job));
        Assert.Equal(["Deployment web"], await NamesAsync("outside", ResourceType.Deployment));
    }

    [Fact]
    public async Task Deploy_First_ChecksWhatWasRolledOut()
    {
        var result = await DeployAsync("first", 1, [Http("http web/", "/") with { BodyContains = "hello from web-" }]);

        Assert.Equal(DeployOutcome.Deployed, result.Outcome);
        Assert.True(Assert.Single(result.Checks).Passed);
        Assert.DoesNotContain(result.Steps, step => step.Id == "preview");
    }

    [Fact]
    public async Task Deploy_ServiceOfSomebodyElseSelectsThePreview_Stops()
    {
        await DeployAsync("foreign", 1, []);
        await cluster.Client.CreateAsync(
            ResourceType.Service, Parse("""{"apiVersion":"v1","kind":"Service","metadata":{"name":"all","namespace":"foreign"},"spec":{"selector":{"tier":"front"},"ports":[{"port":80}]}}"""), Token);

        var result = await DeployAsync("foreign", 2, [Http("http web/", "/")]);

        Assert.Equal("KUBEAPP6033", result.Diagnostics[0].Code);
        Assert.Equal(["Deployment web"], await NamesAsync("foreign", ResourceType.Deployment));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Deploy_AfterARunThatWasKilledWithItsPreview_LeavesNone(bool hasChecks)
    {
        var app = hasChecks ? "killed" : "killed-too";
        await DeployAsync(app, 1, []);
        // What a run that was killed has left: the intent in the inventory, and the preview.
        var stored = (await cluster.Client.GetAsync(ResourceType.ConfigMap, app, Inventory.NameOf(app), Token))!;
        var inventory = Inventory.FromObject(stored)!;
        var web = cluster.Web(1).Content;
        web["metadata"]!["namespace"] = app;
        var preview = PreviewCopy.Of(ReleaseObject.Of(new BundleObject("", "main", web)), [WebService.Content]);
        await cluster.Client.ApplyAsync(
            ResourceType.ConfigMap, (inventory with { IsComplete = false, Items = [.. inventory.Items, new InventoryItem(preview.Id, null)] }).ToObject(), false, Token);
        await cluster.Client.ApplyAsync(ResourceType.Deployment, preview.Content, false, Token);

        var result = await DeployAsync(app, 2, hasChecks ? [Http("http web/", "/")] : []);

        Assert.Equal(DeployOutcome.Deployed, result.Outcome);
        Assert.Equal(["Deployment web"], await NamesAsync(app, ResourceType.Deployment));
    }

    [Fact]
    public async Task Deploy_CancelledWhileACheckRuns_EndsTheProgramAndTakesThePreviewAway()
    {
        await DeployAsync("stopped", 1, []);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var log = new EventLog
        {
            OnEvent = item =>
            {
                if (item is DeployEvent.StepSaid { Line: var line } && line.Contains("sleeping", StringComparison.Ordinal))
                    stop.Cancel();
            },
        };
        var command = new BundleCheck("command", "command sleep", Patience) { Command = ["dotnet", PodApp, "sleep"] };

        var result = await DeployAsync("stopped", 2, [command], log, token: stop.Token);

        Assert.Equal((DeployOutcome.Cancelled, 130), (result.Outcome, result.ExitCode));
        Assert.Equal(["Deployment web"], await NamesAsync("stopped", ResourceType.Deployment));
    }

    private static BundleCheck Http(string name, string path) => new("http", name, Patience) { Service = "web", Path = path };

    private (string Phase, JsonObject Content) Probe(params string[] arguments)
    {
        var (_, job) = cluster.Migration(arguments);
        job["metadata"]!["name"] = "probe";
        ((JsonObject)job["spec"]!["template"]!["spec"]!["containers"]![0]!).Remove("env");
        return ("check", job);
    }

    private Task<DeployResult> DeployAsync(
        string app, int version, IReadOnlyList<BundleCheck> checks, EventLog? log = null, (string Phase, JsonObject Content)? job = null, CancellationToken? token = null)
    {
        var (phase, web) = cluster.Web(1, null, null, "serve", $"version{version}");
        web["spec"]!["template"]!["metadata"]!["labels"]!["tier"] = "front";
        (string, JsonObject)[] objects = job is { } item ? [(phase, web), WebService, item] : [(phase, web), WebService];
        var bundle = Bundle(app, Patience, objects);
        bundle = bundle with { Environments = [bundle.Environments[0] with { Checks = checks, EntryService = "web" }] };
        return new Deployer(cluster.Connection, _ => null).RunAsync(new DeployRequest(bundle, "local"), log ?? new EventLog(), token ?? Token);
    }

    private async Task<IReadOnlyList<string>> NamesAsync(string ns, ResourceType type) =>
        [.. (await cluster.Client.ListAsync(type, ns, null, Token)).Items.Where(item => item["metadata"]!["deletionTimestamp"] is null).Select(item => $"{type.Kind} {item["metadata"]!["name"]}")];

    // Of a preview that was deleted, the pod may still be on its way out.
    private async Task<IReadOnlyList<string>> PodsAsync(string ns) =>
        [.. (await cluster.Client.ListAsync(ResourceType.Pod, ns, null, Token)).Items
            .Where(pod => pod["metadata"]!["labels"]?[PreviewCopy.Label] is null).Select(pod => (string)pod["metadata"]!["uid"]!)];
}
