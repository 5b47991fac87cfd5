using System.Text.Json.Nodes;

namespace KubeApps.Cli.Tests;

/// <summary>Full updates on this machine, by the tool as users have it.</summary>
public sealed class FullUpdateCommandTests(ToolProcess tool) : IClassFixture<ToolProcess>, IAsyncLifetime
{
    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        foreach (var cluster in (await DocumentAsync("ClusterList", 0, "cluster", "list"))["clusters"]!.AsArray())
            await tool.RunAsync("cluster", "delete", (string)cluster!["name"]!, "-y");
    }

    [Fact]
    public async Task FullUpdates_FromTheFirstClusterToTheNext_AreHeldPromotedAndAborted()
    {
        var registry = (string)JsonNode.Parse((await tool.RunAsync("sandbox", "start", "-o", "json")).Out)!["registry"]!;
        string[] full = ["--scope", "cluster", "--silence", "1s", "--watch", "1s", "--shares", "50,100"];

        var (exit, address, error) = await tool.RunAsync(["deploy", "--bundle", tool.WriteBundle("moving", registry), .. full]);
        Assert.True(exit == 0, error);
        Assert.Contains("moving is deployed to moving-local-1", error, StringComparison.Ordinal);

        var next = tool.WriteBundle("moving", registry, variable: "next");
        var (_, _, plan) = await tool.RunAsync(["deploy", "--bundle", next, "--dry-run", .. full]);
        Assert.Matches(@"Make the cluster moving-local-2[\s\S]*Give 50 % of the load to moving-local-2[\s\S]*Delete the cluster moving-local-1", plan);
        var planned = await DocumentAsync("DeployResult", 0, ["deploy", "--bundle", next, "--dry-run", .. full]);
        Assert.Equal("moving-local-2", (string?)planned["update"]!["cluster"]!["name"]);
        var held = await DocumentAsync("DeployResult", 0, ["deploy", "--bundle", next, "--hold", .. full]);
        Assert.Equal(("held", "moving-local-1", "moving-local-2", "held"), ((string?)held["outcome"], (string?)held["update"]!["from"], (string?)held["update"]!["to"], (string?)held["update"]!["phase"]));
        Assert.Equal("held", (string?)(await DocumentAsync("Cluster", 0, "cluster", "get", "moving-local-2"))["update"]!["phase"]);
        var kubeconfig = (await tool.RunAsync("cluster", "kubeconfig", "moving-local-1", "--file", "moving.yaml")).Out.TrimEnd('\n');
        Assert.Equal("moving-local-2", (string?)(await DocumentAsync("AppStatus", 0, "status", "moving", "--kubeconfig", kubeconfig, "--context", "moving-local-1"))["update"]!["to"]);
        var status = await tool.RunAsync("status", "moving");
        Assert.Contains("full update from moving-local-1 to moving-local-2: held for ", status.Out, StringComparison.Ordinal);
        Assert.Contains("this is moving-local-1 (100 % of the load); there is also moving-local-2 (0 % of the load).", status.Error, StringComparison.Ordinal);
        // What is deployed to one of them is for who names it.
        var (refused, _, reason) = await tool.RunAsync("deploy", "--bundle", next);
        Assert.True(refused == 1 && reason.Contains("KUBEAPP7215", StringComparison.Ordinal), reason);
        Assert.Equal("unchanged", (string?)(await DocumentAsync("DeployResult", 0, "deploy", "--bundle", next, "--kubeconfig", (await tool.RunAsync("cluster", "kubeconfig", "moving-local-2", "--file", "next.yaml")).Out.TrimEnd('\n')))["outcome"]);
        foreach (var cluster in (string[])["moving-local-1", "moving-local-2"])
        {
            var (kept, _, why) = await tool.RunAsync("cluster", "delete", cluster, "-y");
            Assert.True(kept == 1 && why.Contains("KUBEAPP7215", StringComparison.Ordinal), why);
            (kept, _, why) = await tool.RunAsync("cluster", "update", "moving", "--name", cluster, "-y");
            Assert.True(kept == 1 && why.Contains("KUBEAPP7215", StringComparison.Ordinal), why);
        }

        Assert.Equal("aborted", (string?)(await DocumentAsync("DeployResult", 0, "abort", "moving", "--scope", "cluster"))["outcome"]);

        await DocumentAsync("DeployResult", 0, ["deploy", "--bundle", next, "--hold", .. full]);
        var half = await DocumentAsync("DeployResult", 0, "promote", "moving", "--scope", "cluster", "--hold");
        Assert.Equal([50, 50], half["update"]!["shares"]!.AsArray().Select(share => (int)share!["percent"]!));
        var soaking = await DocumentAsync("DeployResult", 0, "promote", "moving", "--scope", "cluster", "--no-soak");
        Assert.Equal(("deployed", "soaking"), ((string?)soaking["outcome"], (string?)soaking["update"]!["phase"]));
        var (done, where, told) = await tool.RunAsync("promote", "moving", "--scope", "cluster");
        Assert.True(done == 0, told);

        Assert.Equal(address, where);
        Assert.Equal("cluster moving-local-2", (string?)(await DocumentAsync("AppStatus", 0, "status", "moving"))["target"]);
        Assert.Equal("cluster moving-local-2", (string?)(await DocumentAsync("DeployResult", 0, "deploy", "--bundle", next))["target"]);
        Assert.Equal(["moving-local-2"], (await DocumentAsync("ClusterList", 0, "cluster", "list", "moving"))["clusters"]!.AsArray().Select(item => (string?)item!["name"]));
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        Assert.StartsWith("hello from web-", await client.GetStringAsync(where.Trim(), TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Contains("KUBEAPP7024", (await tool.RunAsync("promote", "moving", "--scope", "cluster")).Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--shares is for a full update", "deploy", "--shares", "5,100")]
    [InlineData("are no shares", "deploy", "--scope", "cluster", "--shares", "50,5,100")]
    [InlineData("are no shares", "deploy", "--scope", "cluster", "--shares", "5,50")]
    [InlineData("--context does not go with --scope cluster", "deploy", "--scope", "cluster", "--context", "prod")]
    [InlineData("--scope cluster is --strategy bluegreen", "deploy", "--scope", "cluster", "--strategy", "rolling")]
    [InlineData("--hold is for a full update", "promote", "--hold")]
    [InlineData("--timeout does not go with --scope cluster", "promote", "--scope", "cluster", "--timeout", "1m")]
    public async Task Options_ThatContradictEachOther_AreWrongUsage(string mistake, params string[] arguments)
    {
        var (exit, _, error) = await tool.RunAsync(arguments);

        Assert.Equal(64, exit);
        Assert.Contains(mistake, error, StringComparison.Ordinal);
    }

    private async Task<JsonObject> DocumentAsync(string kind, int exit, params string[] arguments)
    {
        var result = await tool.RunAsync([.. arguments, "-o", "json"]);
        Assert.True(exit == result.Exit, $"{string.Join(' ', arguments)} ended with {result.Exit}: {result.Error}");
        return DocumentReference.Verify(result.Out, kind);
    }
}
