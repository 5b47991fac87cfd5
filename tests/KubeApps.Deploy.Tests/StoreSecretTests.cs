using System.Text.Json.Nodes;
using KubeApps.Bundles;
using KubeApps.Deploy.Api;
using KubeApps.Deploy.Apps;
using KubeApps.Deploy.Revisions;
using static KubeApps.Deploy.Tests.SandboxCluster;

namespace KubeApps.Deploy.Tests;

/// <summary>Secrets that an operator makes, some seconds after it was asked to. The operator is played by the tests.</summary>
public sealed class StoreSecretTests(SandboxCluster cluster) : IClassFixture<SandboxCluster>
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly ResourceType ExternalSecret = new("external-secrets.io", "v1", "ExternalSecret", "externalsecrets", true);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Deploy_JobBeforeTheRolloutNeedsASecretOfAStore_RunsOnceTheSecretStands()
    {
        await InstallAsync();
        await using var played = new Operator(cluster.Client, "stored", TimeSpan.FromSeconds(5));

        var deployed = await DeployAsync(Bundle("stored", Patience, FromStore("db"), Needing(cluster.Migration("print", "PASSWORD")), Needing(cluster.Web(1))));

        Assert.True(deployed.Outcome == DeployOutcome.Deployed, string.Join("\n", deployed.Diagnostics));
    }

    [Fact]
    public async Task Deploy_StoreRefusesASecret_StartsNothingAndSaysWhatTheOperatorSays()
    {
        await InstallAsync();
        await using var played = new Operator(cluster.Client, "refused", TimeSpan.Zero) { Refusal = "could not get secret data from provider: no such key" };

        var result = await DeployAsync(Bundle("refused", TimeSpan.FromSeconds(6), FromStore("db"), Needing(cluster.Migration("print", "PASSWORD")), Needing(cluster.Web(1))));

        var report = Assert.Single(result.Failures);
        Assert.Equal("ExternalSecret refused/db", report.Workload);
        Assert.Contains("no such key", report.Cause, StringComparison.Ordinal);
        Assert.Null(await cluster.Client.GetAsync(ResourceType.Job, "refused", "migrate", Token));
        Assert.Null(await cluster.Client.GetAsync(ResourceType.Deployment, "refused", "web", Token));
    }

    [Fact]
    public async Task Rollback_SecretOfAStoreWentWithTheVersionThatAskedForIt_IsMadeAgain()
    {
        await InstallAsync();
        await using var played = new Operator(cluster.Client, "returning", TimeSpan.FromSeconds(1));
        Assert.Equal(DeployOutcome.Deployed, (await DeployAsync(Bundle("returning", Patience, FromStore("db"), Needing(cluster.Web(1))))).Outcome);
        Assert.Equal(DeployOutcome.Deployed, (await DeployAsync(Bundle("returning", Patience, cluster.Web(1)))).Outcome);
        Assert.Null(await cluster.Client.GetAsync(ExternalSecret, "returning", "db", Token));
        // It is owned by what it was made of.
        await cluster.Client.SendAsync(HttpMethod.Delete, ResourceType.Secret.ObjectPath("returning", "db"), null, Token);

        var target = await Rollback.FindTargetAsync(cluster.Client, await new AppLocator(cluster.Client).FindAsync("returning", null, null, null, "sandbox", Token), null, Token);
        var result = await new Deployer(cluster.Connection, _ => null).RunAsync(Rollback.To(target, new Author("tester")), new EventLog(), Token);

        Assert.True(result.ExitCode == 0, string.Join("\n", result.Diagnostics));
        Assert.NotNull(await cluster.Client.GetAsync(ResourceType.Secret, "returning", "db", Token));
    }

    private async Task InstallAsync()
    {
        var definition = ("main", Parse("""
            {"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition","metadata":{"name":"externalsecrets.external-secrets.io"},
             "spec":{"group":"external-secrets.io","scope":"Namespaced","names":{"kind":"ExternalSecret","plural":"externalsecrets","singular":"externalsecret","listKind":"ExternalSecretList"},
              "versions":[{"name":"v1","served":true,"storage":true,"subresources":{"status":{} },"schema":{"openAPIV3Schema":{"type":"object","x-kubernetes-preserve-unknown-fields":true} } }]} }
            """));
        Assert.Equal(0, (await DeployAsync(Bundle("operators", Patience, definition))).ExitCode);
    }

    private Task<DeployResult> DeployAsync(Bundle bundle) => new Deployer(cluster.Connection, _ => null).RunAsync(new DeployRequest(bundle, "local"), new EventLog(), Token);

    private static (string Phase, JsonObject Content) FromStore(string name) => ("main", Parse($$"""
        {"apiVersion":"external-secrets.io/v1","kind":"ExternalSecret","metadata":{"name":"{{name}}"},
         "spec":{"secretStoreRef":{"kind":"ClusterSecretStore","name":"vault"},"target":{"name":"{{name}}"},"data":[{"secretKey":"password","remoteRef":{"key":"shop"} }]} }
        """));

    private static (string Phase, JsonObject Content) Needing((string Phase, JsonObject Content) workload)
    {
        workload.Content["spec"]!["template"]!["spec"]!["containers"]![0]!["env"] = JsonNode.Parse("""[{"name":"PASSWORD","valueFrom":{"secretKeyRef":{"name":"db","key":"password"}}}]""");
        return workload;
    }

    /// <summary>Makes the Secrets of a namespace as external-secrets does: first the Secret, then the condition.</summary>
    private sealed class Operator : IAsyncDisposable
    {
        private readonly CancellationTokenSource _ends = CancellationTokenSource.CreateLinkedTokenSource(Token);
        private readonly KubeClient _client;
        private readonly string _ns;
        private readonly TimeSpan _delay;
        private readonly Task _running;

        public Operator(KubeClient client, string ns, TimeSpan delay)
        {
            (_client, _ns, _delay) = (client, ns, delay);
            _running = Task.Run(RunAsync, Token);
        }

        /// <summary>What the store says instead of giving the values.</summary>
        public string? Refusal { get; init; }

        public async ValueTask DisposeAsync()
        {
            await _ends.CancelAsync();
            await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            _ends.Dispose();
        }

        private async Task RunAsync()
        {
            while (true)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(100), _ends.Token);
                foreach (var asked in (await _client.ListAsync(ExternalSecret, _ns, null, _ends.Token)).Items.Where(item => item["status"] is null))
                    await MakeAsync(asked);
            }
        }

        private async Task MakeAsync(JsonObject asked)
        {
            await Task.Delay(_delay, _ends.Token);
            var target = (string)asked["spec"]!["target"]!["name"]!;
            if (Refusal is null)
                await _client.ApplyAsync(
                    ResourceType.Secret,
                    Parse($$"""{"apiVersion":"v1","kind":"Secret","metadata":{"name":"{{target}}","namespace":"{{_ns}}"},"stringData":{"password":"of the store"} }"""),
                    dryRun: false, _ends.Token, manager: "external-secrets");
            var condition = new JsonObject
            {
                ["type"] = "Ready",
                ["status"] = Refusal is null ? "True" : "False",
                ["reason"] = Refusal is null ? "SecretSynced" : "SecretSyncedError",
                ["message"] = Refusal ?? "secret synced",
            };
            await _client.SendAsync(
                HttpMethod.Patch, $"{ExternalSecret.ObjectPath(_ns, (string)asked["metadata"]!["name"]!)}/status",
                new JsonObject { ["status"] = new JsonObject { ["conditions"] = new JsonArray((JsonNode)condition) } }, _ends.Token, "application/merge-patch+json");
        }
    }
}
