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

/// <summary>The engine against the real sandbox.</summary>
public sealed class SandboxDeployTests(SandboxCluster cluster) : IClassFixture<SandboxCluster>
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Deploy_IntoNothing_AnswersAtItsUrlAndThenHasNothingToDo()
    {
        var bundle = Bundle("first", Patience, cluster.Web(2), WebService);

        var deployed = await DeployAsync(bundle);

        Assert.Equal((DeployOutcome.Deployed, 0), (deployed.Outcome, deployed.ExitCode));
        using var http = new HttpClient();
        Assert.StartsWith("hello from web-", await http.GetStringAsync(cluster.Reach(deployed.Urls), Token), StringComparison.Ordinal);
        var versions = await VersionsAsync("first");

        var again = await DeployAsync(bundle);

        Assert.Equal((DeployOutcome.Unchanged, 0), (again.Outcome, again.ExitCode));
        Assert.Equal(deployed.Urls, again.Urls);
        Assert.Equal(versions, await VersionsAsync("first"));
    }

    [Fact]
    public async Task Deploy_NewVersion_KeepsConfigurationThatAnOldRevisionNamesAndPrunesTheRest()
    {
        await DeployAsync(Bundle("second", Patience, Config("settings-1"), Config("unused"), cluster.Web(1, "settings-1"), WebService));

        var deployed = await DeployAsync(Bundle("second", Patience, Config("settings-2"), cluster.Web(1, "settings-2"), WebService));

        Assert.Equal(DeployOutcome.Deployed, deployed.Outcome);
        Assert.Contains(deployed.Changes, change => change is { Kind: "ConfigMap", Name: "unused", Change: ResourceChange.Deleted });
        Assert.NotNull(await cluster.Client.GetAsync(ResourceType.ConfigMap, "second", "settings-1", Token));
        Assert.Null(await cluster.Client.GetAsync(ResourceType.ConfigMap, "second", "unused", Token));
    }

    [Fact]
    public async Task Deploy_ContainerCrashes_ReportsTheLogLongBeforeTheTimeout()
    {
        var log = new EventLog();

        var result = await DeployAsync(Bundle("crashing", TimeSpan.FromMinutes(5), cluster.Web(1, null, null, "exit", "3", "no database here")), log);

        Assert.Equal((DeployOutcome.Failed, 1), (result.Outcome, result.ExitCode));
        var report = Assert.Single(result.Failures);
        Assert.Equal(("KUBEAPP6013", "web"), (report.Code, report.Container));
        Assert.Equal(["no database here"], report.LogTail);
        Assert.Contains("exit code 3", report.Cause, StringComparison.Ordinal);
        Assert.True(result.Elapsed < TimeSpan.FromSeconds(60), $"It took {result.Elapsed}.");
        Assert.Contains(log.Events, item => item is DeployEvent.WorkloadFailed);
    }

    [Fact]
    public async Task Deploy_ImageIsMissing_SaysSoAtOnce()
    {
        var image = cluster.Image + "-nosuch";

        var result = await DeployAsync(Bundle("imageless", TimeSpan.FromMinutes(5), cluster.Web(1, null, image)));

        Assert.Equal("KUBEAPP6010", Assert.Single(result.Failures).Code);
        Assert.True(result.Elapsed < TimeSpan.FromSeconds(30), $"It took {result.Elapsed}.");
    }

    [Fact]
    public async Task Deploy_VariableOfASecretIsMissing_ChangesNothing()
    {
        var result = await DeployAsync(Bundle("secretless", Patience, DatabaseSecret, cluster.Web(1)));

        Assert.Equal(64, result.ExitCode);
        Assert.Equal("KUBEAPP0015", Assert.Single(result.Diagnostics).Code);
        Assert.Null(await cluster.Client.GetAsync(ResourceType.Namespace, null, "secretless", Token));
    }

    // Whoever may read ConfigMaps reads there why a deploy failed.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Deploy_FailsAndSaysASecret_RecordsWhyWithoutIt(bool crashes)
    {
        const string Secret = "tr0ub4dor-and-3";
        var app = crashes ? "babbling" : "babbling-check";
        const string Denied = "denied: '$(PASSWORD)'";
        var web = crashes ? cluster.Web(1, null, null, "throw", Denied) : cluster.Web(1);
        var container = web.Content["spec"]!["template"]!["spec"]!["containers"]![0]!;
        container["env"] = new JsonArray(Parse("""{"name":"PASSWORD","valueFrom":{"secretKeyRef":{"name":"db","key":"password"} } }"""));
        var (_, probe) = cluster.Migration("exit", "4", Denied);
        probe["metadata"]!["name"] = "probe";
        var bundle = crashes ? Bundle(app, TimeSpan.FromMinutes(5), DatabaseSecret, web, WebService) : Bundle(app, TimeSpan.FromMinutes(5), DatabaseSecret, web, WebService, ("check", probe));
        if (!crashes)
            bundle = bundle with { Environments = [bundle.Environments[0] with { Checks = [new BundleCheck("job", "login", Patience) { Job = "probe" }] }] };

        var result = await new Deployer(cluster.Connection, _ => Secret).RunAsync(new DeployRequest(bundle, "local"), new EventLog(), Token);

        Assert.Equal(DeployOutcome.Failed, result.Outcome);
        Assert.Contains(Secret, Assert.Single(result.Failures).Cause, StringComparison.Ordinal);
        var revision = Assert.Single(await new RevisionStore(cluster.Client).ListAsync(app, app, Token));
        Assert.Contains("'***'", revision.State.Cause, StringComparison.Ordinal);
        Assert.Equal(crashes, (revision.State.Checks ?? []).Count == 0);
        Assert.All(revision.State.Checks ?? [], check => Assert.Contains("'***'", check.Message, StringComparison.Ordinal));
        foreach (var map in (await cluster.Client.ListAsync(ResourceType.ConfigMap, app, null, Token)).Items)
            Assert.DoesNotContain(Secret, map.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Deploy_BundleInAFolder_NamesTheFilesThere()
    {
        var folder = Path.Combine(Path.GetTempPath(), "some-bundle");

        var result = await DeployAsync(Bundle("placed", Patience, DatabaseSecret, cluster.Web(1)) with { Folder = folder });

        Assert.Equal(Path.Combine(folder, "env", "local", "secret-db.yaml"), Assert.Single(result.Diagnostics).Place?.File);
    }

    [Fact]
    public async Task Deploy_SeveralObjectsAreWrong_ReportsAllAndAppliesNone()
    {
        await DeployAsync(Bundle("invalid", Patience, Config("good")));
        var bad = ("main", Parse("""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"bad"},"dataa":{"a":"b"}}"""));
        var worse = ("main", Parse("""{"apiVersion":"v1","kind":"Service","metadata":{"name":"worse"},"spec":{"ports":[{"port":0}]}}"""));

        var result = await DeployAsync(Bundle("invalid", Patience, Config("other"), bad, worse));

        Assert.Equal(1, result.ExitCode);
        Assert.Equal(["env/local/configmap-bad.yaml", "env/local/service-worse.yaml"], result.Diagnostics.Select(diagnostic => diagnostic.Place?.File));
        Assert.Null(await cluster.Client.GetAsync(ResourceType.ConfigMap, "invalid", "other", Token));
    }

    [Fact]
    public async Task Deploy_OfAKindAndAnObjectOfIt_WaitsForTheKindAndAppliesBothAtOnce()
    {
        var definition = ("main", Parse("""
            {"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition","metadata":{"name":"widgets.shop.example.com"},
             "spec":{"group":"shop.example.com","scope":"Namespaced","names":{"kind":"Widget","plural":"widgets","singular":"widget","listKind":"WidgetList"},
              "versions":[{"name":"v1","served":true,"storage":true,"schema":{"openAPIV3Schema":{"type":"object","x-kubernetes-preserve-unknown-fields":true} } }]} }
            """));
        static (string, JsonObject) Widget(string name, int size) =>
            ("main", Parse($$"""{"apiVersion":"shop.example.com/v1","kind":"Widget","metadata":{"name":"{{name}}"},"spec":{"size":{{size}} } }"""));

        var first = await DeployAsync(Bundle("widgets", Patience, definition, Widget("small", 1), Widget("large", 9)));
        Assert.True(first.Outcome == DeployOutcome.Deployed, string.Join("\n", first.Diagnostics));
        Assert.Equal(DeployOutcome.Unchanged, (await DeployAsync(Bundle("widgets", Patience, definition, Widget("small", 1), Widget("large", 9)))).Outcome);

        var second = await DeployAsync(Bundle("widgets", Patience, definition, Widget("small", 2)));
        Assert.Equal(
            ["CustomResourceDefinition widgets.shop.example.com Unchanged", "Widget small Changed", "Widget large Deleted"],
            second.Changes.Select(change => $"{change.Kind} {change.Name} {change.Change}"));
        Assert.Equal("widget.shop.example.com/small\n", await cluster.KubectlAsync("get widgets -n widgets -o name"));

        // What others have of a kind goes with it: it stays.
        Assert.Equal(DeployOutcome.Deployed, (await DeployAsync(Bundle("widgets", Patience, Config("settings")))).Outcome);
        Assert.Equal("", await cluster.KubectlAsync("get widgets -n widgets -o name"));
    }

    [Fact]
    public async Task Deploy_NamespaceIsBeingDeleted_SaysSoBeforeItsFirstWrite()
    {
        await cluster.Client.ApplyAsync(
            ResourceType.Namespace, Parse("""{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"leaving","finalizers":["example.com/wait"]}}"""), false, Token);
        await cluster.KubectlAsync("delete namespace leaving --wait=false");

        var result = await DeployAsync(Bundle("leaving", Patience, Config("settings")));

        Assert.Equal(("KUBEAPP2004", false), (Assert.Single(result.Diagnostics).Code, result.HasApplied));
    }

    [Fact]
    public async Task Deploy_PartsOfTheAppGo_AsksBeforeItsFirstWriteAndOnlyThen()
    {
        var asked = new List<ObjectId>();
        async Task<DeployResult> RunAsync(bool isConfirmed, params (string, JsonObject)[] objects) => await new Deployer(cluster.Connection, _ => null).RunAsync(
            new DeployRequest(Bundle("losing", Patience, objects), "local")
            {
                Confirm = (losses, _) =>
                {
                    asked.AddRange(losses);
                    return isConfirmed ? Task.CompletedTask : throw new DiagnosticException(DiagnosticDescriptors.ConfirmationNeeded.Because("No."));
                },
            },
            new EventLog(), Token);
        await RunAsync(false, Config("one"), Config("two"), cluster.Web(1), WebService);
        Assert.Empty(asked);

        var refused = await RunAsync(false, Config("one"));
        Assert.Equal((64, false), (refused.ExitCode, refused.HasApplied));
        Assert.Equal(["Deployment losing/web", "Service losing/web"], asked.Select(id => id.ToString()).Order(StringComparer.Ordinal));

        Assert.Equal(DeployOutcome.Deployed, (await RunAsync(true, Config("one"))).Outcome);
        Assert.Null(await cluster.Client.GetAsync(ResourceType.Deployment, "losing", "web", Token));
    }

    [Fact]
    public async Task Deploy_AnotherManagerOwnsAField_NamesManagerAndFieldAndChangesNothing()
    {
        var bundle = Bundle("contested", Patience, Config("settings"));
        await DeployAsync(bundle);
        var theirs = Parse("""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"settings","namespace":"contested"},"data":{"greeting":"theirs"}}""");
        await cluster.Client.SendAsync(
            HttpMethod.Patch, "/api/v1/namespaces/contested/configmaps/settings?fieldManager=somebody&force=true", theirs, Token, "application/apply-patch+yaml");

        var result = await DeployAsync(bundle);

        var diagnostic = Assert.Single(result.Diagnostics);
        Assert.Equal("KUBEAPP5002", diagnostic.Code);
        Assert.Equal("ConfigMap contested/settings: data.greeting belongs to somebody, is \"theirs\" and would become \"hello\".", diagnostic.Cause);
    }

    [Fact]
    public async Task Deploy_CancelledAtAnyStep_Exits130AndTheNextOneFinishes()
    {
        string[] steps = ["namespaces", "lock", "check", "intend", "configuration", "services", "workloads", "rollout", "record"];
        foreach (var step in steps)
        {
            var app = $"cut-{step}";
            var bundle = Bundle(app, Patience, Config("settings"), cluster.Web(1), WebService);
            using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Token);
            var log = new EventLog
            {
                OnEvent = item =>
                {
                    if (item is DeployEvent.StepStarted started && started.StepId == step)
                        cancel.Cancel();
                },
            };

            var cut = await new Deployer(cluster.Connection, _ => null).RunAsync(new DeployRequest(bundle, "local"), log, cancel.Token);
            Assert.Equal((step, 130), (step, cut.ExitCode));
            if (step is not ("workloads" or "rollout" or "record"))
                continue;

            var finished = await DeployAsync(bundle);
            Assert.Equal((step, DeployOutcome.Deployed), (step, finished.Outcome));
            await DestroyAsync(app);
        }
    }

    [Fact]
    public async Task Deploy_DryRun_WritesNothing()
    {
        var result = await new Deployer(cluster.Connection, _ => null).RunAsync(
            new DeployRequest(Bundle("dry", Patience, cluster.Web(1)), "local", DryRun: true), new EventLog(), Token);

        Assert.Equal((DeployOutcome.Planned, 0), (result.Outcome, result.ExitCode));
        Assert.Contains(result.Steps, step => step.Id == "workloads");
        Assert.Null(await cluster.Client.GetAsync(ResourceType.Namespace, null, "dry", Token));
    }

    [Fact]
    public async Task Deploy_DoesNotComeUpInTime_Exits70AndSaysWhatIsPending()
    {
        var result = await DeployAsync(Bundle("slow", TimeSpan.FromSeconds(4), cluster.Web(1, null, null, "serve", "sick")));

        Assert.Equal((DeployOutcome.TimedOut, 70), (result.Outcome, result.ExitCode));
        Assert.Contains("Deployment slow/web", result.Diagnostics[0].Cause, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Deploy_MigrationThatUsesASecret_RunsBeforeTheRolloutAndAgainOnlyWithAnotherValue()
    {
        var bundle = Bundle("migrating", Patience, DatabaseSecret, cluster.Migration("print", "PASSWORD"), cluster.Web(1), WebService);
        Task<DeployResult> Deploy(string password) => new Deployer(cluster.Connection, _ => password).RunAsync(new DeployRequest(bundle, "local"), new EventLog(), Token);

        var first = await Deploy("one");
        var same = await Deploy("one");
        var other = await Deploy("the-second-password");

        Assert.Equal((DeployOutcome.Deployed, DeployOutcome.Unchanged, DeployOutcome.Deployed), (first.Outcome, same.Outcome, other.Outcome));
        Assert.NotEqual(first.Changes.Single(change => change.Kind == "Job").Name, other.Changes.Single(change => change is { Kind: "Job", Change: ResourceChange.Created }).Name);
        Assert.Equal("before", other.Steps[3].Id);
        Assert.DoesNotContain("the-second-password", string.Join(' ', (await cluster.Client.ListAsync(ResourceType.ConfigMap, "migrating", null, Token)).Items), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Deploy_MigrationFails_StopsBeforeTheRolloutWithItsLog()
    {
        var result = await DeployAsync(Bundle("unmigrated", Patience, cluster.Migration("exit", "4", "cannot migrate"), cluster.Web(1)));

        Assert.Equal(1, result.ExitCode);
        var report = Assert.Single(result.Failures);
        Assert.Equal("KUBEAPP6024", report.Code);
        Assert.Equal(["cannot migrate"], report.LogTail);
        Assert.Null(await cluster.Client.GetAsync(ResourceType.Deployment, "unmigrated", "web", Token));
    }

    [Fact]
    public async Task Deploy_KindThatTheTargetDoesNotRun_SaysSoInsteadOfWaiting()
    {
        cluster.RequireSandbox();
        var (phase, web) = cluster.Web(1);
        var set = (JsonObject)web.DeepClone();
        set["kind"] = "StatefulSet";
        set["spec"]!["serviceName"] = "web";
        set["spec"]!.AsObject().Remove("progressDeadlineSeconds");

        var result = await DeployAsync(Bundle("stateful", TimeSpan.FromMinutes(5), (phase, set)));

        Assert.Equal("KUBEAPP6026", Assert.Single(result.Failures).Code);
        Assert.True(result.Elapsed < TimeSpan.FromSeconds(30), $"It took {result.Elapsed}.");
    }

    [Fact]
    public async Task Destroy_LeavesNothingButTheNamespace()
    {
        var result = await DeployAsync(Bundle("destroyed", Patience, Config("settings"), cluster.Web(1), WebService));
        Assert.True(result.Outcome == DeployOutcome.Deployed, string.Join('\n', result.Diagnostics));

        await DestroyAsync("destroyed");

        foreach (var type in (ResourceType[])[ResourceType.Deployment, ResourceType.ReplicaSet, ResourceType.Pod, ResourceType.Service, ResourceType.ConfigMap, ResourceType.Secret])
        {
            var (items, _) = await cluster.Client.ListAsync(type, "destroyed", null, Token);
            // Kubernetes itself puts this one into every namespace.
            Assert.Equal([], items.Select(item => $"{type.Kind} {item["metadata"]!["name"]}").Where(name => name != "ConfigMap kube-root-ca.crt"));
        }

        Assert.NotNull(await cluster.Client.GetAsync(ResourceType.Namespace, null, "destroyed", Token));
    }

    [Fact]
    public async Task Logs_OfAllPods_NameTheirPod()
    {
        await DeployAsync(Bundle("talking", Patience, cluster.Web(2)));
        var inventory = await FindAsync("talking");

        var pods = new HashSet<string>();
        await foreach (var line in new AppLogs(cluster.Client, new EventLog()).ReadAsync(inventory, new LogQuery(Follow: true, null, null, null, false), Token))
        {
            if (line.Text.StartsWith("listening on", StringComparison.Ordinal))
                pods.Add(line.Pod);
            if (pods.Count == 2)
                break;
        }

        Assert.Equal(2, pods.Count);
    }

    private Task<DeployResult> DeployAsync(Bundle bundle, EventLog? log = null) =>
        new Deployer(cluster.Connection, _ => null).RunAsync(new DeployRequest(bundle, "local"), log ?? new EventLog(), Token);

    private async Task DestroyAsync(string app) => await new AppDestroyer(cluster.Client, new EventLog()).RunAsync(await FindAsync(app), includesKept: false, Token);

    private Task<Inventory> FindAsync(string app) => new AppLocator(cluster.Client).FindAsync(app, null, null, null, "sandbox", Token);

    private async Task<IReadOnlyList<string>> VersionsAsync(string ns)
    {
        var versions = new List<string>();
        foreach (var type in (ResourceType[])[ResourceType.Deployment, ResourceType.ReplicaSet, ResourceType.Service, ResourceType.ConfigMap, ResourceType.Secret])
            versions.AddRange((await cluster.Client.ListAsync(type, ns, null, Token)).Items.Select(item => $"{type.Kind} {item["metadata"]!["name"]} {item["metadata"]!["resourceVersion"]}"));
        return versions;
    }
}
