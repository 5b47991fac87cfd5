using System.Text.Json.Nodes;
using KubeApps.Bundles;
using KubeApps.Deploy.Clusters;
using KubeApps.Deploy.Locking;
using KubeApps.Deploy.Tests.Clusters;
using KubeApps.Deploy.Updates;
using KubeApps.Diagnostics;
using KubeApps.Events;

namespace KubeApps.Deploy.Tests.Updates;

/// <summary>What a full update asks a cluster, where the answer is no: on a cluster of this machine.</summary>
public sealed class ClusterInsidesTests(SandboxClusters clusters) : IClassFixture<SandboxClusters>
{
    private static readonly BundleCheck Answers = new("http", "answers", TimeSpan.FromSeconds(2)) { Service = "web", Path = "/" };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Prepare_AddOnWhoseImageThereIsNot_SaysWhichAndWhy()
    {
        var cluster = await clusters.CreateAsync("lame-prod-1", new ClusterOwner("lame", "prod"));
        await SendAsync(cluster, HttpMethod.Post, "/apis/apps/v1/namespaces/kube-system/deployments", """
            {"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"coredns"},"spec":{"replicas":1,"selector":{"matchLabels":{"k8s-app":"dns"} },
             "template":{"metadata":{"labels":{"k8s-app":"dns"} },"spec":{"containers":[{"name":"coredns","image":"registry.example/coredns:nosuch"}]} } } }
            """);
        var log = new EventLog();
        using var insides = Insides("lame", log);

        var failure = await Assert.ThrowsAsync<DiagnosticException>(() => insides.PrepareAsync(cluster, Token));

        var told = Assert.Single(log.Events.OfType<DeployEvent.WorkloadFailed>()).Report;
        Assert.Equal("Deployment kube-system/coredns", told.Workload);
        Assert.Contains("registry.example/coredns:nosuch", failure.Diagnostics[0].Cause, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Watch_WhatBecomesBadMeanwhile_IsReportedAtOnce()
    {
        var owner = new ClusterOwner("watched", "prod");
        var cluster = await clusters.CreateAsync("watched-prod-1", owner);
        using var insides = Insides("watched", new EventLog());
        var empty = await Assert.ThrowsAsync<DiagnosticException>(() => insides.WatchAsync(cluster, TimeSpan.FromMinutes(5), Token));
        Assert.Equal("watched does not stand in watched-prod-1 any more.", empty.Diagnostics[0].Cause);
        var bundle = clusters.BundleOf(owner, "main");
        using (var connection = await clusters.Provider.ConnectAsync(cluster, new EventLog(), Token))
        {
            var deployed = await new Deployer(connection, _ => null).RunAsync(
                new DeployRequest(bundle with { Environments = [bundle.Environments[0] with { Checks = [Answers] }] }, "prod"), new EventLog(), Token);
            Assert.True(deployed.Outcome == DeployOutcome.Deployed, string.Join('\n', deployed.Diagnostics));
        }

        Assert.Empty(await insides.WatchAsync(cluster, TimeSpan.Zero, Token));

        // Nobody is there who could answer; nothing is wrong with the workload that wants nobody.
        await PatchAsync("""{"spec":{"replicas":0}}""");
        var unanswered = Assert.Single(await insides.WatchAsync(cluster, TimeSpan.FromMinutes(5), Token));
        Assert.Contains("answers", unanswered.FirstLine, StringComparison.Ordinal);

        // The check would fail, too, but only after the pods.
        await PatchAsync("""{"spec":{"replicas":1,"template":{"spec":{"containers":[{"name":"web","image":"registry.example/web:nosuch"}]}}}}""");
        Assert.NotEmpty(await insides.WatchAsync(cluster, TimeSpan.FromMinutes(5), Token));

        Task PatchAsync(string change) => SendAsync(cluster, HttpMethod.Patch, "/apis/apps/v1/namespaces/watched/deployments/main", change, "application/strategic-merge-patch+json");
    }

    private ClusterInsides Insides(string app, IEventSink sink) => new(clusters.Provider, (app, app), sink) { Holder = LockHolder.Of("test", _ => null) };

    private async Task SendAsync(AppCluster cluster, HttpMethod method, string path, string content, string type = "application/json")
    {
        using var connection = await clusters.Provider.ConnectAsync(cluster, new EventLog(), Token);
        await connection.Client.SendAsync(method, path, JsonNode.Parse(content), Token, type);
    }
}
