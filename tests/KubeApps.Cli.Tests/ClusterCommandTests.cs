using System.Text.Json.Nodes;
using KubeApps.Yaml;

namespace KubeApps.Cli.Tests;

/// <summary>Clusters of this machine, by the tool as users have it.</summary>
public sealed class ClusterCommandTests(ToolProcess tool) : IClassFixture<ToolProcess>, IAsyncLifetime
{
    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        foreach (var cluster in (await DocumentAsync("ClusterList", 0, "list"))["clusters"]!.AsArray().OrderByDescending(item => (string?)item!["name"]))
            await tool.RunAsync("cluster", "delete", (string)cluster!["name"]!, "-y");
    }

    [Fact]
    public async Task Clusters_FromCreateToDelete_AreFoundAndHaveTheDocumentedShape()
    {
        var first = await DocumentAsync("Cluster", 0, "create", "shop");
        Assert.Equal(("shop-local-1", "ready", "shop", "local"), ((string?)first["name"], (string?)first["state"], (string?)first["app"], (string?)first["environment"]));
        // Said again, it is there.
        Assert.Equal((string?)first["identity"], (string?)(await DocumentAsync("Cluster", 0, "create", "shop"))["identity"]);
        Assert.Equal("shop-local-2\n", (await tool.RunAsync("cluster", "create", "shop", "--beside")).Out);
        Assert.Equal(
            "create    Make storefront-local-1\ncreate    Start the API of storefront-local-1  (2 s)\nIt takes about 2 s: what waits for nothing is done side by side.\n",
            (await tool.RunAsync("cluster", "create", "storefront", "--dry-run")).Out);

        Assert.Equal(["shop-local-1", "shop-local-2"], (await DocumentAsync("ClusterList", 0, "list", "shop"))["clusters"]!.AsArray().Select(item => (string?)item!["name"]));
        Assert.Empty((await DocumentAsync("ClusterList", 0, "list", "storefront"))["clusters"]!.AsArray());
        var got = await DocumentAsync("Cluster", 0, "get", "shop-local-2");
        Assert.Null((int?)got["share"]);

        var (exit, output, error) = await tool.RunAsync("cluster", "delete", "shop-local-1");
        Assert.Equal((64, ""), (exit, output));
        Assert.Contains("KUBEAPP0032", error, StringComparison.Ordinal);
        Assert.Empty((await DocumentAsync("ClusterDeletion", 0, "delete", "shop-local-1", "-y"))["leftovers"]!.AsArray());
        Assert.Contains("KUBEAPP0080", (await tool.RunAsync("cluster", "get", "shop-local-1")).Error, StringComparison.Ordinal);
        // Numbers go on where they were, for as long as the last one is there.
        Assert.Equal("shop-local-3\n", (await tool.RunAsync("cluster", "create", "shop", "--beside")).Out);
    }

    [Fact]
    public async Task Deploy_WithTheKubeconfigOfACluster_RunsTheAppThereAndNowhereElse()
    {
        var sandbox = JsonNode.Parse((await tool.RunAsync("sandbox", "start", "-o", "json")).Out)!;
        var folder = tool.WriteBundle("apart", (string)sandbox["registry"]!);
        await tool.RunAsync("cluster", "create", "apart");

        var file = (await tool.RunAsync("cluster", "kubeconfig", "apart-local-1", "--file", "apart.yaml")).Out.TrimEnd('\n');
        var (exit, address, error) = await tool.RunAsync("deploy", "--bundle", folder, "--kubeconfig", file, "--context", "apart-local-1");

        Assert.True(exit == 0, error);
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        Assert.StartsWith("hello from web-", await client.GetStringAsync(address.Trim(), TestContext.Current.CancellationToken), StringComparison.Ordinal);
        // It is looked for where it has a cluster of its own; in the machine's sandbox there is none of it.
        Assert.Equal("cluster apart-local-1", (string?)JsonNode.Parse((await tool.RunAsync("status", "apart", "-o", "json")).Out)!["target"]);
        Assert.Contains("KUBEAPP0018", (await tool.RunAsync("status", "-n", "apart")).Error, StringComparison.Ordinal);
        Assert.Equal(file, Path.GetFullPath("apart.yaml", tool.Home));
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        Assert.Equal("apart-local-1", (string?)YamlReader.Read((await tool.RunAsync("cluster", "kubeconfig", "apart-local-1")).Out, "kubeconfig")!["current-context"]);
    }

    [Theory]
    [InlineData("KUBEAPP0082", "create", "shop", "--name", "../shop")]
    [InlineData("KUBEAPP0019", "create")]
    [InlineData("KUBEAPP0080", "delete", "nosuch", "-y")]
    public async Task Cluster_ThatCannotBeMeant_IsWrongUsage(string code, params string[] arguments)
    {
        var (exit, _, error) = await tool.RunAsync(["cluster", .. arguments]);

        Assert.Equal(64, exit);
        Assert.Contains(code, error, StringComparison.Ordinal);
    }

    private async Task<JsonObject> DocumentAsync(string kind, int exit, params string[] arguments)
    {
        var result = await tool.RunAsync(["cluster", .. arguments, "-o", "json"]);
        Assert.True(exit == result.Exit, $"{string.Join(' ', arguments)} ended with {result.Exit}: {result.Error}");
        return DocumentReference.Verify(result.Out, kind);
    }
}
