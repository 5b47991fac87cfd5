namespace KubeApps.MSBuild.Tests;

public sealed class RenderTests(PackageFeed feed)
{
    private static readonly string[] Intermediate = ["web", "obj", "Release", "net10.0", "kubeapp"];
    private static readonly string[] Bundle = ["web", "bin", "Release", "net10.0", "kubeapp"];

    [Fact]
    public async Task Publish_WithSpec_RendersADraftBundleAndShowsWhatTheSpecPrints()
    {
        var folder = feed.NewFolder().WriteWeb();

        var result = (await folder.PublishAsync("web")).Succeeded();

        Assert.Contains(result.Lines, line => line.Contains("evaluated for local: hello", StringComparison.Ordinal));
        Assert.Contains("\"isDraft\": true", folder.Read([.. Bundle, "bundle.json"]), StringComparison.Ordinal);
        Assert.Contains("containerPort: 8080", folder.Read([.. Bundle, "env", "local", "deployment-web.yaml"]), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Publish_AgainWithoutChange_EvaluatesAndRendersNothing()
    {
        var folder = feed.NewFolder().WriteWeb();
        (await folder.PublishAsync("web")).Succeeded();
        var (intermediate, bundle) = (folder.Snapshot(Intermediate), folder.Snapshot(Bundle));

        var result = (await folder.PublishAsync("web")).Succeeded();

        Assert.DoesNotContain(result.Lines, line => line.Contains("evaluated for", StringComparison.Ordinal));
        Assert.Equal(intermediate, folder.Snapshot(Intermediate));
        Assert.Equal(bundle, folder.Snapshot(Bundle));
    }

    [Fact]
    public async Task Publish_AfterAFileThatTheSpecNamesChanged_RendersItAgain()
    {
        var folder = feed.NewFolder()
            .WriteWeb(spec: ThrowAway.Spec.Replace("var web =", "app.Add(new Config(\"settings\") { Files = { \"settings.txt\" } }); var web =", StringComparison.Ordinal))
            .Write("web/settings.txt", "colour: red");
        (await folder.PublishAsync("web")).Succeeded();

        folder.Write("web/settings.txt", "colour: blue");
        (await folder.PublishAsync("web", "--no-build")).Succeeded();

        var config = Assert.Single(Directory.EnumerateFiles(folder.PathOf([.. Bundle, "env", "local"]), "configmap-*"));
        Assert.Contains("colour: blue", await File.ReadAllTextAsync(config, TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Publish_AfterAFileThatFitsAPatternCameOrWent_RendersAnew()
    {
        static string Config(string name) => $"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}}}\n";
        var folder = feed.NewFolder()
            .WriteWeb(spec: ThrowAway.Spec.Replace("var web =", "app.AddManifests(\"k8s/*.yaml\"); var web =", StringComparison.Ordinal))
            .Write("web/k8s/a.yaml", Config("a"));
        (await folder.PublishAsync("web")).Succeeded();

        folder.Write("web/k8s/b's.yaml", Config("b"));
        // As from an archive: older than all that was built.
        File.SetLastWriteTimeUtc(folder.PathOf("web", "k8s", "b's.yaml"), new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        (await folder.PublishAsync("web", "--no-build")).Succeeded();

        Assert.Equal(["configmap-a.yaml", "configmap-b.yaml"], Configs());

        var again = (await folder.PublishAsync("web", "--no-build")).Succeeded();

        Assert.DoesNotContain(again.Lines, line => line.Contains("evaluated for", StringComparison.Ordinal));

        File.Delete(folder.PathOf("web", "k8s", "a.yaml"));
        (await folder.PublishAsync("web", "--no-build")).Succeeded();

        Assert.Equal(["configmap-b.yaml"], Configs());

        IEnumerable<string?> Configs() =>
            Directory.EnumerateFiles(folder.PathOf([.. Bundle, "env", "local"]), "configmap-*").Select(Path.GetFileName).Order(StringComparer.Ordinal);
    }

    [Fact]
    public async Task Publish_WebProjectWithoutSpec_GetsTheDefaultApp()
    {
        var folder = feed.NewFolder().WriteWeb(spec: null);

        (await folder.PublishAsync("web")).Succeeded();

        Assert.True(File.Exists(folder.PathOf([.. Bundle, "env", "local", "service-web.yaml"])));
    }
}
