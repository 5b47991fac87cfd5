using System.IO.Compression;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using KubeApps.Bundles;
using KubeApps.Deploy.Api;
using KubeApps.Deploy.Apps;
using KubeApps.Deploy.Planning;
using KubeApps.Deploy.Revisions;
using KubeApps.Diagnostics;
using KubeApps.Events;
using static KubeApps.Deploy.Tests.SandboxCluster;

namespace KubeApps.Deploy.Tests;

/// <summary>Revisions and going back, against the real sandbox.</summary>
public sealed class SandboxRollbackTests(SandboxCluster cluster) : IClassFixture<SandboxCluster>
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Rollback_ToTheVersionBefore_RestoresConfigurationServicesAndPodsAsANewRevision()
    {
        const string Reference = "oci://registry.example.com/shop@sha256:11";
        var first = await DeployAsync(Bundle("shop", Patience, Config("settings-1"), cluster.Web(1, "settings-1"), WebService) with { Reference = Reference });
        var extra = (JsonObject)WebService.Content.DeepClone();
        extra["metadata"]!["name"] = "extra";
        var changed = (JsonObject)WebService.Content.DeepClone();
        changed["spec"]!["ports"]![0]!["port"] = 81;
        await DeployAsync(Bundle("shop", Patience, Config("settings-2"), cluster.Web(2, "settings-2"), ("main", changed), ("main", extra)));
        var templates = await TemplatesAsync("shop");

        var back = await RollbackAsync("shop");

        Assert.Equal((DeployOutcome.Deployed, 3), (back.Outcome, back.Revision));
        var web = await cluster.Client.GetAsync(ResourceType.Deployment, "shop", "web", Token);
        Assert.Equal("settings-1", (string?)Env(web!)["valueFrom"]!["configMapKeyRef"]!["name"]);
        Assert.Equal(1, (int?)web!["spec"]!["replicas"]);
        Assert.Equal(80, (int?)(await cluster.Client.GetAsync(ResourceType.Service, "shop", "web", Token))!["spec"]!["ports"]![0]!["port"]);
        Assert.Null(await cluster.Client.GetAsync(ResourceType.Service, "shop", "extra", Token));
        Assert.Equal(first.Urls, back.Urls);
        // The very ReplicaSet of the first version, not a third one.
        Assert.Equal(templates, await TemplatesAsync("shop"));
        var history = await HistoryAsync("shop");
        Assert.Equal([(1, RevisionOutcome.Deployed, null), (2, RevisionOutcome.Deployed, null), (3, RevisionOutcome.Deployed, 1)], history.Select(item => (item.Number, item.State.Outcome, item.Restores)));
        Assert.Equal([Reference, null, Reference], history.Select(item => item.Bundle));
        Assert.Equal(
            (Reference, Reference), (back.Bundle, Inventory.FromObject(await cluster.Client.GetAsync(ResourceType.ConfigMap, "shop", Inventory.NameOf("shop"), Token))!.Bundle));
        Assert.Equal(history[0].Hash, history[2].Hash);
        Assert.Equal(DeployOutcome.Unchanged, (await DeployAsync(Bundle("shop", Patience, Config("settings-1"), cluster.Web(1, "settings-1"), WebService))).Outcome);
    }

    [Fact]
    public async Task Deploy_NewVersionCrashes_ReturnsToTheOldOneWhichServedAllAlong()
    {
        var good = await DeployAsync(Bundle("falling", Patience, cluster.Web(1), WebService));
        var pods = await PodsAsync("falling");
        var log = new EventLog();

        var result = await DeployAsync(Bundle("falling", Patience, cluster.Web(1, null, null, "exit", "3", "no database here"), WebService), log);

        Assert.Equal((DeployOutcome.RolledBack, 3, 1), (result.Outcome, result.ExitCode, result.RolledBackTo));
        Assert.Equal(["KUBEAPP6013", "KUBEAPP7008"], result.Diagnostics.Select(diagnostic => diagnostic.Code));
        Assert.Contains("falling is back at revision 1, as revision 3.", result.Diagnostics[1].Cause, StringComparison.Ordinal);
        using var http = new HttpClient();
        Assert.StartsWith("hello from web-", await http.GetStringAsync(cluster.Reach(good.Urls), Token), StringComparison.Ordinal);
        Assert.Equal(pods, await PodsAsync("falling"));
        var history = await HistoryAsync("falling");
        Assert.Equal([RevisionOutcome.Deployed, RevisionOutcome.RolledBack, RevisionOutcome.Deployed], history.Select(item => item.State.Outcome));
        Assert.Contains("exit code 3", history[1].State.Cause, StringComparison.Ordinal);
        Assert.True(history[1].State.Cause!.Length <= 140);
    }

    [Fact]
    public async Task Deploy_NewVersionFailsAndIsToStay_LeavesItThere()
    {
        await DeployAsync(Bundle("staying", Patience, cluster.Web(1)));

        var result = await new Deployer(cluster.Connection, _ => null).RunAsync(
            new DeployRequest(Bundle("staying", Patience, cluster.Web(1, null, null, "exit", "3")), "local") { RollbackOnFailure = false }, new EventLog(), Token);

        Assert.Equal((DeployOutcome.Failed, 1), (result.Outcome, result.ExitCode));
        Assert.Equal([RevisionOutcome.Deployed, RevisionOutcome.Failed], (await HistoryAsync("staying")).Select(item => item.State.Outcome));
        Assert.Equal(DeployOutcome.Deployed, (await RollbackAsync("staying")).Outcome);
    }

    [Fact]
    public async Task Deploy_FirstVersionFails_SaysThatThereIsNothingToReturnTo()
    {
        var result = await DeployAsync(Bundle("firstborn", Patience, cluster.Web(1, null, null, "exit", "3")));

        Assert.Equal((DeployOutcome.Failed, 1), (result.Outcome, result.ExitCode));
        Assert.Equal(["KUBEAPP6013", "KUBEAPP7004"], result.Diagnostics.Select(diagnostic => diagnostic.Code));
    }

    [Fact]
    public async Task Deploy_NewVersionIsNotReadyInTime_ReturnsToTheOldOne()
    {
        await DeployAsync(Bundle("late", Patience, cluster.Web(1)));

        var result = await DeployAsync(Bundle("late", TimeSpan.FromSeconds(4), cluster.Web(1, null, null, "serve", "sick")));

        Assert.Equal((DeployOutcome.RolledBack, 3), (result.Outcome, result.ExitCode));
        Assert.Equal(["KUBEAPP6001", "KUBEAPP7008"], result.Diagnostics.Select(diagnostic => diagnostic.Code));
    }

    [Fact]
    public async Task Deploy_CheckOfTheNewVersionFails_ReturnsToTheOldOneAndKeepsWhatTheCheckSaid()
    {
        Bundle Version(string config, params BundleCheck[] checks)
        {
            var bundle = Bundle("examined", Patience, Config(config), cluster.Web(1, config), WebService);
            return bundle with { Environments = [bundle.Environments[0] with { Checks = checks }] };
        }

        await DeployAsync(Version("settings-1"));
        var pods = await PodsAsync("examined");

        var result = await DeployAsync(Version("settings-2", new BundleCheck("http", "http web/nosuch", TimeSpan.FromSeconds(1)) { Service = "web", Path = "/nosuch" }));

        Assert.Equal((DeployOutcome.RolledBack, 3, 1), (result.Outcome, result.ExitCode, result.RolledBackTo));
        Assert.Equal(pods, await PodsAsync("examined"));
        Assert.Null(await cluster.Client.GetAsync(ResourceType.ConfigMap, "examined", "settings-2", Token));
        Assert.True((await FindAsync("examined")) is { IsComplete: true, Revision: 3 });
        var check = Assert.Single((await HistoryAsync("examined"))[1].State.Checks!);
        Assert.Equal(("http web/nosuch", false), (check.Name, check.IsPassed));
        Assert.Contains("answered 404", check.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Deploy_IsCancelled_DoesNotReturnToTheOldOne()
    {
        await DeployAsync(Bundle("halted", Patience, cluster.Web(1)));
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var log = new EventLog
        {
            OnEvent = item =>
            {
                if (item is DeployEvent.StepStarted { StepId: "rollout" })
                    cancel.Cancel();
            },
        };

        var result = await new Deployer(cluster.Connection, _ => null).RunAsync(
            new DeployRequest(Bundle("halted", Patience, cluster.Web(1, null, null, "serve", "sick")), "local"), log, cancel.Token);

        Assert.Equal((DeployOutcome.Cancelled, 130), (result.Outcome, result.ExitCode));
        Assert.Equal([RevisionOutcome.Deployed, RevisionOutcome.Cancelled], (await HistoryAsync("halted")).Select(item => item.State.Outcome));
    }

    [Fact]
    public async Task Rollback_OfAnAppWithASecret_TakesTheValueThatOnlyTheClusterHas()
    {
        var bundle = Bundle("secretive", Patience, DatabaseSecret, cluster.Migration("print", "PASSWORD"), cluster.Web(1));
        await DeployAsync(bundle, password: "first-value");
        await DeployAsync(bundle, password: "second-value");
        var before = await NamesAsync(ResourceType.Job, "secretive");

        var back = await RollbackAsync("secretive");

        Assert.Equal(DeployOutcome.Deployed, back.Outcome);
        Assert.DoesNotContain(back.Steps, step => step.Id == "before");
        Assert.Single(before);
        Assert.Equal(DeployOutcome.Unchanged, (await DeployAsync(bundle, password: "first-value")).Outcome);
        // What the newer version has migrated is not migrated again when it comes back.
        Assert.DoesNotContain((await DeployAsync(bundle, password: "second-value")).Steps, step => step.Id == "before");

        var revisions = (await cluster.Client.ListAsync(ResourceType.ConfigMap, "secretive", null, Token)).Items.Where(item => item["binaryData"] is not null).ToList();
        Assert.Equal(4, revisions.Count);
        foreach (var revision in revisions)
            foreach (var text in (string[])[revision.ToJsonString(), Unzipped(revision)])
                foreach (var value in (string[])["first-value", "second-value"])
                {
                    Assert.DoesNotContain(value, text, StringComparison.Ordinal);
                    Assert.DoesNotContain(Convert.ToBase64String(Encoding.UTF8.GetBytes(value)), text, StringComparison.Ordinal);
                }
    }

    // Kubernetes itself remembers ten versions of a workload, as long as we are asked for two.
    [Fact]
    public async Task Deploy_OfMoreVersionsThanAreKept_ForgetsTheOldestAndWhatOnlyTheyNamed()
    {
        Bundle Version(int number) => Keeping(2, Bundle("growing", Patience, DatabaseSecret, Config($"settings-{number}"), cluster.Web(1, $"settings-{number}"), cluster.Migration("print", "PASSWORD")));
        await DeployAsync(Version(1), password: "one");
        await DeployAsync(Version(2), password: "two");
        Assert.Equal((2, 2), (await CountAsync("growing", "db-"), await CountAsync("growing", "settings-")));

        var third = await DeployAsync(Version(3), password: "three");

        Assert.Equal([2, 3], (await HistoryAsync("growing")).Select(item => item.Number));
        Assert.Equal((2, 2), (await CountAsync("growing", "db-"), await CountAsync("growing", "settings-")));
        Assert.Contains(third.Changes, change => change is { Name: "settings-1", Change: ResourceChange.Deleted });
        Assert.Equal(DeployOutcome.Unchanged, (await DeployAsync(Version(3), password: "three")).Outcome);
        Assert.Equal(DeployOutcome.Deployed, (await RollbackAsync("growing")).Outcome);
    }

    [Fact]
    public async Task Deploy_VersionBeforeFailed_CollectsItsConfigurationWithTheNextOneAndForNoOtherReason()
    {
        Bundle Version(string config, params string[] arguments) => Bundle("collected", Patience, Config(config), cluster.Web(1, config, null, arguments));
        await DeployAsync(Version("settings-1"));
        Assert.Equal(DeployOutcome.RolledBack, (await DeployAsync(Version("settings-2", "exit", "3"))).Outcome);

        Assert.Equal(DeployOutcome.Unchanged, (await DeployAsync(Version("settings-1"))).Outcome);
        var third = await DeployAsync(Version("settings-3"));

        Assert.Contains(third.Changes, change => change is { Name: "settings-2", Change: ResourceChange.Deleted });
        Assert.Equal(2, await CountAsync("collected", "settings-"));
    }

    // One that has no pods at the moment, too: it gets them when somebody scales it up.
    [Fact]
    public async Task Deploy_WorkloadOfSomebodyElseNamesOldConfiguration_LeavesItThere()
    {
        await DeployAsync(Naming("borrowed", 1));
        var theirs = cluster.Web(0, "settings-1").Content;
        theirs["metadata"]!["name"] = "theirs";
        theirs["spec"]!["selector"]!["matchLabels"]!["app"] = "theirs";
        theirs["spec"]!["template"]!["metadata"]!["labels"]!["app"] = "theirs";
        await cluster.Client.SendAsync(HttpMethod.Post, ResourceType.Deployment.CollectionPath("borrowed"), theirs, Token);

        await DeployAsync(Naming("borrowed", 2));
        await DeployAsync(Naming("borrowed", 3));

        Assert.NotNull(await cluster.Client.GetAsync(ResourceType.ConfigMap, "borrowed", "settings-1", Token));
    }

    // Revisions as Kubernetes writes them; the sandbox runs no StatefulSets.
    [Fact]
    public async Task Deploy_RevisionsOfAStatefulSetNameOldConfiguration_CollectsWhatNoPodRunsOf()
    {
        await DeployAsync(Naming("stateful", 1));
        await DeployAsync(Naming("stateful", 2));
        var db = await cluster.Client.SendAsync(HttpMethod.Post, "/apis/apps/v1/namespaces/stateful/statefulsets", Parse("""
            {"apiVersion":"apps/v1","kind":"StatefulSet","metadata":{"name":"db"},"spec":{"serviceName":"db","replicas":0,"selector":{"matchLabels":{"app":"db"}},
             "template":{"metadata":{"labels":{"app":"db"}},"spec":{"containers":[{"name":"db","image":"registry.example/db:3"}]}}}}
            """), Token);
        foreach (var (number, config) in ((int, string)[])[(1, "settings-1"), (2, "settings-2"), (3, "none")])
            await cluster.Client.SendAsync(HttpMethod.Post, "/apis/apps/v1/namespaces/stateful/controllerrevisions", Parse($$"""
                {"apiVersion":"apps/v1","kind":"ControllerRevision","metadata":{"name":"db-{{number}}","ownerReferences":[{"apiVersion":"apps/v1","kind":"StatefulSet","name":"db","uid":"{{db["metadata"]!["uid"]}}"}]},
                 "revision":{{number}},"data":{"spec":{"template":{"spec":{"containers":[{"name":"db","envFrom":[{"configMapRef":{"name":"{{config}}"} }]}]} } } } }
                """), Token);
        await cluster.Client.SendAsync(HttpMethod.Post, ResourceType.Pod.CollectionPath("stateful"), Parse("""
            {"apiVersion":"v1","kind":"Pod","metadata":{"name":"db-0","labels":{"controller-revision-hash":"db-2"}},"spec":{"containers":[{"name":"db","image":"registry.example/db:2"}]}}
            """), Token);

        await DeployAsync(Naming("stateful", 3));
        await DeployAsync(Naming("stateful", 4));

        Assert.Equal(["settings-2", "settings-3", "settings-4"], (await NamesAsync(ResourceType.ConfigMap, "stateful")).Where(name => name.StartsWith("settings-", StringComparison.Ordinal)));
    }

    // Somebody else may return to a revision that this role does not see.
    [Fact]
    public async Task Deploy_RoleMayNotListRevisions_LeavesTheConfigurationThatKubernetesRemembers()
    {
        using var blind = cluster.Connect(TimeProvider.System, new RevisionsHidden());
        for (var number = 1; number <= 3; number++)
            Assert.Equal(ExitCodes.Done, (await new Deployer(blind, _ => null).RunAsync(new DeployRequest(Naming("hidden", number), "local"), new EventLog(), Token)).ExitCode);

        Assert.Equal(3, await CountAsync("hidden", "settings-"));
    }

    [Fact]
    public async Task Rollback_SecretIsGone_IsRefusedBeforeAnythingIsWritten()
    {
        var bundle = Bundle("forgetful", Patience, DatabaseSecret, cluster.Web(1));
        await DeployAsync(bundle, password: "one");
        await DeployAsync(bundle, password: "two");
        var old = (await HistoryAsync("forgetful"))[0].Content!.Environment.Objects.Select(item => ObjectId.Of(item.Content)).Single(id => id.Kind == "Secret");
        await cluster.Client.SendAsync(HttpMethod.Delete, ResourceType.Secret.ObjectPath("forgetful", old.Name), null, Token);

        var result = await RollbackAsync("forgetful");

        Assert.Equal((DeployOutcome.Failed, 1, false), (result.Outcome, result.ExitCode, result.HasApplied));
        Assert.Equal("KUBEAPP7007", Assert.Single(result.Diagnostics).Code);
        Assert.Contains(old.Name, result.Diagnostics[0].Cause, StringComparison.Ordinal);
        Assert.Equal(2, (await HistoryAsync("forgetful")).Count);
    }

    [Fact]
    public async Task Deploy_FailsAndTheWayBackFailsToo_TellsBothAndExits1()
    {
        await DeployAsync(Bundle("doomed", Patience, DatabaseSecret, cluster.Web(1)), password: "one");
        var old = (await NamesAsync(ResourceType.Secret, "doomed")).Single(name => name.StartsWith("db-", StringComparison.Ordinal));
        await cluster.Client.SendAsync(HttpMethod.Delete, ResourceType.Secret.ObjectPath("doomed", old), null, Token);

        var result = await DeployAsync(Bundle("doomed", Patience, cluster.Web(1, null, null, "exit", "3")));

        Assert.Equal((DeployOutcome.Failed, 1), (result.Outcome, result.ExitCode));
        Assert.Equal(["KUBEAPP6013", "KUBEAPP7009", "KUBEAPP7007"], result.Diagnostics.Select(diagnostic => diagnostic.Code));
        Assert.Contains("was not taken back to revision 1", result.Diagnostics[1].Cause, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rollback_OverAOneWayMigration_IsRefusedByHandAndByItself()
    {
        await DeployAsync(Bundle("forward", Patience, cluster.Web(1)));
        var migration = cluster.Migration("print", "PASSWORD");
        migration.Content["metadata"]!["annotations"] = new JsonObject { ["kubeapps.dev/one-way"] = "true" };

        var failed = await DeployAsync(Bundle("forward", Patience, migration, cluster.Web(1, null, null, "exit", "3")));

        Assert.Equal((DeployOutcome.Failed, 1), (failed.Outcome, failed.ExitCode));
        Assert.Equal(["KUBEAPP6013", "KUBEAPP7009", "KUBEAPP7006"], failed.Diagnostics.Select(diagnostic => diagnostic.Code));
        Assert.Contains("the Job migrate of revision 2", failed.Diagnostics[2].Cause, StringComparison.Ordinal);
        var refusal = await Assert.ThrowsAsync<DiagnosticException>(() => RollbackAsync("forward", 1));
        Assert.Equal("KUBEAPP7006", refusal.Diagnostics[0].Code);
        var old = new DeployRequest(Bundle("forward", Patience, cluster.Web(1)), "local") { InPlaceOf = 1 };
        Assert.Equal("KUBEAPP7006", (await new Deployer(cluster.Connection, _ => null).RunAsync(old, new EventLog(), Token)).Diagnostics[0].Code);

        Assert.Equal(DeployOutcome.Deployed, (await DeployAsync(Bundle("forward", Patience, migration, cluster.Web(1)))).Outcome);
        await DeployAsync(Bundle("forward", Patience, migration, cluster.Web(2)));
        Assert.Equal((DeployOutcome.Deployed, 3), (await RollbackAsync("forward") is var back ? (back.Outcome, back.RolledBackTo) : default));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Rollback_SomebodyElseDecidesTheNumberOfPods_LeavesItAlone(bool hasAutoscaler)
    {
        var app = hasAutoscaler ? "autoscaled" : "scaled-by-hand";
        Bundle Version(params string[] arguments)
        {
            var web = cluster.Web(1, null, null, arguments);
            if (hasAutoscaler)
                web.Content["spec"]!.AsObject().Remove("replicas");
            return Bundle(app, Patience, hasAutoscaler ? [web, Autoscaler] : [web]);
        }

        await DeployAsync(Version());
        await DeployAsync(Version("serve", "v2"));
        // As an autoscaler and kubectl do it: through the subresource, under their own name.
        await cluster.Client.SendAsync(
            HttpMethod.Patch, $"/apis/apps/v1/namespaces/{app}/deployments/web/scale?fieldManager=somebody", Parse("""{"spec":{"replicas":3}}"""), Token,
            "application/merge-patch+json");

        var back = await RollbackAsync(app);

        Assert.Equal(DeployOutcome.Deployed, back.Outcome);
        var live = await cluster.Client.GetAsync(ResourceType.Deployment, app, "web", Token);
        Assert.Equal(3, (int?)live!["spec"]!["replicas"]);
        Assert.DoesNotContain("v2", Container(live)["args"]!.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Deploy_NoRoomForARevision_SaysSoAndDeploys()
    {
        await DeployAsync(Bundle("crowded", Patience, cluster.Web(1)));
        var count = (await cluster.Client.ListAsync(ResourceType.ConfigMap, "crowded", null, Token)).Items.Count;
        await cluster.Client.SendAsync(
            HttpMethod.Post, "/api/v1/namespaces/crowded/resourcequotas",
            Parse($$"""{"apiVersion":"v1","kind":"ResourceQuota","metadata":{"name":"few"},"spec":{"hard":{"count/configmaps":"{{count}}"} } }"""), Token);
        var log = new EventLog();

        var result = await DeployAsync(Bundle("crowded", Patience, cluster.Web(2)), log);

        Assert.Equal((DeployOutcome.Deployed, 0, 2), (result.Outcome, result.ExitCode, result.Revision));
        // Foreseen (KUBEAPP2012) it is only where the quota has been counted already.
        var warning = Assert.Single(log.Events.OfType<DeployEvent.DiagnosticRaised>(), item => item.Diagnostic.Code == "KUBEAPP7001").Diagnostic;
        Assert.Contains("exceeded quota: few", warning.Cause, StringComparison.Ordinal);
        Assert.Equal([1], (await HistoryAsync("crowded")).Select(item => item.Number));
        Assert.Equal(DeployOutcome.Deployed, (await RollbackAsync("crowded")).Outcome);
    }

    [Fact]
    public async Task Deploy_ObjectsAreTooLargeForARevision_SaysSoAndKeepsTheRest()
    {
        // What cannot be compressed, in two objects that are each small enough.
        (string, JsonObject) Large(int seed)
        {
            var bytes = new byte[600 * 1024];
            new Random(seed).NextBytes(bytes);
            return ("main", Parse($$"""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"large-{{seed}}"},"binaryData":{"a":"{{Convert.ToBase64String(bytes)}}"} }"""));
        }

        var log = new EventLog();
        var result = await DeployAsync(Bundle("stuffed", Patience, Large(1), Large(2)), log);

        Assert.Equal(DeployOutcome.Deployed, result.Outcome);
        Assert.Equal("KUBEAPP7001", log.Events.OfType<DeployEvent.DiagnosticRaised>().Single().Diagnostic.Code);
        var revision = Assert.Single(await HistoryAsync("stuffed"));
        Assert.Equal((RevisionOutcome.Deployed, false), (revision.State.Outcome, revision.IsRestorable));
    }

    [Fact]
    public async Task Destroy_OfAnApp_ForgetsItsHistory()
    {
        await DeployAsync(Bundle("leaving", Patience, Config("settings")));
        await DeployAsync(Bundle("leaving", Patience, Config("other")));

        await new AppDestroyer(cluster.Client, new EventLog()).RunAsync(await FindAsync("leaving"), includesKept: false, Token);

        Assert.Equal(["kube-root-ca.crt"], await NamesAsync(ResourceType.ConfigMap, "leaving"));
    }

    private Task<DeployResult> DeployAsync(Bundle bundle, EventLog? log = null, string? password = null) =>
        new Deployer(cluster.Connection, _ => password).RunAsync(new DeployRequest(bundle, "local"), log ?? new EventLog(), Token);

    private async Task<DeployResult> RollbackAsync(string app, int? to = null)
    {
        var target = await Rollback.FindTargetAsync(cluster.Client, await FindAsync(app), to, Token);
        return await new Deployer(cluster.Connection, _ => null).RunAsync(Rollback.To(target, new Author("tester")), new EventLog(), Token);
    }

    private Task<Inventory> FindAsync(string app) => new AppLocator(cluster.Client).FindAsync(app, null, null, null, "sandbox", Token);

    private Task<IReadOnlyList<Revision>> HistoryAsync(string app) => new RevisionStore(cluster.Client).ListAsync(app, app, Token);

    private async Task<IReadOnlyList<string>> TemplatesAsync(string ns) =>
        [.. (await cluster.Client.ListAsync(ResourceType.ReplicaSet, ns, null, Token)).Items.Select(item => (string)item["metadata"]!["uid"]!).Order()];

    private async Task<IReadOnlyList<string>> PodsAsync(string ns) =>
        [.. (await cluster.Client.ListAsync(ResourceType.Pod, ns, null, Token)).Items
            .Where(item => item["metadata"]!["deletionTimestamp"] is null).Select(item => (string)item["metadata"]!["uid"]!).Order()];

    private async Task<IReadOnlyList<string>> NamesAsync(ResourceType type, string ns) =>
        [.. (await cluster.Client.ListAsync(type, ns, null, Token)).Items.Select(item => (string)item["metadata"]!["name"]!).Order(StringComparer.Ordinal)];

    private async Task<int> CountAsync(string ns, string prefix) =>
        (await NamesAsync(ResourceType.Secret, ns)).Concat(await NamesAsync(ResourceType.ConfigMap, ns)).Count(name => name.StartsWith(prefix, StringComparison.Ordinal));

    private Bundle Naming(string app, int number) => Keeping(2, Bundle(app, Patience, Config($"settings-{number}"), cluster.Web(1, $"settings-{number}")));

    private static Bundle Keeping(int revisions, Bundle bundle) =>
        bundle with { Environments = [.. bundle.Environments.Select(item => item with { Strategy = item.Strategy with { KeepRevisions = revisions } })] };

    private static string Unzipped(JsonObject revision)
    {
        using var gzip = new GZipStream(new MemoryStream(Convert.FromBase64String((string)revision["binaryData"]!["environment.json.gz"]!)), CompressionMode.Decompress);
        return new StreamReader(gzip).ReadToEnd();
    }

    private static (string Phase, JsonObject Content) Autoscaler => ("main", Parse(
        """
        {"apiVersion":"autoscaling/v2","kind":"HorizontalPodAutoscaler","metadata":{"name":"web"},
         "spec":{"scaleTargetRef":{"apiVersion":"apps/v1","kind":"Deployment","name":"web"},"minReplicas":1,"maxReplicas":5}}
        """));

    private static JsonNode Container(JsonObject deployment) => deployment["spec"]!["template"]!["spec"]!["containers"]![0]!;

    private static JsonNode Env(JsonObject deployment) => Container(deployment)["env"]![0]!;

    private sealed class RevisionsHidden : DelegatingHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            request.Method == HttpMethod.Get && request.RequestUri!.AbsolutePath.EndsWith("/configmaps", StringComparison.Ordinal)
                ? Task.FromResult(new HttpResponseMessage(HttpStatusCode.Forbidden)
                {
                    RequestMessage = request,
                    Content = new StringContent("""{"kind":"Status","apiVersion":"v1","status":"Failure","message":"not you","reason":"Forbidden","code":403}""", Encoding.UTF8, "application/json"),
                })
                : base.SendAsync(request, cancellationToken);
    }
}
