using System.Diagnostics;
using KubeApps.Deploy.Clusters;
using KubeApps.Deploy.Targets;
using KubeApps.Diagnostics;
using KubeApps.Events;

namespace KubeApps.Deploy.Tests.Clusters;

/// <summary>Clusters that come and go: made, found, cut, deleted.</summary>
public sealed class SandboxClusterProviderTests(SandboxClusters clusters) : IClassFixture<SandboxClusters>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Clusters_SideBySide_AreOtherOnesInAllThatTellsThemApart()
    {
        var owner = new ClusterOwner("pair", "prod");
        var made = await Task.WhenAll(clusters.CreateAsync("pair-prod-1", owner), clusters.CreateAsync("pair-prod-2", owner));

        Assert.All(made, cluster => Assert.Equal((ClusterState.Ready, owner), (cluster.State, cluster.Owner)));
        Assert.Equal(2, made.DistinctBy(cluster => cluster.Identity).Count());
        var endpoints = made.Select(cluster => SandboxEndpoint.Read(clusters.Location.OfCluster(cluster.Name).EndpointFile)!).ToList();
        Assert.Equal((2, 2, 2), (endpoints.DistinctBy(item => item.Pid).Count(), endpoints.DistinctBy(item => item.ApiServer).Count(), endpoints.DistinctBy(item => item.Token).Count()));
    }

    [Fact]
    public async Task Ensure_OfOneThatStands_ChangesNothing()
    {
        var owner = new ClusterOwner("steady", "prod");
        var before = await clusters.CreateAsync("steady-prod-1", owner);

        Assert.True((await clusters.Provider.PlanAsync(new ClusterChange.Ensure("steady-prod-1", owner, new ClusterSpecification()), Token)).IsNoOp);
        Assert.Equal(before, await clusters.CreateAsync("steady-prod-1", owner));
    }

    [Fact]
    public async Task Ensure_OfOneWhoseCreationWasCut_GoesOnWithIt()
    {
        var owner = new ClusterOwner("cut", "prod");
        using var cut = new CancellationTokenSource();
        var change = new ClusterChange.Ensure("cut-prod-1", owner, new ClusterSpecification());
        var plan = await clusters.Provider.PlanAsync(change, Token);
        var log = new EventLog { OnEvent = told => { if (told is DeployEvent.StepStarted { StepId: "control-plane" }) cut.Cancel(); } };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => clusters.Provider.ExecuteAsync(plan, log, cut.Token));
        Assert.Equal(ClusterState.Creating, Assert.Single(await clusters.Provider.ListAsync(owner, Token)).State);

        var made = await clusters.CreateAsync("cut-prod-1", owner);

        Assert.Equal(ClusterState.Ready, made.State);
        Assert.NotNull(made.Identity);
    }

    [Fact]
    public async Task Connect_ToOneWhoseProcessWasKilled_StartsItWithWhatItHeld()
    {
        var owner = new ClusterOwner("killed", "prod");
        var cluster = await clusters.CreateAsync("killed-prod-1", owner);
        using (var process = Process.GetProcessById(SandboxEndpoint.Read(clusters.Location.OfCluster(cluster.Name).EndpointFile)!.Pid))
        {
            process.Kill();
            await process.WaitForExitAsync(Token);
        }

        var found = Assert.Single(await clusters.Provider.ListAsync(owner, Token));
        Assert.Equal((ClusterState.Ready, "It does not run; it starts when it is used."), (found.State, found.Problem));

        using var connection = await clusters.Provider.ConnectAsync(found, new EventLog(), Token);
        var system = await connection.Client.GetAsync(Api.ResourceType.Namespace, null, "kube-system", Token);
        Assert.Equal(cluster.Identity, (string?)system!["metadata"]!["uid"]);
    }

    [Fact]
    public async Task Remove_LeavesNothing_AndWhatIsGoneDoesNotComeBack()
    {
        var owner = new ClusterOwner("gone", "prod");
        var cluster = await clusters.CreateAsync("gone-prod-1", owner);
        var pid = SandboxEndpoint.Read(clusters.Location.OfCluster(cluster.Name).EndpointFile)!.Pid;

        await clusters.DoAsync(new ClusterChange.Remove(cluster.Name, owner));

        Assert.Empty(await clusters.Provider.ListAsync(owner, Token));
        Assert.Empty(await clusters.Provider.AuditAsync(owner, Token));
        Assert.False(Directory.Exists(clusters.Location.OfCluster(cluster.Name).Home));
        Assert.Throws<ArgumentException>(() => Process.GetProcessById(pid));
        var failure = await Assert.ThrowsAsync<DiagnosticException>(() => clusters.Provider.ConnectAsync(cluster, new EventLog(), Token));
        Assert.Equal("KUBEAPP0080", failure.Diagnostics[0].Code);
        Assert.True((await clusters.Provider.PlanAsync(new ClusterChange.Remove(cluster.Name, owner), Token)).IsNoOp);
    }

    [Fact]
    public async Task Remove_ThatWasCut_GoesOnWhereItWas()
    {
        var owner = new ClusterOwner("half", "prod");
        var cluster = await clusters.CreateAsync("half-prod-1", owner);
        using var cut = new CancellationTokenSource();
        var change = new ClusterChange.Remove(cluster.Name, owner);
        var log = new EventLog { OnEvent = told => { if (told is DeployEvent.StepFinished { StepId: "control-plane" }) throw new InvalidOperationException("cut"); } };
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await clusters.Provider.ExecuteAsync(await clusters.Provider.PlanAsync(change, Token), log, Token));
        Assert.Equal(ClusterState.Deleting, Assert.Single(await clusters.Provider.ListAsync(owner, Token)).State);

        await clusters.DoAsync(change);

        Assert.Empty(await clusters.Provider.ListAsync(owner, Token));
    }

    [Fact]
    public async Task Audit_OfAFolderThatSaysNothing_FindsItForItsOwnerByName_AndCollectDeletesIt()
    {
        var owner = new ClusterOwner("lost", "prod");
        Directory.CreateDirectory(clusters.Location.OfCluster("lost-prod-7").Home);

        var found = await clusters.Provider.AuditAsync(owner, Token);

        Assert.Equal(("Folder", "lost-prod-7"), (Assert.Single(found).Kind, found[0].Cluster));
        Assert.DoesNotContain(await clusters.Provider.AuditAsync(new ClusterOwner("other", "prod"), Token), leftover => leftover.Cluster == "lost-prod-7");
        Assert.Empty(await clusters.Provider.CollectAsync(found, new EventLog(), Token));
        Assert.False(Directory.Exists(clusters.Location.OfCluster("lost-prod-7").Home));
    }

    [Fact]
    public async Task Cluster_ThatANewerVersionMade_IsNeitherCollectedNorTakenForNone()
    {
        var owner = new ClusterOwner("newer", "prod");
        var home = clusters.Location.OfCluster("newer-prod-1").Home;
        Directory.CreateDirectory(home);
        await File.WriteAllTextAsync(Path.Combine(home, "cluster.json"), """{"app":"newer","environment":"prod","state":"Dreaming"}""", Token);

        var found = Assert.Single(await clusters.Provider.AuditAsync(owner, Token));
        Assert.Contains("a newer version", found.Reason, StringComparison.Ordinal);
        Assert.Equal([found], await clusters.Provider.CollectAsync([found], new EventLog(), Token));
        foreach (var change in (ClusterChange[])[new ClusterChange.Remove("newer-prod-1", owner), new ClusterChange.Ensure("newer-prod-1", owner, new ClusterSpecification())])
            Assert.Equal("KUBEAPP0082", Assert.Single((await clusters.Provider.PlanAsync(change, Token)).Findings).Code);

        Assert.True(File.Exists(Path.Combine(home, "cluster.json")));
        Directory.Delete(home, recursive: true);
    }

    [Fact]
    public async Task Collect_OfWhatIsAClusterMeanwhile_LeavesIt()
    {
        var owner = new ClusterOwner("back", "prod");
        Directory.CreateDirectory(clusters.Location.OfCluster("back-prod-1").Home);
        var found = await clusters.Provider.AuditAsync(owner, Token);
        var cluster = await clusters.CreateAsync("back-prod-1", owner);

        await clusters.Provider.CollectAsync(found, new EventLog(), Token);

        Assert.Equal(cluster, Assert.Single(await clusters.Provider.ListAsync(owner, Token)));
    }

    [Fact]
    public async Task Kubeconfig_OfACluster_LeadsTherePastAllOthers()
    {
        var cluster = await clusters.CreateAsync("config-prod-1", new ClusterOwner("config", "prod"));
        var file = Path.Combine(clusters.Location.Home, "config.json");
        await File.WriteAllTextAsync(file, (await clusters.Provider.KubeconfigAsync(cluster, new EventLog(), Token)).ToJsonString(), Token);

        using var connection = (await KubeconfigTarget.LogInAsync("config-prod-1", file, new EventLog(), TimeProvider.System, Token)).Connect(TimeProvider.System);

        var system = await connection.Client.GetAsync(Api.ResourceType.Namespace, null, "kube-system", Token);
        Assert.Equal(cluster.Identity, (string?)system!["metadata"]!["uid"]);
    }
}
