using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using KubeApps.Bundles;
using KubeApps.Deploy.Api;
using KubeApps.Deploy.Planning;
using KubeApps.Deploy.Revisions;
using KubeApps.Deploy.Switching;
using KubeApps.Deploy.Targets;
using KubeApps.Events;
using static KubeApps.Deploy.Tests.SandboxCluster;

namespace KubeApps.Deploy.Tests.Planning;

/// <summary>What is known before the first write of a deploy with slots or copies, and in what order a first version is let in; on the real sandbox.</summary>
public sealed class PlannedSlotsTests(SandboxCluster cluster) : IClassFixture<SandboxCluster>
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Plan_OfANewVersionBesideAnother_ShowsItsStepsBindsThemAndCanBeGoneOnWith()
    {
        await DeployAsync(Empty("contract", "1"));
        var stands = await StandingAsync("contract");

        var planned = await RunAsync(new DeployRequest(Empty("contract", "2"), "local", DryRun: true) { SavesPlan = true });

        Assert.Equal((DeployOutcome.Planned, false), (planned.Outcome, planned.HasApplied));
        Assert.Equal(stands, await StandingAsync("contract"));
        Assert.Equal(
            """
            lock 60: Take the lock
            intend 120: Write down what will be created
            slot 120: Apply green
            rollout 60: Wait for green
            examine 120: Write down which pods are checked
            switch 60: Switch web to green
            soak 1: Watch green, with blue beside it
            retire 300: Delete 1 object of the old version
            record 120: Record the release
            """.ReplaceLineEndings("\n"),
            string.Join('\n', planned.Plan!.Steps.Select(step => $"{step.Id} {step.Timeout?.TotalSeconds:0}: {step.Title}")));
        Assert.Equal(
            ["Created Deployment web-green", "Deleted Deployment web-blue", "Unchanged Service web", "Unchanged Service web-preview"],
            planned.Changes.Select(change => $"{change.Change} {change.Kind} {change.Name}").Order(StringComparer.Ordinal));

        // Somebody changes what the plan saw.
        await ApplyAsync("contract", """{"apiVersion":"v1","kind":"Service","metadata":{"name":"web"},"spec":{"ports":[{"name":"http","port":80,"targetPort":1234}]}}""", "somebody");
        var broken = await RunAsync(new DeployRequest(Empty("contract", "2"), "local") { SavedPlan = planned.SavedPlan });
        Assert.Equal("KUBEAPP2023", Assert.Single(broken.Diagnostics).Code);
        Assert.Contains("Service contract/web: ", broken.Diagnostics[0].Cause, StringComparison.Ordinal);
        Assert.False(broken.HasApplied);

        // A plan that holds, of a run that is cut while the new slot stands beside the old one, and its repetition.
        var adopted = new DeployRequest(Empty("contract", "2"), "local", DryRun: true) { SavesPlan = true, Policy = ApplyPolicy.Careful with { ForceConflicts = true } };
        var saved = (await RunAsync(adopted)).SavedPlan;
        var request = adopted with { DryRun = false, SavesPlan = false, SavedPlan = saved };
        Assert.Equal(DeployOutcome.Cancelled, (await UntilAsync("examine", cluster.Connection, request)).Outcome);
        Assert.Equal(DeployOutcome.Deployed, (await RunAsync(request)).Outcome);
        Assert.Equal(DeployOutcome.Unchanged, (await RunAsync(request)).Outcome);
    }

    [Fact]
    public async Task Deploy_SavedPlanWhoseSlotServesByNow_Stops()
    {
        await DeployAsync(Empty("swapped", "1"));
        var plan = (await RunAsync(new DeployRequest(Empty("swapped", "2"), "local", DryRun: true) { SavesPlan = true })).SavedPlan;
        await DeployAsync(Empty("swapped", "3"));

        var stopped = await RunAsync(new DeployRequest(Empty("swapped", "2"), "local") { SavedPlan = plan });

        Assert.Equal(("KUBEAPP2023", false), (Assert.Single(stopped.Diagnostics).Code, stopped.HasApplied));
    }

    [Fact]
    public async Task Deploy_RoleLacksWhatOnlySlotsNeed_IsToldBeforeTheFirstWriteAndWithItAllIsDone()
    {
        await DeployAsync(Empty("lacking", "1"));
        const string Common = """
            {"verbs":["get","list","watch"],"apiGroups":["*"],"resources":["*"]},
            {"verbs":["create","patch","delete"],"apiGroups":[""],"resources":["configmaps"]},
            {"verbs":["create","update","delete"],"apiGroups":["coordination.k8s.io"],"resources":["leases"]},
            {"verbs":["create","patch"],"apiGroups":["apps"],"resources":["deployments"]}
            """;
        await Roles.GrantAsync(cluster.Client, "lacking", "hesitant", $"[{Common}]");
        await Roles.GrantAsync(cluster.Client, "lacking", "sufficient", $$"""
            [{{Common}},{"verbs":["patch"],"apiGroups":[""],"resources":["services"],"resourceNames":["web","web-preview"]},
             {"verbs":["delete"],"apiGroups":["apps"],"resources":["deployments"],"resourceNames":["web-blue","web-green"]}]
            """);

        var told = await AsAsync("hesitant", Empty("lacking", "2"));

        Assert.Equal(("KUBEAPP2010", false), (Assert.Single(told.Diagnostics).Code, told.HasApplied));
        Assert.Equal(
            "The plan needs what the role does not allow: delete deployments.apps in the namespace lacking; patch services in the namespace lacking.", told.Diagnostics[0].Cause);
        var done = await AsAsync("sufficient", Empty("lacking", "2"));
        Assert.True(done.Outcome == DeployOutcome.Deployed, string.Join(' ', done.Diagnostics));
        Assert.Equal(["Deployment web-green"], (await StandingAsync("lacking")).Where(item => item.StartsWith("Deployment", StringComparison.Ordinal)).Select(item => item.Split(" =")[0]));
    }

    [Fact]
    public async Task Deploy_ClusterRefusesTheCopyForTheChecks_IsToldBeforeTheFirstWrite()
    {
        await DeployAsync(Checked("refused", "one", 200).WithStrategy("rolling"));
        using var connection = cluster.Connect(TimeProvider.System, new Admission("/deployments/web-preview"));

        var refused = await new Deployer(connection, _ => null).RunAsync(new DeployRequest(Checked("refused", "two", 200).WithStrategy("rolling"), "local"), new EventLog(), Token);

        var diagnostic = Assert.Single(refused.Diagnostics);
        Assert.Contains("Deployment refused/web-preview (for the checks): admission webhook \"names\" denied the request.", diagnostic.Cause, StringComparison.Ordinal);
        Assert.False(refused.HasApplied);
    }

    [Theory]
    [InlineData("rolling")]
    [InlineData("blueGreen")]
    public async Task Deploy_FirstVersion_LetsNobodyInUntilItsChecksHavePassed(string strategy)
    {
        var app = "first-" + strategy.ToLowerInvariant();

        var failed = await DeployAsync(Public(Checked(app, "one", 418)).WithStrategy(strategy));

        Assert.Equal(DeployOutcome.Failed, failed.Outcome);
        Assert.Null(await cluster.Client.GetAsync(ResourceType.Ingress, app, "web", Token));
        Assert.Equal("ClusterIP", (string?)(await cluster.Client.GetAsync(ResourceType.Service, app, "web", Token))!["spec"]!["type"]);

        var passed = await DeployAsync(Public(Checked(app, "one", 200)).WithStrategy(strategy));

        Assert.True(passed.Outcome == DeployOutcome.Deployed, string.Join(' ', passed.Diagnostics));
        Assert.Equal(["checks", "open", "addresses"], passed.Steps.Select(step => step.Id).SkipWhile(id => id != "checks").Take(3));
        Assert.NotNull(await cluster.Client.GetAsync(ResourceType.Ingress, app, "web", Token));
        Assert.Equal("LoadBalancer", (string?)(await cluster.Client.GetAsync(ResourceType.Service, app, "web", Token))!["spec"]!["type"]);
        Assert.NotEmpty(passed.Urls);
        // A way in that is there stays open while the next version is checked.
        var next = await DeployAsync(Public(Checked(app, "two", 200)).WithStrategy(strategy));
        Assert.Equal(DeployOutcome.Deployed, next.Outcome);
        Assert.DoesNotContain("open", next.Steps.Select(step => step.Id));
    }

    [Fact]
    public async Task Abort_OfAVersionThatChangedWhatIsShared_TellsItAndARollbackBringsItBack()
    {
        static Bundle Version(string number)
        {
            var bundle = Empty("shared", number);
            var settings = new BundleObject(
                "env/local/configmap-shared.yaml", "main", Parse($$"""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"shared"},"data":{"version":"{{number}}"} }"""));
            return bundle with { Environments = [.. bundle.Environments.Select(environment => environment with { Objects = [.. environment.Objects, settings] })] };
        }

        var first = await DeployAsync(Version("1"));
        await RunAsync(new DeployRequest(Version("2"), "local") { Hold = true });
        var inventory = Inventory.FromObject(await cluster.Client.GetAsync(ResourceType.ConfigMap, "shared", Inventory.NameOf("shared"), Token))!;

        var aborted = await new SlotOperations(cluster.Connection, _ => null, new EventLog()).AbortAsync(inventory, new SlotOptions(), Token);

        Assert.Equal(DeployOutcome.Aborted, aborted.Outcome);
        var warning = Assert.Single(aborted.Diagnostics);
        Assert.Equal(("KUBEAPP7042", "All versions of shared share what the new one changed: ConfigMap shared/shared."), (warning.Code, warning.Cause));
        Assert.Contains($"--to-revision {first.Revision}", warning.NextStep, StringComparison.Ordinal);
        var revision = (await new RevisionStore(cluster.Client).ListAsync("shared", "shared", Token)).Single(item => item.Number == first.Revision);
        Assert.Equal(DeployOutcome.Deployed, (await RunAsync(Rollback.To(revision, new Author("")))).Outcome);
        Assert.Equal("1", (string?)(await cluster.Client.GetAsync(ResourceType.ConfigMap, "shared", "shared", Token))!["data"]!["version"]);
        Assert.Equal(["Deployment web-blue = registry.example/web:1"], (await StandingAsync("shared")).Where(item => item.StartsWith("Deployment", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Deploy_AskedForRolling_MovesTheVersionThatASlotHoldsOutOfIt()
    {
        await DeployAsync(Empty("out", "1"));

        var moved = await DeployAsync(Empty("out", "1").WithStrategy("rolling"));

        Assert.True(moved.Outcome == DeployOutcome.Deployed, string.Join(' ', moved.Diagnostics));
        Assert.Equal(["Deployment web = registry.example/web:1", "Service web = app=web"], await StandingAsync("out"));
        Assert.Equal(DeployOutcome.Unchanged, (await DeployAsync(Empty("out", "1").WithStrategy("rolling"))).Outcome);
        // The other way round, there would be nothing to win by it.
        Assert.Equal(DeployOutcome.Unchanged, (await DeployAsync(Empty("out", "1"))).Outcome);
    }

    [Fact]
    public async Task Deploy_NumberOfPodsIsLeftToAnAutoscaler_StaysUntilThatSaysOtherwise()
    {
        static Bundle Sized(string version, int? replicas) => Bundle("sized", Patience, Deployment(version, replicas)).WithStrategy("rolling");
        await UntilAsync("rollout", cluster.Connection, new DeployRequest(Sized("1", 3), "local"));
        var log = new Writes();
        using var connection = cluster.Connect(TimeProvider.System, log);

        var plan = await RunAsync(new DeployRequest(Sized("2", null), "local", DryRun: true));
        await UntilAsync("rollout", connection, new DeployRequest(Sized("2", null), "local"));

        Assert.DoesNotContain(plan.Plan!.Objects.SelectMany(item => item.Fields), field => field.Path == "spec.replicas");
        Assert.Equal(3, (int?)(await cluster.Client.GetAsync(ResourceType.Deployment, "sized", "web", Token))!["spec"]!["replicas"]);
        Assert.Contains(log.Bodies, body => (int?)body["spec"]!["replicas"] == 3);
        Assert.DoesNotContain(log.Bodies, body => body["spec"]!["replicas"] is null);
    }

    private Task<DeployResult> DeployAsync(Bundle bundle) => RunAsync(new DeployRequest(bundle, "local"));

    /// <summary>Cancelled where a step begins.</summary>
    private static async Task<DeployResult> UntilAsync(string step, ClusterConnection connection, DeployRequest request)
    {
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var log = new EventLog
        {
            OnEvent = item =>
            {
                if (item is DeployEvent.StepStarted started && started.StepId == step)
                    cancel.Cancel();
            },
        };
        return await new Deployer(connection, _ => null).RunAsync(request, log, cancel.Token);
    }

    private Task<DeployResult> RunAsync(DeployRequest request) => new Deployer(cluster.Connection, _ => null).RunAsync(request, new EventLog(), Token);

    private async Task<DeployResult> AsAsync(string user, Bundle bundle)
    {
        using var connection = cluster.Connect(TimeProvider.System, Roles.As(user));
        return await new Deployer(connection, _ => null).RunAsync(new DeployRequest(bundle, "local"), new EventLog(), Token);
    }

    private async Task<IReadOnlyList<string>> StandingAsync(string app)
    {
        var stands = new List<string>();
        foreach (var type in (ResourceType[])[ResourceType.Deployment, ResourceType.Service])
            stands.AddRange((await cluster.Client.ListAsync(type, app, null, Token)).Items.Select(item =>
                $"{type.Kind} {item["metadata"]!["name"]} = {(type == ResourceType.Service ? Selector.Of(item["spec"]?["selector"]) : item["spec"]!["template"]!["spec"]!["containers"]![0]!["image"])}"));
        return [.. stands.Order(StringComparer.Ordinal)];
    }

    private Task ApplyAsync(string app, string content, string manager)
    {
        var item = Parse(content);
        item["metadata"]!["namespace"] = app;
        return cluster.Client.ApplyAsync(ResourceType.Service, item, dryRun: false, Token, force: true, manager);
    }

    private static (string, JsonObject) Deployment(string version, int? replicas) => ("main", Parse($$$"""
        {"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web"},"spec":{{{{(replicas is null ? "" : $"\"replicas\":{replicas},")}}}
         "selector":{"matchLabels":{"app":"web"} },"template":{"metadata":{"labels":{"app":"web"} },"spec":{"containers":[{"name":"web","image":"registry.example/web:{{{version}}}"}]} } } }
        """));

    /// <summary>Without pods.</summary>
    private static Bundle Empty(string app, string version) => BlueGreen(Bundle(app, Patience, Deployment(version, 0), WebService), TimeSpan.FromSeconds(1));

    private Bundle Checked(string app, string version, int status)
    {
        var bundle = BlueGreen(Bundle(app, Patience, cluster.Web(1, null, null, "serve", version), WebService), TimeSpan.Zero);
        return bundle with
        {
            Environments =
            [
                .. bundle.Environments.Select(item => item with
                {
                    Checks = [new BundleCheck("http", "answers", TimeSpan.FromSeconds(3)) { Service = "web", Path = "/", Status = status }],
                }),
            ],
        };
    }

    /// <summary>With a load balancer and an Ingress.</summary>
    private static Bundle Public(Bundle bundle) => bundle with
    {
        Environments =
        [
            .. bundle.Environments.Select(environment => environment with
            {
                Objects =
                [
                    .. environment.Objects.Select(item =>
                    {
                        if ((string?)item.Content["kind"] == "Service")
                            item.Content["spec"]!["type"] = "LoadBalancer";
                        return item;
                    }),
                    new BundleObject("env/local/ingress-web.yaml", "main", Parse("""
                        {"apiVersion":"networking.k8s.io/v1","kind":"Ingress","metadata":{"name":"web"},"spec":{"rules":[{"host":"shop.example","http":{"paths":
                         [{"path":"/","pathType":"Prefix","backend":{"service":{"name":"web","port":{"name":"http"} } } }]} }]} }
                        """)),
                ],
            }),
        ],
    };

    private static Bundle BlueGreen(Bundle bundle, TimeSpan keepOld) => bundle with
    {
        Environments = [.. bundle.Environments.Select(item => item with { Strategy = item.Strategy with { Kind = "blueGreen", KeepOld = keepOld } })],
    };

    /// <summary>A rule of the cluster.</summary>
    private sealed class Admission(string path) : DelegatingHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            request.Method == HttpMethod.Patch && request.RequestUri!.AbsolutePath.EndsWith(path, StringComparison.Ordinal)
                ? Task.FromResult(new HttpResponseMessage(HttpStatusCode.BadRequest)
                {
                    Content = new StringContent(
                        """{"kind":"Status","status":"Failure","message":"admission webhook \"names\" denied the request","code":400}""", Encoding.UTF8, "application/json"),
                })
                : base.SendAsync(request, cancellationToken);
    }

    /// <summary>What is really written to Deployments.</summary>
    private sealed class Writes : DelegatingHandler
    {
        public List<JsonObject> Bodies { get; } = [];

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (request.Method == HttpMethod.Patch && request.RequestUri!.AbsolutePath.Contains("/deployments/", StringComparison.Ordinal)
                && !request.RequestUri.Query.Contains("dryRun", StringComparison.Ordinal))
                Bodies.Add(Parse(await request.Content!.ReadAsStringAsync(cancellationToken)));
            return await base.SendAsync(request, cancellationToken);
        }
    }
}
