using System.Text.Json.Nodes;
using KubeApps.Bundles;
using KubeApps.Cli.Commands;
using KubeApps.Deploy;
using KubeApps.Deploy.Api;
using KubeApps.Deploy.Apps;
using KubeApps.Deploy.Locking;
using KubeApps.Deploy.Planning;
using KubeApps.Deploy.Targets;
using KubeApps.Diagnostics;
using KubeApps.Events;

namespace KubeApps.Cli.Tests;

/// <summary>Environments that are not there for long, as those of pull requests: deployed with a mark, found by it, and taken away whole.</summary>
public sealed class TransientDestroyTests(ToolProcess tool) : IClassFixture<ToolProcess>
{
    private static readonly IEventSink Nobody = Tool.Terminal("", "").Lines();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Destroy_Transient_TakesAwayWhatWasDeployedSoAndNothingElse()
    {
        Assert.Equal(0, (await tool.RunAsync("sandbox", "start")).Exit);
        await DeployAsync("shop");
        await DeployAsync("shop", "-n", "shop-pr-1", "--transient");
        await DeployAsync("shop", "-n", "shop-pr-2", "--transient");
        await DeployAsync("other", "-n", "other-pr-1", "--transient");

        var (exit, _, error) = await tool.RunAsync("destroy", "shop", "--transient");
        Assert.Equal(64, exit);
        Assert.Contains("KUBEAPP0032", error, StringComparison.Ordinal);
        Assert.Contains("shop-pr-1, shop-pr-2", error, StringComparison.Ordinal);

        var younger = await DocumentAsync("destroy", "shop", "--transient", "--older-than", "1h", "-y");
        Assert.Equal((0, 2), (younger["environments"]!.AsArray().Count, (int?)younger["younger"]));

        var dry = await DocumentAsync("destroy", "shop", "--transient", "--dry-run");
        Assert.Equal(["shop-pr-1", "shop-pr-2"], NamespacesOf(dry));
        Assert.Contains(dry["environments"]![0]!["deleted"]!.AsArray(), item => (string?)item!["kind"] == "Namespace");

        var one = await DocumentAsync("destroy", "shop", "--transient", "-n", "shop-pr-2", "-y");
        Assert.Equal(["shop-pr-2"], NamespacesOf(one));
        Assert.Contains("KUBEAPP0018", (await tool.RunAsync("status", "shop", "-n", "shop-pr-2")).Error, StringComparison.Ordinal);

        Assert.Equal(["shop-pr-1"], NamespacesOf(await DocumentAsync("destroy", "shop", "--transient", "-y")));
        Assert.Empty(NamespacesOf(await DocumentAsync("destroy", "shop", "--transient", "-y")));
        Assert.Equal(0, (await tool.RunAsync("status", "shop", "-n", "shop")).Exit);
        Assert.Equal(0, (await tool.RunAsync("status", "other", "-n", "other-pr-1")).Exit);
    }

    [Fact]
    public async Task Deploy_OverATransientEnvironmentWithoutTheMark_MakesItALastingOne()
    {
        Assert.Equal(0, (await tool.RunAsync("sandbox", "start")).Exit);
        await DeployAsync("kept", "-n", "kept-pr-1", "--transient");

        Assert.Equal(0, (await tool.RunAsync("deploy", "--bundle", Bundle("kept", "second"), "-n", "kept-pr-1")).Exit);

        Assert.Empty(NamespacesOf(await DocumentAsync("destroy", "kept", "--transient", "-y")));
    }

    [Fact]
    public async Task Destroy_OneIsDeployedAnewWithoutTheMarkMeanwhile_StaysAndIsTold()
    {
        using var cluster = await ConnectAsync();
        await DeployAsync("renewed", "-n", "renewed-pr-1", "--transient");
        await DeployAsync("renewed", "-n", "renewed-pr-2", "--transient");
        var held = await HoldAsync(cluster, "renewed", "renewed-pr-1");

        using var process = tool.Start("destroy", "renewed", "--transient", "-y", "--wait-for-lock", "2m", "-o", "json");
        process.StandardInput.Close();
        while (await process.StandardError.ReadLineAsync(Token) is { } line && !line.Contains("Waiting for it", StringComparison.Ordinal))
            Assert.False(line.Contains("destroyed", StringComparison.Ordinal), line);
        var inventory = await InventoryStore.ReadAsync(cluster.Client, "renewed", "renewed-pr-1", Token);
        await cluster.Client.ApplyAsync(ResourceType.ConfigMap, (inventory! with { IsTransient = false }).ToObject(), dryRun: false, Token, force: true);
        await held.DisposeAsync();
        var (exit, output, error) = await ToolProcess.EndAsync(process);

        Assert.True(exit == 0, error);
        Assert.Contains("renewed (local), namespace renewed-pr-1, stays", error, StringComparison.Ordinal);
        var document = DocumentReference.Verify(output, "TransientDestroyResult");
        Assert.Equal(["renewed-pr-2"], NamespacesOf(document));
        Assert.Equal(1, (int?)document["younger"]);
        Assert.Equal(0, (await tool.RunAsync("status", "renewed", "-n", "renewed-pr-1")).Exit);
    }

    [Fact]
    public async Task Destroy_OneCannotBeDestroyed_TellsItAndDestroysTheOthers()
    {
        using var cluster = await ConnectAsync();
        await DeployAsync("busy", "-n", "busy-pr-1", "--transient");
        await DeployAsync("busy", "-n", "busy-pr-2", "--transient");
        await using var held = await HoldAsync(cluster, "busy", "busy-pr-1");

        var (exit, output, _) = await tool.RunAsync("destroy", "busy", "--transient", "-y", "-o", "json");

        Assert.Equal(1, exit);
        var environments = DocumentReference.Verify(output, "TransientDestroyResult")["environments"]!;
        Assert.Equal(["KUBEAPP5010", null], environments.AsArray().Select(item => (string?)item!["failure"]?["code"]));
        Assert.Null(await InventoryStore.ReadAsync(cluster.Client, "busy", "busy-pr-2", Token));
        Assert.NotNull(await InventoryStore.ReadAsync(cluster.Client, "busy", "busy-pr-1", Token));
    }

    [Fact]
    public async Task FailureOf_WhatDoesNotEndInTime_IsAFailureAsAnyOtherWithAnExitCodeOfItsOwn()
    {
        var told = DiagnosticDescriptors.TimedOut.Because("Not all workloads were gone after 3 minutes.");

        var failure = await TransientDestroy.FailureOfAsync("shop", () => throw new StepTimedOutException(told));

        Assert.Equal((told, ExitCodes.TimedOut), (failure, ExitCodes.Of(failure!)));
    }

    // A specification may name a namespace or a kind that all environments of the app use, and other apps.
    [Fact]
    public async Task Destroy_Transient_LeavesWhatOthersUse()
    {
        Assert.Equal(0, (await tool.RunAsync("sandbox", "start")).Exit);
        (string, string)[] shared = [("namespace-shared", Namespace("monitoring")), ("customresourcedefinition-carts", Carts)];
        Assert.Equal(0, (await tool.RunAsync("deploy", "--bundle", Bundle("lodger", "first", shared), "-n", "lodger-prod")).Exit);
        Assert.Equal(0, (await tool.RunAsync("deploy", "--bundle", Bundle("lodger", "first", shared), "-n", "lodger-pr-1", "--transient")).Exit);
        await DeployAsync("neighbour", "-n", "lodger-pr-1");

        var destroyed = await DocumentAsync("destroy", "lodger", "--transient", "-y");

        Assert.Equal(
            ["CustomResourceDefinition", "Namespace"], destroyed["environments"]![0]!["kept"]!.AsArray().Select(item => (string?)item!["kind"]).Order(StringComparer.Ordinal));
        Assert.Equal(0, (await tool.RunAsync("status", "lodger", "-n", "lodger-prod")).Exit);
        Assert.Equal(0, (await tool.RunAsync("status", "neighbour", "-n", "lodger-pr-1")).Exit);
    }

    [Theory]
    [InlineData("--older-than goes with --transient.", "destroy", "shop", "--older-than", "7d")]
    [InlineData("'7' is not an age. Write a number and a unit: 12h, 7d, 2w.", "destroy", "shop", "--transient", "--older-than", "7")]
    public async Task Destroy_AgeThatMakesNoSense_IsAUsageError(string message, params string[] arguments)
    {
        var (exit, _, error) = await Tool.RunAsync(arguments);

        Assert.Equal(64, exit);
        Assert.Contains(message, error, StringComparison.Ordinal);
    }

    [Fact]
    public void IsExpired_OfAnEnvironment_GoesByItsLastDeployAndSparesWhatHasNone()
    {
        var now = new DateTimeOffset(2026, 3, 9, 3, 0, 0, TimeSpan.Zero);
        var inventory = new Inventory("shop", "preview", "shop-pr-1", null, "", true, null, [], []) { IsTransient = true };

        Assert.True(new TransientApp(inventory, now.AddDays(-7)).IsExpired(TimeSpan.FromDays(7), now));
        Assert.False(new TransientApp(inventory, now.AddDays(-7).AddSeconds(1)).IsExpired(TimeSpan.FromDays(7), now));
        Assert.False(new TransientApp(inventory, null).IsExpired(TimeSpan.FromDays(7), now));
        Assert.True(new TransientApp(inventory, null).IsExpired(TimeSpan.Zero, now));
        Assert.False(new TransientApp(inventory with { IsTransient = false }, now.AddDays(-7)).IsExpired(TimeSpan.Zero, now));
    }

    private async Task<ClusterConnection> ConnectAsync()
    {
        var started = JsonNode.Parse((await tool.RunAsync("sandbox", "start", "-o", "json")).Out)!;
        return await KubeconfigTarget.ConnectAsync(SandboxEndpoint.Context, (string)started["kubeconfig"]!, Nobody, TimeProvider.System, Token);
    }

    private static Task<HeldLock> HoldAsync(ClusterConnection cluster, string app, string ns) =>
        new AppLock(cluster.Client, Nobody, LockHolder.Of("deploy", _ => null)) { Duration = TimeSpan.FromSeconds(3) }.TakeAsync(app, ns, null, Token);

    private async Task DeployAsync(string app, params string[] arguments)
    {
        var (exit, _, error) = await tool.RunAsync(["deploy", "--bundle", Bundle(app, "first"), .. arguments]);
        Assert.True(exit == 0, error);
    }

    private async Task<JsonObject> DocumentAsync(params string[] arguments)
    {
        var (exit, output, error) = await tool.RunAsync([.. arguments, "-o", "json"]);
        Assert.True(exit == 0, error);
        return DocumentReference.Verify(output, "TransientDestroyResult");
    }

    private static IEnumerable<string?> NamespacesOf(JsonObject document) => document["environments"]!.AsArray().Select(item => (string?)item!["namespace"]);

    private static string Namespace(string name) => $$"""{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"{{name}}"} }""";

    private const string Carts = """
        {"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition","metadata":{"name":"carts.shop.example"},
         "spec":{"group":"shop.example","scope":"Namespaced","names":{"plural":"carts","singular":"cart","kind":"Cart","listKind":"CartList"},
          "versions":[{"name":"v1","served":true,"storage":true,"schema":{"openAPIV3Schema":{"type":"object"}}}]}}
        """;

    // Nothing that would have to start.
    private string Bundle(string app, string value, params (string Name, string Content)[] more)
    {
        var ns = JsonNode.Parse(Namespace(app))!.AsObject();
        var config = JsonNode.Parse($$"""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"settings-{{app}}"},"data":{"value":"{{value}}"} }""")!.AsObject();
        var folder = Path.Combine(tool.Home, $"bundle-{app}");
        BundleFiles.Write(
            new Bundle(
                1, app, null, false, new Dictionary<string, BundleImage>(),
                [
                    new BundleEnvironment(
                        "local", new BundleTarget("sandbox"), app, new BundleStrategy("rolling", TimeSpan.FromMinutes(2)),
                        [new BundleObject("env/local/namespace.yaml", "main", ns), new BundleObject("env/local/configmap-settings.yaml", "main", config),
                            .. more.Select(item => new BundleObject($"env/local/{item.Name}.yaml", "main", JsonNode.Parse(item.Content)!.AsObject()))]),
                ]),
            folder);
        return folder;
    }
}
