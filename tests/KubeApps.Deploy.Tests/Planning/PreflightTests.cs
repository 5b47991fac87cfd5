using System.Text.Json.Nodes;
using KubeApps.Bundles;
using KubeApps.Deploy.Api;
using KubeApps.Diagnostics;
using KubeApps.Events;
using static KubeApps.Deploy.Tests.SandboxCluster;

namespace KubeApps.Deploy.Tests.Planning;

/// <summary>What would get in the way of a plan is told before its first write.</summary>
public sealed class PreflightTests(SandboxCluster cluster) : IClassFixture<SandboxCluster>
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Deploy_RoleLacksVerbs_NamesThemAllAndWritesNothing()
    {
        await NamespaceAsync("lacking");
        await Roles.GrantAsync(cluster.Client, "lacking", "half", """[{"verbs":["get","list","watch","patch"],"apiGroups":["*"],"resources":["*"]}]""");

        var result = await As("half", Bundle("lacking", Patience, Settings("settings", "x"), cluster.Web(1)), dryRun: false);

        var diagnostic = Assert.Single(result.Diagnostics);
        Assert.Equal("KUBEAPP2010", diagnostic.Code);
        Assert.Equal(
            "The plan needs what the role does not allow: create, delete configmaps in the namespace lacking; create deployments.apps in the namespace lacking; "
                + "create, delete, update leases.coordination.k8s.io in the namespace lacking.",
            diagnostic.Cause);
        Assert.False(result.HasApplied);
    }

    [Fact]
    public async Task Plan_RoleOnlyReads_IsEstimatedAndSaysSo()
    {
        var old = Bundle("readable", Patience, Settings("settings", "one"), cluster.Web(1), WebService);
        await DeployAsync(old);
        await Roles.GrantAsync(cluster.Client, "readable", "reader", """[{"verbs":["get","list","watch"],"apiGroups":["*"],"resources":["*"]}]""");
        var bundle = Bundle("readable", Patience, Settings("settings", "two"), cluster.Web(2), WebService);

        var estimated = await As("reader", bundle, dryRun: true);
        var asked = await new Deployer(cluster.Connection, _ => null).RunAsync(new DeployRequest(bundle, "local", DryRun: true), new EventLog(), Token);

        Assert.Equal((DeployOutcome.Planned, true, false), (estimated.Outcome, estimated.Plan!.IsEstimated, asked.Plan!.IsEstimated));
        static IEnumerable<string> Fields(DeployResult result) => result.Plan!.Objects.SelectMany(item => item.Fields.Select(field => $"{item.Id} {field.Path} {field.Old} {field.New}"));
        Assert.Equal(Fields(asked), Fields(estimated));
        Assert.Equal(2, Fields(asked).Count());
        Assert.Equal(["KUBEAPP2014"], estimated.Plan.Warnings.Select(warning => warning.Code));
        Assert.All(estimated.Plan.Warnings, warning => Assert.Equal(DiagnosticSeverity.Warning, warning.Severity));
        Assert.Equal(DeployOutcome.Unchanged, (await As("reader", old, dryRun: true)).Outcome);
    }

    [Fact]
    public async Task Deploy_RoleForSingleObjects_IsEnough()
    {
        var bundle = Bundle("named", Patience, Settings("settings", "one"));
        await DeployAsync(bundle);
        await Roles.GrantAsync(cluster.Client, "named", "careful", """
            [{"verbs":["get","list","watch"],"apiGroups":["*"],"resources":["*"]},
             {"verbs":["create","delete","patch"],"apiGroups":[""],"resources":["configmaps"]},
             {"verbs":["create","update","delete"],"apiGroups":["coordination.k8s.io"],"resources":["leases"]},
             {"verbs":["patch"],"apiGroups":["apps"],"resources":["deployments"],"resourceNames":["web"]},
             {"verbs":["create"],"apiGroups":["apps"],"resources":["deployments"]}]
            """);

        Assert.Equal(DeployOutcome.Deployed, (await As("careful", Bundle("named", Patience, Settings("settings", "one"), cluster.Web(1)), dryRun: false)).Outcome);
    }

    [Theory]
    // Counts of objects (the inventory, too) and of pods, what containers request, and what they must say.
    [InlineData("""{"count/configmaps":"2"}""", "KUBEAPP2011", "count/configmaps: 3 more, but only ")]
    [InlineData("""{"pods":"2"}""", "KUBEAPP2011", "pods: 3 more, but only 2 of 2 left")]
    [InlineData("""{"requests.cpu":"250m"}""", "KUBEAPP2011", "requests.cpu: 300m more, but only 250m of 250m left")]
    [InlineData("""{"limits.memory":"64Mi"}""", "KUBEAPP2013", "limits.memory of Deployment {0}/web (web)")]
    public async Task Deploy_QuotaIsTooSmall_SaysHowMuchIsLeftAndWritesNothing(string hard, string code, string cause)
    {
        var ns = $"quota-{Math.Abs(StringComparer.Ordinal.GetHashCode(hard)) % 100000}";
        await NamespaceAsync(ns);
        await QuotaAsync(ns, hard);
        var bundle = Bundle(ns, Patience, Settings("one", "x"), Settings("two", "x"), Web(3));

        var result = await DeployAsync(bundle);

        var diagnostic = Assert.Single(result.Diagnostics);
        Assert.Equal(code, diagnostic.Code);
        Assert.Contains(string.Format(System.Globalization.CultureInfo.InvariantCulture, cause, ns), diagnostic.Cause, StringComparison.Ordinal);
        Assert.False(result.HasApplied);
        var plan = await new Deployer(cluster.Connection, _ => null).RunAsync(new DeployRequest(bundle, "local", DryRun: true), new EventLog(), Token);
        Assert.Equal((DeployOutcome.Planned, code), (plan.Outcome, Assert.Single(plan.Plan!.Warnings).Code));
    }

    [Fact]
    public async Task Plan_QuotaHoldsOldAndNewPodsButNotTogether_WarnsAndBarsNothing()
    {
        await NamespaceAsync("tight");
        await QuotaAsync("tight", """{"pods":"4"}""");
        await DeployAsync(Bundle("tight", Patience, Web(4)));
        var (phase, changed) = Web(4);
        changed["spec"]!["template"]!["metadata"]!["annotations"] = new JsonObject { ["changed"] = "yes" };
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var log = new EventLog
        {
            OnEvent = item =>
            {
                if (item is DeployEvent.StepStarted)
                    cancel.Cancel();
            },
        };

        var result = await new Deployer(cluster.Connection, _ => null).RunAsync(new DeployRequest(Bundle("tight", Patience, (phase, changed)), "local"), log, cancel.Token);

        // It came as far as its first step.
        Assert.Equal(DeployOutcome.Cancelled, result.Outcome);
        var warning = Assert.Single(log.Events.OfType<DeployEvent.DiagnosticRaised>()).Diagnostic;
        Assert.Equal(("KUBEAPP2012", DiagnosticSeverity.Warning), (warning.Code, warning.Severity));
        Assert.Contains("pods: 1 more, but only 0 of 4 left", warning.Cause, StringComparison.Ordinal);
    }

    private (string Phase, JsonObject Content) Web(int replicas)
    {
        var web = cluster.Web(replicas);
        web.Content["spec"]!["template"]!["spec"]!["containers"]![0]!["resources"] = new JsonObject { ["requests"] = new JsonObject { ["cpu"] = "100m", ["memory"] = "16Mi" } };
        return web;
    }

    private static (string Phase, JsonObject Content) Settings(string name, string greeting) => ("main", Parse(
        $$"""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"{{name}}"},"data":{"greeting":"{{greeting}}"} }"""));

    private Task<DeployResult> DeployAsync(Bundle bundle) => new Deployer(cluster.Connection, _ => null).RunAsync(new DeployRequest(bundle, "local"), new EventLog(), Token);

    /// <summary>As somebody whose rights are those of their roles.</summary>
    private async Task<DeployResult> As(string user, Bundle bundle, bool dryRun)
    {
        using var connection = cluster.Connect(TimeProvider.System, Roles.As(user));
        return await new Deployer(connection, _ => null).RunAsync(new DeployRequest(bundle, "local", DryRun: dryRun), new EventLog(), Token);
    }

    private Task NamespaceAsync(string name) => cluster.Client.SendAsync(HttpMethod.Post, "/api/v1/namespaces", new JsonObject { ["metadata"] = new JsonObject { ["name"] = name } }, Token);

    private async Task QuotaAsync(string ns, string hard)
    {
        await cluster.Client.SendAsync(
            HttpMethod.Post, $"/api/v1/namespaces/{ns}/resourcequotas", Parse($$"""{"metadata":{"name":"q"},"spec":{"hard":{{hard}} } }"""), Token);
        // The controller counts what is there.
        await foreach (var change in cluster.Client.WatchAsync(new ResourceType("", "v1", "ResourceQuota", "resourcequotas", true), ns, null, Token))
        {
            var seen = change is WatchChange.Listed listed ? listed.Items : change is WatchChange.Upserted upserted ? [upserted.Object] : [];
            if (seen.Any(quota => quota["status"]?["used"] is not null))
                return;
        }
    }
}
