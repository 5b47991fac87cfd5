using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using KubeApps.Deploy.Api;
using KubeApps.Deploy.Apps;
using KubeApps.Deploy.Planning;
using KubeApps.Deploy.Tests.Faults;
using KubeApps.Diagnostics;
using KubeApps.Events;

namespace KubeApps.Deploy.Tests;

/// <summary>What a release has no more is deleted: whatever its kind, and as far as the server lets us.</summary>
public sealed class PruneTests(SandboxCluster cluster) : IClassFixture<SandboxCluster>
{
    private static readonly ResourceType Budgets = new("policy", "v1", "PodDisruptionBudget", "poddisruptionbudgets", true);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    // Servers that do not tell all kinds at once are asked for those of one group after the other.
    [Fact]
    public async Task Deploy_ReleaseHasNothingOfTheGroupAnyMoreAndKindsAreToldByGroup_DeletesIt()
    {
        using var connection = cluster.Connect(TimeProvider.System, new ByGroup());
        Assert.Equal(ExitCodes.Done, (await DeployAsync(connection, "grouped", Config("a"), Budget)).ExitCode);
        Assert.NotNull(await cluster.Client.GetAsync(Budgets, "grouped", "web", Token));

        using var again = cluster.Connect(TimeProvider.System, new ByGroup());
        Assert.Equal(ExitCodes.Done, (await DeployAsync(again, "grouped", Config("a"))).ExitCode);

        Assert.Null(await cluster.Client.GetAsync(Budgets, "grouped", "web", Token));
    }

    [Fact]
    public async Task Deploy_TwoOfThreeDeletionsAreRefused_DeletesTheThirdAndNamesBoth()
    {
        Assert.Equal(ExitCodes.Done, (await DeployAsync(cluster.Connection, "kept", Config("a"), Account("b"), Account("c"), Account("d"))).ExitCode);
        using var refusing = cluster.Connect(TimeProvider.System, new Refusing("/serviceaccounts/b", "/serviceaccounts/d"));

        var result = await DeployAsync(refusing, "kept", Config("a"));

        Assert.Equal(ExitCodes.Failed, result.ExitCode);
        Assert.Equal(["ServiceAccount kept/b", "ServiceAccount kept/d"], result.Diagnostics.Select(item => item.Cause[..21]).Order(StringComparer.Ordinal));
        var left = (await cluster.Client.ListAsync(ResourceTypeOf("ServiceAccount", "serviceaccounts"), "kept", null, Token)).Items.Select(item => (string)item["metadata"]!["name"]!).Where(name => name.Length == 1);
        Assert.Equal(["b", "d"], left.Order(StringComparer.Ordinal));
    }

    // A server behind an aggregated API may be down for a while: its objects are neither forgotten nor deleted unseen.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Deploy_KindIsAnnouncedButNotServedNow_RemembersTheObjectAndDeletesItTheNextTime(bool isAggregated)
    {
        var app = isAggregated ? "away-one" : "away-each";
        Assert.Equal(ExitCodes.Done, (await DeployAsync(cluster.Connection, app, Config("a"), Budget)).ExitCode);
        var before = await ItemAsync(app);
        // What is asked for group by group is asked again for a while.
        using var away = cluster.Connect(isAggregated ? TimeProvider.System : new FastClock(20), new BudgetsAway(isAggregated));
        var log = new EventLog();

        var result = await DeployAsync(away, log, app, Config("b"));

        Assert.Equal(ExitCodes.Done, result.ExitCode);
        var warning = Assert.Single(log.Events.OfType<DeployEvent.DiagnosticRaised>()).Diagnostic;
        Assert.Equal(("KUBEAPP2006", DiagnosticSeverity.Warning), (warning.Code, warning.Severity));
        Assert.Contains($"PodDisruptionBudget {app}/web", warning.Cause, StringComparison.Ordinal);
        Assert.Equal(before, await ItemAsync(app));
        Assert.NotNull(await cluster.Client.GetAsync(Budgets, app, "web", Token));
        var drift = await AppStatus.DriftAsync(away.Client, await new AppLocator(cluster.Client).FindAsync(app, null, null, null, "sandbox", Token), Token);
        Assert.Equal([$"PodDisruptionBudget {app}/web"], drift.Away.Select(id => id.ToString()));
        Assert.Empty(drift.Objects);

        Assert.Equal(ExitCodes.Done, (await DeployAsync(cluster.Connection, app, Config("b"))).ExitCode);
        Assert.Null(await cluster.Client.GetAsync(Budgets, app, "web", Token));
        Assert.Null(await ItemAsync(app));
    }

    [Fact]
    public async Task Destroy_KindIsNotServedNow_StopsBeforeItDeletesAnything()
    {
        Assert.Equal(ExitCodes.Done, (await DeployAsync(cluster.Connection, "standing", Config("a"), Budget)).ExitCode);
        using var away = cluster.Connect(TimeProvider.System, new BudgetsAway(isAggregated: true));
        var inventory = (await InventoryStore.ReadAsync(away.Client, "standing", "standing", Token))!;

        var refusal = await Assert.ThrowsAsync<DiagnosticException>(() => new AppDestroyer(away.Client, new EventLog()).RunAsync(inventory, includesKept: false, Token));

        Assert.Equal("KUBEAPP2006", Assert.Single(refusal.Diagnostics).Code);
        Assert.NotNull(await ItemAsync("standing"));
        Assert.NotNull(await cluster.Client.GetAsync(ResourceType.ConfigMap, "standing", "a", Token));
    }

    // Whoever made it anew gave it another UID.
    [Fact]
    public async Task Deploy_WhatItHasNoMoreWasMadeAnewByHand_LeavesIt()
    {
        Assert.Equal(ExitCodes.Done, (await DeployAsync(cluster.Connection, "anew", Config("a"), Config("b"))).ExitCode);
        await cluster.KubectlAsync("delete configmap b -n anew");
        await cluster.KubectlAsync("create configmap b -n anew");

        var result = await DeployAsync(cluster.Connection, "anew", Config("a"));

        Assert.Equal(ExitCodes.Done, result.ExitCode);
        Assert.DoesNotContain(result.Changes, change => change.Change == ResourceChange.Deleted);
        Assert.NotNull(await cluster.Client.GetAsync(ResourceType.ConfigMap, "anew", "b", Token));
    }

    [Fact]
    public async Task Deploy_ReleaseHasNothing_StopsAndDeletesNothing()
    {
        Assert.Equal(ExitCodes.Done, (await DeployAsync(cluster.Connection, "emptied", Config("a"))).ExitCode);

        var result = await DeployAsync(cluster.Connection, "emptied");

        Assert.Equal((ExitCodes.Failed, "KUBEAPP2002", false), (result.ExitCode, Assert.Single(result.Diagnostics).Code, result.HasApplied));
        Assert.NotNull(await cluster.Client.GetAsync(ResourceType.ConfigMap, "emptied", "a", Token));
    }

    // What a deploy meant to make, and was cut before it did, may be made by another app meanwhile.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Prune_WhatWasOnlyIntendedIsAnotherAppsNow_LeavesIt(bool destroys)
    {
        var (one, other) = destroys ? ("meant", "maker") : ("intended", "taker");
        Assert.Equal(ExitCodes.Failed, (await DeployAsync(cluster.Connection, one, cluster.Migration("exit", "1"), Budget)).ExitCode);
        var made = await DeployAsync(cluster.Connection, other, InNamespace(one, Budget));
        Assert.True(made.ExitCode == ExitCodes.Done, string.Join("\n", made.Diagnostics));
        var before = await BudgetAsync(one);

        if (destroys)
            await new AppDestroyer(cluster.Client, new EventLog()).RunAsync((await InventoryStore.ReadAsync(cluster.Client, one, one, Token))!, includesKept: false, Token);
        else
            Assert.Equal(ExitCodes.Done, (await DeployAsync(cluster.Connection, one, Config("a"))).ExitCode);

        Assert.NotNull(before);
        Assert.Equal(before, await BudgetAsync(one));
    }

    // A newer Kubernetes drops old versions of a kind; what was applied in one of them stands in the others.
    [Fact]
    public async Task Deploy_ObjectWasAppliedInAVersionThatIsServedNoMore_DeletesItInAnother()
    {
        Assert.Equal(ExitCodes.Done, (await DeployAsync(cluster.Connection, "aged", Config("a"), Budget)).ExitCode);
        var stored = (await cluster.Client.GetAsync(ResourceType.ConfigMap, "aged", Inventory.NameOf("aged"), Token))!;
        stored["data"]!["objects"] = ((string)stored["data"]!["objects"]!).Replace("policy/v1", "policy/v1beta1", StringComparison.Ordinal);
        await cluster.Client.SendAsync(HttpMethod.Put, $"/api/v1/namespaces/aged/configmaps/{Inventory.NameOf("aged")}", stored, Token);

        Assert.Equal(ExitCodes.Done, (await DeployAsync(cluster.Connection, "aged", Config("a"))).ExitCode);

        Assert.Null(await cluster.Client.GetAsync(Budgets, "aged", "web", Token));
    }

    [Fact]
    public async Task Status_KindIsServedInAnotherVersionNow_ComparesNoFieldsButSaysWhatIsMissing()
    {
        Assert.Equal(ExitCodes.Done, (await DeployAsync(cluster.Connection, "renewed", Config("a"), Budget)).ExitCode);
        using var newer = cluster.Connect(TimeProvider.System, new NewerBudgets());
        var inventory = (await InventoryStore.ReadAsync(newer.Client, "renewed", "renewed", Token))!;

        Assert.Empty((await AppStatus.DriftAsync(newer.Client, inventory, Token)).Objects);
        await cluster.Client.DeleteAsync(Budgets, "renewed", "web", (await ItemAsync("renewed"))!.Uid!, "Background", Token);
        Assert.Equal("PodDisruptionBudget", Assert.Single((await AppStatus.DriftAsync(newer.Client, inventory, Token)).Objects).Id.Kind);
    }

    private async Task<InventoryItem?> ItemAsync(string app) =>
        (await InventoryStore.ReadAsync(cluster.Client, app, app, Token))!.Items.SingleOrDefault(item => item.Id.Kind == "PodDisruptionBudget");

    private static Task<DeployResult> DeployAsync(KubeApps.Deploy.Targets.ClusterConnection connection, string app, params (string, JsonObject)[] objects) =>
        DeployAsync(connection, new EventLog(), app, objects);

    private static Task<DeployResult> DeployAsync(KubeApps.Deploy.Targets.ClusterConnection connection, EventLog log, string app, params (string, JsonObject)[] objects) =>
        new Deployer(connection, _ => null).RunAsync(
            new DeployRequest(SandboxCluster.Bundle(app, TimeSpan.FromMinutes(1), objects), "local") { RollbackOnFailure = false }, log, Token);

    private async Task<string?> BudgetAsync(string ns) => (string?)(await cluster.Client.GetAsync(Budgets, ns, "web", Token))?["metadata"]!["uid"];

    private static (string, JsonObject) InNamespace(string ns, (string Phase, JsonObject Content) item)
    {
        item.Content["metadata"]!["namespace"] = ns;
        return item;
    }

    private static ResourceType ResourceTypeOf(string kind, string plural) => new("", "v1", kind, plural, true);

    private static (string, JsonObject) Config(string name) => ("main", Parse($$"""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"{{name}}"},"data":{"a":"b"} }"""));

    private static (string, JsonObject) Account(string name) => ("main", Parse($$"""{"apiVersion":"v1","kind":"ServiceAccount","metadata":{"name":"{{name}}"} }"""));

    private static (string, JsonObject) Budget => ("main", Parse("""{"apiVersion":"policy/v1","kind":"PodDisruptionBudget","metadata":{"name":"web"},"spec":{"minAvailable":1,"selector":{"matchLabels":{"app":"web"}}}}"""));

    private static JsonObject Parse(string json) => JsonNode.Parse(json)!.AsObject();

    private sealed class Refusing(params string[] paths) : DelegatingHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            request.Method == HttpMethod.Delete && paths.Any(path => request.RequestUri!.AbsolutePath.EndsWith(path, StringComparison.Ordinal))
                ? Task.FromResult(new HttpResponseMessage(HttpStatusCode.Forbidden)
                {
                    RequestMessage = request,
                    Content = new StringContent("""{"kind":"Status","apiVersion":"v1","status":"Failure","message":"not you","reason":"Forbidden","code":403}""", Encoding.UTF8, "application/json"),
                })
                : base.SendAsync(request, cancellationToken);
    }
}
