using System.Text.Json.Nodes;
using KubeApps.Testing;

namespace KubeApps.Cli.Tests.Fleets;

/// <summary>Many clusters at once, over the wire: what is wrong with one is told, and keeps nobody from the others.</summary>
public sealed class FleetCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Status_OfClustersOfWhichSomeFail_ShowsEachAndExitsWith1()
    {
        await using var clusters = await ManyClusters.StartAsync(
            TimeSpan.Zero, ("prod-a", ClusterHealth.Healthy), ("prod-b", ClusterHealth.Failing), ("prod-c", ClusterHealth.Forbidding), ("test", ClusterHealth.Healthy));

        var (exit, output, error) = await RunAsync(clusters.Kubeconfig(), "status", "--context", "prod-*");

        Assert.Equal(1, exit);
        var rows = output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(row => row.Split("   ", StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)).ToList();
        Assert.Equal(["CLUSTER", "APP", "ENVIRONMENT", "NAMESPACE", "REVISION", "COMMIT", "DEPLOYED", "READY", "STATE", "MESSAGE"], rows[0]);
        Assert.Equal(["prod-a shop 2/2 healthy", "prod-b shop 0/2 failing"], rows.Skip(1).Select(row => $"{row[0]} {row[1]} {row[7]} {row[8]}"));
        Assert.StartsWith("Deployment web: ", rows[2][9], StringComparison.Ordinal);
        Assert.Contains("prod-c: The request: configmaps is forbidden", error, StringComparison.Ordinal);
        Assert.DoesNotContain("test", output + error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Status_OfHealthyOnes_ExitsWith0AsADocumentToo()
    {
        await using var clusters = await ManyClusters.StartAsync(TimeSpan.Zero, ("a", ClusterHealth.Healthy), ("b", ClusterHealth.Healthy));

        var (exit, output, error) = await RunAsync(clusters.Kubeconfig(), "status", "--context", "b", "--context", "*", "-o", "json");

        Assert.Equal((0, ""), (exit, error));
        var document = DocumentReference.Verify(output, "FleetStatus");
        Assert.True((bool)document["healthy"]!);
        // In the order in which they were named, each once.
        Assert.Equal(["b", "a"], document["apps"]!.AsArray().Select(app => (string)app!["cluster"]!));
    }

    [Fact]
    public async Task Status_OfAClusterThatNeverAnswers_IsOverAtItsLimit()
    {
        await using var clusters = await ManyClusters.StartAsync(TimeSpan.Zero, ("a", ClusterHealth.Silent), ("b", ClusterHealth.Healthy));

        var (exit, output, error) = await RunAsync(clusters.Kubeconfig(), "status", "--context", "*", "--timeout", "0.5s", "-o", "json");

        Assert.Equal(1, exit);
        var document = DocumentReference.Verify(output, "FleetStatus");
        Assert.Equal(["timedOut", "done"], document["clusters"]!.AsArray().Select(cluster => (string)cluster!["outcome"]!));
        Assert.Equal("healthy", (string?)Assert.Single(document["apps"]!.AsArray())!["state"]);
        Assert.Contains("KUBEAPP8150", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Status_WhereNoAppIsMeant_IsNoGoodNews()
    {
        await using var clusters = await ManyClusters.StartAsync(TimeSpan.Zero, ("a", ClusterHealth.Healthy));

        var (exit, _, error) = await RunAsync(clusters.Kubeconfig(), "status", "--context", "*", "-l", "app=nosuch");

        Assert.Equal(64, exit);
        Assert.Contains("KUBEAPP0018", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Status_OfClustersThatAreSelected_IsNotTroubledByTheOthers()
    {
        await using var clusters = await ManyClusters.StartAsync(TimeSpan.Zero, ("a", ClusterHealth.Healthy), ("b", ClusterHealth.Forbidding));

        var (exit, output, error) = await RunAsync(clusters.Kubeconfig(), "status", "--context", "*", "-l", "cluster!=b", "-o", "json");

        Assert.Equal((0, ""), (exit, error));
        Assert.Equal(["a"], JsonNode.Parse(output)!["clusters"]!.AsArray().Select(cluster => (string)cluster!["name"]!));
        (exit, output, error) = await RunAsync(clusters.Kubeconfig(), "list", "--context", "*", "-l", "cluster=c");
        Assert.Equal((64, ""), (exit, output));
        Assert.Contains("None of the 2 clusters is one that --selector means.", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Scale_OfAWorkloadThatNobodyHas_NamesIt()
    {
        await using var clusters = await ManyClusters.StartAsync(TimeSpan.Zero, ("a", ClusterHealth.Healthy));

        var (exit, _, error) = await RunAsync(clusters.Kubeconfig(), "scale", "nosuch", "--replicas", "2", "--context", "*");

        Assert.Equal(64, exit);
        Assert.Contains("No app that is meant and has a workload nosuch stands in a.", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task List_OverTwoContextsOfOneCluster_HasEachAppOnce()
    {
        await using var clusters = await ManyClusters.StartAsync(TimeSpan.Zero, ("a", ClusterHealth.Healthy), ("b", ClusterHealth.Healthy));

        var (exit, output, error) = await RunAsync(clusters.Kubeconfig(("again", "a")), "list", "--context", "*", "-l", "environment in (prod,live)", "-o", "json");

        Assert.Equal((0, "2 apps in 3 clusters.\n"), (exit, error));
        var document = DocumentReference.Verify(output, "FleetList");
        Assert.Equal(["a", "b"], document["apps"]!.AsArray().Select(app => (string)app!["cluster"]!));
        Assert.Equal([1, 1, 1], document["clusters"]!.AsArray().Select(cluster => (int)cluster!["found"]!));
    }

    [Fact]
    public async Task List_OfMoreThanAreAskedAtOnce_KeepsToTheNumber()
    {
        await using var clusters = await ManyClusters.StartAsync(TimeSpan.FromMilliseconds(20), Enumerable.Range(1, 12).Select(number => ($"c{number}", ClusterHealth.Healthy)));

        var (exit, output, _) = await RunAsync(clusters.Kubeconfig(), "list", "--context", "*", "--parallel", "3", "-o", "json");

        Assert.Equal((0, 12), (exit, JsonNode.Parse(output)!["apps"]!.AsArray().Count));
        Assert.InRange(clusters.MostAtOnce, 1, 3);
    }

    [Theory]
    [InlineData("No context was named. The contexts are: a.")]
    [InlineData("No context is called 'x*'. The contexts are: a.", "--context", "a", "--context", "x*")]
    public async Task List_WhereNoClusterIsMeant_SaysWhichThereAre(string cause, params string[] arguments)
    {
        await using var clusters = await ManyClusters.StartAsync(TimeSpan.Zero, ("a", ClusterHealth.Healthy));

        var (exit, output, error) = await RunAsync(clusters.Kubeconfig(), ["list", .. arguments]);

        Assert.Equal((64, ""), (exit, output));
        Assert.Contains("KUBEAPP0089", error, StringComparison.Ordinal);
        Assert.Contains(cause, error, StringComparison.Ordinal);
        Assert.Equal(0, clusters.Requests);
    }

    [Fact]
    public async Task Exec_OfAProgram_RunsForEachAppWithAWayToItsClusterAlone()
    {
        await using var clusters = await ManyClusters.StartAsync(TimeSpan.Zero, ("a", ClusterHealth.Healthy), ("b", ClusterHealth.Healthy));
        string[] script = ["sh", "-c", "echo $KUBEAPP_NAME in $KUBEAPP_NAMESPACE; grep -o '\"current-context\":\"[^\"]*\"' $KUBECONFIG; echo $KUBECONFIG >&2; test $KUBEAPP_CLUSTER = a"];

        var (exit, output, error) = await RunAsync(clusters.Kubeconfig(), ["exec", "--context", "*", "-o", "json", "--", .. script]);

        Assert.Equal((1, ""), (exit, error));
        var apps = DocumentReference.Verify(output, "FleetExec")["apps"]!.AsArray();
        Assert.Equal(["done 0", "failed 1"], apps.Select(app => $"{app!["outcome"]} {app["exitCode"]}"));
        Assert.Equal(["shop in shop-prod", "\"current-context\":\"b\""], apps[1]!["stdout"]!.AsArray().Select(line => (string)line!));
        Assert.All(apps, app => Assert.False(File.Exists((string?)Assert.Single(app!["stderr"]!.AsArray()))));
    }

    [Fact]
    public async Task Exec_OfAProgramThatFails_GoesNoFurtherWhereThatIsSaid()
    {
        await using var clusters = await ManyClusters.StartAsync(TimeSpan.Zero, ("a", ClusterHealth.Healthy), ("b", ClusterHealth.Healthy));

        var (exit, output, error) = await RunAsync(clusters.Kubeconfig(), "exec", "--context", "*", "--waves", "1", "--max-failures", "1", "--", "sh", "-c", "echo one; exit 3");

        Assert.Equal((1, "a shop (prod): one\n"), (exit, output));
        Assert.Contains("a shop (prod): It ended with code 3.", error, StringComparison.Ordinal);
        Assert.Contains("KUBEAPP8151", error, StringComparison.Ordinal);
        (exit, output, error) = await RunAsync(clusters.Kubeconfig(), "exec", "--context", "a", "--", "no-such-program");
        Assert.Equal((1, ""), (exit, output));
        Assert.Contains("KUBEAPP8152", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Exec_OfAProgramThatTakesTooLong_EndsItAndShowsWhatItWrote()
    {
        await using var clusters = await ManyClusters.StartAsync(TimeSpan.Zero, ("a", ClusterHealth.Healthy));

        var (exit, output, error) = await RunAsync(clusters.Kubeconfig(), "exec", "--context", "a", "--timeout", "2s", "-o", "json", "--", "sh", "-c", "echo so far; exec sleep 600");

        Assert.Equal(1, exit);
        Assert.Contains("KUBEAPP8150", error, StringComparison.Ordinal);
        var app = Assert.Single(DocumentReference.Verify(output, "FleetExec")["apps"]!.AsArray())!;
        Assert.Equal(("timedOut", null, "so far"), ((string?)app["outcome"], (int?)app["exitCode"], (string?)app["stdout"]![0]));
    }

    [Fact]
    public async Task Cost_OfMachinesWithAndWithoutAPrice_AddsUpEachClusterOnce()
    {
        await using var clusters = await ManyClusters.StartAsync(TimeSpan.Zero, ("a", ClusterHealth.Healthy), ("b", ClusterHealth.Forbidding));

        var (exit, output, error) = await RunAsync(clusters.Kubeconfig(("again", "a")), "cost", "--context", "*", "-o", "json");

        Assert.Equal(1, exit);
        var document = DocumentReference.Verify(output, "FleetCost");
        var cost = Assert.Single(document["costs"]!.AsArray())!;
        Assert.Equal("shop", (string?)cost["apps"]![0]!["app"]);
        // The control plane, and two machines of m7g.large: their disks say nothing of their size.
        Assert.Equal((0.1m + (2 * 0.0816m), 2, 0), ((decimal)document["hourly"]!, (int)cost["machines"]!, cost["unpriced"]!.AsArray().Count));
        Assert.Equal(730 * (decimal)document["hourly"]!, (decimal)document["monthly"]!);
        Assert.Contains("0.26 USD an hour, 192.14 in a month of 730 hours", error, StringComparison.Ordinal);
    }

    private Task<(int Exit, string Out, string Error)> RunAsync(string kubeconfig, params string[] arguments) =>
        Tool.RunInAsync(_folder.Path, "", ["fleet", arguments[0], "--kubeconfig", _folder.Write("config", kubeconfig), .. arguments[1..]]);
}
