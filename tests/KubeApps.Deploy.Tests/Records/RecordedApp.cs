using System.Diagnostics;
using KubeApps.Bundles;
using KubeApps.Deploy.Api;
using KubeApps.Deploy.Locking;
using KubeApps.Deploy.Revisions;
using KubeApps.Deploy.Tests.Faults;
using KubeApps.GitHub.StandIn;

namespace KubeApps.Deploy.Tests.Records;

/// <summary>An app that the real tool deploys to a cluster, as a step of a workflow: it is recorded in a repository of the stand-in.</summary>
internal sealed class RecordedApp(SandboxCluster cluster, StandInRepository github, string name) : IDisposable
{
    public const string Commit = "0123456789abcdef0123456789abcdef01234567";

    private static int _runs;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public string Name => name;

    public StandInRepository GitHub => github;

    /// <summary>Variables that a job has, and these ones do not.</summary>
    public HashSet<string> Withheld { get; } = [];

    /// <summary>What the tool said in all runs.</summary>
    public string Said { get; private set; } = "";

    /// <summary>What GitHub shows, the oldest first: task, and how it ended and what became of it then; of one that has not ended how far it is.</summary>
    public IReadOnlyList<string> Records => [.. Deployments.Select(item => $"{item.Task}: {string.Join(" ", StatesOf(item))}")];

    public IReadOnlyList<StandInDeployment> Deployments => [.. github.Deployments.Where(item => (string?)item.Payload?["app"] == name).Reverse()];

    /// <summary>A version of it. What it is to do is said as a pod's arguments are.</summary>
    public Bundle Version(params string[] arguments) => Of(cluster.Web(1, null, null, arguments));

    /// <summary>Asserts what GitHub shows; where it is something else, what the runs said may tell why.</summary>
    public void AssertRecords(params string[] expected) => Assert.True(
        expected.SequenceEqual(Records), $"Expected: {string.Join("; ", expected)}\nActual:   {string.Join("; ", Records)}\n{Said}");

    public Bundle BlueGreen(params string[] arguments) => BlueGreen(Version(arguments));

    /// <summary>A version that wants no pods: it is up at once.</summary>
    public Bundle Empty(string version) => Of(cluster.Web(0, null, $"registry.example/web:{version}"));

    /// <summary>One whose image there is not.</summary>
    public Bundle Imageless() => Of(cluster.Web(1, null, "registry.example/web:nosuch"));

    private Bundle Of((string, System.Text.Json.Nodes.JsonObject) web) =>
        SandboxCluster.Bundle(name, TimeSpan.FromMinutes(1), SandboxCluster.WebService, web) with { Commit = Commit };

    public static Bundle BlueGreen(Bundle bundle) => bundle with
    {
        Environments = [.. bundle.Environments.Select(item => item with { Strategy = item.Strategy with { Kind = "blueGreen", KeepOld = TimeSpan.Zero } })],
    };

    public Task<ToolEnd> DeployAsync(Bundle bundle, string run = "1", params string[] options) => RunAsync(Arguments(bundle, options), run);

    public async Task<ToolEnd> RunAsync(string[] arguments, string run = "1")
    {
        using var process = Start(arguments, run);
        return await EndAsync(process);
    }

    public async Task<ToolEnd> EndAsync(Process process)
    {
        var end = await ToolEnd.OfAsync(process, Token);
        Said += end.Output + end.Error;
        return end;
    }

    // Of what is over before GitHub was told that it began, only the end is told.
    private static IEnumerable<string> StatesOf(StandInDeployment item) =>
        item.Statuses.Where((status, index) => status.State is not ("queued" or "in_progress") || index == item.Statuses.Count - 1).Select(status => status.State);

    public string[] Arguments(Bundle bundle, params string[] options)
    {
        var folder = Path.Combine(cluster.Home, $"recorded-{bundle.App}-{Interlocked.Increment(ref _runs)}");
        BundleFiles.Write(bundle, folder);
        return ["deploy", "--bundle", folder, .. options];
    }

    /// <summary>The same, killed at one of its writes to the cluster, after the server handled it; the write, or null where it ended before.</summary>
    public async Task<string?> KillAsync(string[] arguments, KillPoint point, string run = "1")
    {
        using var server = cluster.ServerClient();
        await using var proxy = await KillingProxy.StartAsync(server, cluster.ApiServer, point);
        using var process = Start(arguments, run, await proxy.NameAsync(cluster.Home, Token));
        proxy.Victim = process;
        await EndAsync(process);
        return proxy.KilledAt;
    }

    /// <summary>The tool as a job runs it; dispose it.</summary>
    public Process Start(string[] arguments, string run = "1", string[]? named = null)
    {
        var start = ToolProgram.Start([.. arguments, .. named ?? cluster.Named], cluster.Home);
        foreach (var (variable, value) in github.Variables)
            start.Environment[variable] = value;
        foreach (var (variable, value) in (ReadOnlySpan<(string, string?)>)[
            ("GITHUB_ACTIONS", "true"), ("GITHUB_SERVER_URL", "https://github.example"), ("GITHUB_RUN_ID", run), ("GITHUB_ACTOR", "jane"),
            ("GITHUB_OUTPUT", null), ("GITHUB_STEP_SUMMARY", null), ("GH_TOKEN", null)])
            start.Environment[variable] = value;
        foreach (var variable in Withheld)
            start.Environment.Remove(variable);
        return Process.Start(start)!;
    }

    /// <summary>The tool as a person has it in a clone of the repository, with a token in the environment or none.</summary>
    public async Task<ToolEnd> RunInCloneAsync(string[] arguments, string? token)
    {
        var clone = Directory.CreateDirectory(Path.Combine(cluster.Home, $"clone-{name}")).FullName;
        foreach (var command in (string[][])[["init", "--quiet"], ["remote", "add", "origin", $"https://github.com/{github.FullName}.git"]])
        {
            using var git = Process.Start(new ProcessStartInfo("git", command) { WorkingDirectory = clone })!;
            await git.WaitForExitAsync(Token);
        }

        var start = ToolProgram.Start([.. arguments, .. cluster.Named], clone);
        foreach (var variable in start.Environment.Keys.Where(key => key.StartsWith("GITHUB_", StringComparison.Ordinal)).ToList())
            start.Environment.Remove(variable);
        (start.Environment["GH_TOKEN"], start.Environment["GITHUB_API_URL"]) = (token, github.Variables["GITHUB_API_URL"]);
        using var process = Process.Start(start)!;
        return await EndAsync(process);
    }

    /// <summary>By what a cluster is known, whatever it is called.</summary>
    public async Task<string?> ClusterAsync() => (string?)(await cluster.Client.GetAsync(ResourceType.Namespace, null, "kube-system", Token))?["metadata"]?["uid"];

    /// <summary>Waits for a record in a state: until then nothing else shows that a run got so far.</summary>
    public async Task<StandInDeployment> AwaitAsync(string state)
    {
        while (true)
        {
            if (Deployments.LastOrDefault(item => item.State == state) is { } found)
                return found;
            await Task.Delay(50, Token);
        }
    }

    /// <summary>Everything of ours that the cluster keeps of it, as text.</summary>
    public async Task<string> StoredAsync() =>
        string.Concat((await cluster.Client.ListAsync(ResourceType.ConfigMap, name, null, Token)).Items.Select(item => item.ToJsonString()));

    public Task PatchWebAsync(string change) => cluster.Client.SendAsync(
        HttpMethod.Patch, $"/apis/apps/v1/namespaces/{name}/deployments/web", System.Text.Json.Nodes.JsonNode.Parse(change), Token, "application/merge-patch+json");

    /// <summary>Nobody waits for a dead one here: its lock is over.</summary>
    public async Task EndLockAsync()
    {
        var lease = await cluster.Client.GetAsync(ResourceType.Lease, name, LockLease.NameOf(name), Token);
        await cluster.Client.DeleteAsync(ResourceType.Lease, name, LockLease.NameOf(name), (string)lease!["metadata"]!["uid"]!, "Background", Token);
    }

    public async Task<IReadOnlyList<Revision>> RevisionsAsync() => await new RevisionStore(cluster.Client).ListAsync(name, name, Token);

    public void Dispose()
    {
        // The runner takes that line away, and hides the token wherever else it would stand.
        Assert.DoesNotContain(Said.Split('\n'), line => line.Contains(github.Token, StringComparison.Ordinal) && !line.StartsWith("::add-mask::", StringComparison.Ordinal));
        github.Dispose();
    }
}
