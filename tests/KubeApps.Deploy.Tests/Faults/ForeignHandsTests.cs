using System.Text.Json.Nodes;
using KubeApps.Bundles;
using KubeApps.Deploy.Api;
using KubeApps.Deploy.Planning;
using KubeApps.Deploy.Revisions;
using KubeApps.Diagnostics;
using KubeApps.Events;
using static KubeApps.Deploy.Tests.SandboxCluster;

namespace KubeApps.Deploy.Tests.Faults;

/// <summary>While a deploy is under way somebody deletes what it made, or another controller writes to what it owns again and again.</summary>
public sealed class ForeignHandsTests(SandboxCluster cluster) : IClassFixture<SandboxCluster>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    // What is deleted, when the step begins, and how that deploy ends; the next one has it all again.
    [InlineData("configmaps", "settings-2", "workloads", false)]
    [InlineData("services", "web", "workloads", false)]
    [InlineData("deployments", "web", "rollout", true)]
    [InlineData("deployments", "web", "workloads", false)]
    [InlineData("configmaps", "kubeapp-inventory-{0}", "workloads", false)]
    [InlineData("configmaps", "kubeapp-revision-{0}-2", "workloads", false)]
    [InlineData("configmaps", "kubeapp-revision-{0}-1", "workloads", false)]
    public async Task Deploy_ObjectIsDeletedMeanwhile_EndsAndTheNextOneIsRight(string plural, string name, string step, bool isTakenBack)
    {
        var app = $"gone-{plural}-{name.Replace("-{0}", "", StringComparison.Ordinal)}-{step}";
        name = string.Format(System.Globalization.CultureInfo.InvariantCulture, name, app);
        Assert.Equal(DeployOutcome.Deployed, (await DeployAsync(BundleOf(app, "1"))).Outcome);
        var api = plural == "deployments" ? "/apis/apps/v1" : "/api/v1";
        var log = Once(step, () => cluster.Client.SendAsync(HttpMethod.Delete, $"{api}/namespaces/{app}/{plural}/{name}", null, Token));

        var result = await DeployAsync(BundleOf(app, "2"), log);

        Assert.True(result.Outcome == (isTakenBack ? DeployOutcome.RolledBack : DeployOutcome.Deployed), $"{result.Outcome} {string.Join(' ', result.Diagnostics)}");
        if (isTakenBack)
            Assert.Equal(("KUBEAPP5060", "Deployment " + app + "/web"), (result.Failures[0].Code, result.Failures[0].Object));
        Assert.Equal(0, (await DeployAsync(BundleOf(app, "2"))).ExitCode);
        foreach (var (type, wanted) in ((ResourceType, string)[])[(ResourceType.ConfigMap, "settings-2"), (ResourceType.Service, "web"), (ResourceType.Deployment, "web"), (ResourceType.ConfigMap, Inventory.NameOf(app))])
            Assert.True(await cluster.Client.GetAsync(type, app, wanted, Token) is not null, $"{wanted} is not there.");
        Assert.Equal(DeployOutcome.Unchanged, (await DeployAsync(BundleOf(app, "2"))).Outcome);
    }

    [Fact]
    public async Task Deploy_NamespaceIsDeletedMeanwhile_SaysSoAndTheNextOneBeginsAnew()
    {
        var log = Once("configuration", async () =>
        {
            await cluster.Client.SendAsync(HttpMethod.Delete, "/api/v1/namespaces/vanishing", null, Token);
            await new Deletion(cluster.Client).AwaitGoneAsync(ResourceType.Namespace, null, ["vanishing"], Token);
        });

        var result = await DeployAsync(BundleOf("vanishing", "1"), log);

        Assert.Equal((DeployOutcome.Failed, 1), (result.Outcome, result.ExitCode));
        Assert.Contains(result.Diagnostics, item => item.Cause.Contains("namespaces \"vanishing\" not found", StringComparison.Ordinal));
        Assert.Equal(DeployOutcome.Deployed, (await DeployAsync(BundleOf("vanishing", "1"))).Outcome);
    }

    [Fact]
    public async Task Deploy_NamespaceIsBeingDeleted_SaysSoInTheMiddleAndBeforeItBegins()
    {
        // Something holds it up, as an operator's finalizer does.
        const string Held = "/api/v1/namespaces/ending/configmaps/held";
        var log = Once("configuration", async () =>
        {
            await cluster.Client.SendAsync(
                HttpMethod.Post, "/api/v1/namespaces/ending/configmaps", Parse("""{"metadata":{"name":"held","finalizers":["tests.example/held"]} }"""), Token);
            await cluster.Client.SendAsync(HttpMethod.Delete, "/api/v1/namespaces/ending", null, Token);
        });

        var halfway = await DeployAsync(BundleOf("ending", "1"), log);
        var again = await DeployAsync(BundleOf("ending", "1"));

        Assert.Equal(("KUBEAPP2004", true), (halfway.Diagnostics[0].Code, halfway.HasApplied));
        Assert.Equal(("KUBEAPP2004", false), (Assert.Single(again.Diagnostics).Code, again.HasApplied));
        await cluster.Client.SendAsync(HttpMethod.Patch, Held, JsonNode.Parse("""[{"op":"remove","path":"/metadata/finalizers"}]"""), Token, "application/json-patch+json");
        await new Deletion(cluster.Client).AwaitGoneAsync(ResourceType.Namespace, null, ["ending"], Token);
        Assert.Equal(DeployOutcome.Deployed, (await DeployAsync(BundleOf("ending", "1"))).Outcome);
    }

    [Fact]
    public async Task Deploy_AnotherManagerWritesAfterEachOfOurs_SaysWhoAndDoesNotFightBack()
    {
        var writes = 0;
        var log = AfterEachWrite(() =>
        {
            writes++;
            return PatchAsync("fought", """[{"op":"replace","path":"/metadata/annotations/version","value":"theirs"}]""");
        });

        var result = await DeployAsync(BundleOf("fought", "1"), log);

        Assert.Equal((DeployOutcome.Deployed, 1), (result.Outcome, writes));
        var warning = Assert.Single(log.Events.OfType<DeployEvent.DiagnosticRaised>()).Diagnostic;
        Assert.Equal(("KUBEAPP5061", DiagnosticSeverity.Warning), (warning.Code, warning.Severity));
        Assert.Equal("Deployment fought/web: metadata.annotations.version 1 → theirs (by fighter).", warning.Cause);
        var conflict = Assert.Single((await DeployAsync(BundleOf("fought", "1"), log)).Diagnostics);
        Assert.Equal("KUBEAPP5002", conflict.Code);
        Assert.Contains("fighter", conflict.Cause, StringComparison.Ordinal);
        // Once: whoever insists is told of it.
        var forced = await DeployAsync(BundleOf("fought", "1"), log, ApplyPolicy.Careful with { ForceConflicts = true });
        Assert.Equal((DeployOutcome.Deployed, 2), (forced.Outcome, writes));
    }

    [Fact]
    public async Task Deploy_SomebodyScalesMeanwhile_SaysWho()
    {
        var log = AfterEachWrite(() => cluster.Client.SendAsync(
            HttpMethod.Patch, "/apis/apps/v1/namespaces/scaled/deployments/web/scale?fieldManager=fighter", Parse("""{"spec":{"replicas":1} }"""), Token, "application/merge-patch+json"));

        var result = await DeployAsync(Bundle("scaled", TimeSpan.FromSeconds(60), Config("settings"), WebService, cluster.Web(2)), log);

        Assert.Equal(DeployOutcome.Deployed, result.Outcome);
        var warning = Assert.Single(log.Events.OfType<DeployEvent.DiagnosticRaised>()).Diagnostic;
        Assert.Equal(("KUBEAPP5061", DiagnosticSeverity.Warning, "Deployment scaled/web: spec.replicas 2 → 1 (by fighter)."), (warning.Code, warning.Severity, warning.Cause));
    }

    [Fact]
    public async Task Deploy_AnotherManagerChangesThePods_FailsAndSaysWho()
    {
        Assert.Equal(DeployOutcome.Deployed, (await DeployAsync(BundleOf("swapped", "1"))).Outcome);
        var writes = 0;
        var log = AfterEachWrite(() =>
        {
            writes++;
            return PatchAsync("swapped", """[{"op":"replace","path":"/spec/template/spec/containers/0/image","value":"registry.example/web:theirs"}]""");
        });

        var result = await DeployAsync(BundleOf("swapped", "2"), log);

        Assert.Equal((DeployOutcome.Failed, 1), (result.Outcome, result.ExitCode));
        Assert.Equal("KUBEAPP5061", result.Diagnostics[0].Code);
        Assert.Equal("Deployment swapped/web: spec.template.spec.containers[web].image registry.example/web:2 → registry.example/web:theirs (by fighter).", result.Diagnostics[0].Cause);
        // The way back meets it as a conflict.
        Assert.Contains(result.Diagnostics, item => item.Code == "KUBEAPP5002");
        Assert.Equal((1, RevisionOutcome.Failed), (writes, (await new RevisionStore(cluster.Client).ListAsync("swapped", "swapped", Token))[1].State.Outcome));
    }

    [Fact]
    public async Task Deploy_OldestRevisionCannotBeDeleted_WarnsAndTheNextOneDeletesIt()
    {
        Bundle Kept(string version)
        {
            var bundle = BundleOf("hoarding", version);
            return bundle with { Environments = [bundle.Environments[0] with { Strategy = bundle.Environments[0].Strategy with { KeepRevisions = 2 } }] };
        }

        async Task<IEnumerable<int>> NumbersAsync() => (await new RevisionStore(cluster.Client).ListAsync("hoarding", "hoarding", Token)).Select(item => item.Number);
        foreach (var version in (string[])["1", "2"])
            Assert.Equal(DeployOutcome.Deployed, (await DeployAsync(Kept(version))).Outcome);
        using var connection = cluster.Connect(TimeProvider.System, new RefusedDeletion());
        var log = new EventLog();

        var result = await new Deployer(connection, _ => null).RunAsync(new DeployRequest(Kept("3"), "local"), log, Token);

        Assert.Equal(DeployOutcome.Deployed, result.Outcome);
        var warning = Assert.Single(log.Events.OfType<DeployEvent.DiagnosticRaised>()).Diagnostic;
        Assert.Equal(("KUBEAPP5062", "Revision 1 of hoarding, which is not kept any more, could not be deleted: kept by the policy."), (warning.Code, warning.Cause));
        Assert.Equal([1, 2, 3], await NumbersAsync());
        Assert.Equal(DeployOutcome.Deployed, (await DeployAsync(Kept("4"))).Outcome);
        Assert.Equal([3, 4], await NumbersAsync());
    }

    /// <summary>A policy of the cluster that keeps revisions.</summary>
    private sealed class RefusedDeletion : DelegatingHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            request.Method == HttpMethod.Delete && request.RequestUri!.AbsolutePath.Contains("/kubeapp-revision-", StringComparison.Ordinal)
                ? Task.FromResult(new HttpResponseMessage(System.Net.HttpStatusCode.Forbidden)
                {
                    Content = new StringContent("""{"kind":"Status","status":"Failure","reason":"Forbidden","message":"kept by the policy","code":403}"""),
                })
                : base.SendAsync(request, cancellationToken);
    }

    private Task PatchAsync(string app, string patch) => cluster.Client.SendAsync(
        HttpMethod.Patch, $"/apis/apps/v1/namespaces/{app}/deployments/web?fieldManager=fighter", JsonNode.Parse(patch), Token, "application/json-patch+json");

    private static EventLog AfterEachWrite(Func<Task> act) => new()
    {
        OnEvent = item =>
        {
            if (item is DeployEvent.ResourceChanged { Kind: "Deployment", Change: not ResourceChange.Unchanged })
                act().Wait(Token);
        },
    };

    /// <summary>Acts when a step begins, for the first time.</summary>
    private static EventLog Once(string step, Func<Task> act)
    {
        var isDone = false;
        return new EventLog
        {
            OnEvent = item =>
            {
                if (isDone || item is not DeployEvent.StepStarted started || started.StepId != step)
                    return;
                isDone = true;
                act().Wait(Token);
            },
        };
    }

    private Task<DeployResult> DeployAsync(Bundle bundle, EventLog? log = null, ApplyPolicy? policy = null) => new Deployer(cluster.Connection, _ => null).RunAsync(
        new DeployRequest(bundle, "local") { Policy = policy ?? ApplyPolicy.Careful }, log ?? new EventLog(), Token);

    private static Bundle BundleOf(string app, string version) => Bundle(app, TimeSpan.FromSeconds(60), Config($"settings-{version}"), WebService, ("main", Parse($$"""
        {"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web","annotations":{"version":"{{version}}"} },"spec":{"replicas":0,
         "selector":{"matchLabels":{"app":"web"} },"template":{"metadata":{"labels":{"app":"web"} },"spec":{"containers":[{"name":"web","image":"registry.example/web:{{version}}"}]} } } }
        """)));
}
