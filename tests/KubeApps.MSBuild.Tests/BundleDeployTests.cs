using System.Text.Json.Nodes;
using KubeApps.Bundles;

namespace KubeApps.MSBuild.Tests;

/// <summary>Built once, deployed many times: one push, and the same bytes in every environment.</summary>
public sealed class BundleDeployTests(PackageFeed feed, SandboxHome sandbox, GuardedRegistry guarded) : IClassFixture<SandboxHome>, IClassFixture<GuardedRegistry>
{
    private static string Spec => ThrowAway.Spec.Replace(
        "public override void Define",
        """
        public override IReadOnlyList<DeployEnvironment> Environments =>
            [new("local"), new("preview"), new("prod", Target.Context("prod").WithRegistry("registry.example.com/team"))];

            public override void Define
        """,
        StringComparison.Ordinal).Replace(
        "var web =",
        """
        if (app.Environment.Is("preview"))
                    app.Add(new Deployment("worker")).Containers.Add(new Container("worker", Image.Project("../worker/worker.csproj")));
                var web =
        """,
        StringComparison.Ordinal);

    [Fact]
    public async Task Push_OfSeveralEnvironments_IsDeployedToEachByItsDigestWithTheSameImages()
    {
        var folder = feed.NewFolder().WriteWeb("many", Spec)
            .WriteProject("worker/worker.csproj", "Microsoft.NET.Sdk", "<OutputType>Exe</OutputType>", withPackage: false)
            .Write("worker/Program.cs", "Thread.Sleep(-1);");

        var pushed = (await PushAsync(folder, "many")).Succeeded();

        var reference = ReferenceIn(pushed);
        Assert.Contains("The environment 'prod' is not in this bundle: its images go to registry.example.com/team.", pushed.Text, StringComparison.Ordinal);
        Assert.Contains("The bundle has no tag of a commit: its commit is not known.", pushed.Text, StringComparison.Ordinal);
        var bundle = BundleFiles.Read(folder.PathOf("many", "bin", "Release", "net10.0", "kubeapp"));
        Assert.Equal(["local", "preview"], bundle.Environments.Select(environment => environment.Name));

        // Nothing is left of what was built: all comes from the registry.
        Directory.Delete(folder.PathOf("many"), recursive: true);
        var local = await DeployAsync(reference, "local");
        var preview = await DeployAsync(reference, "preview", "-n", "elsewhere");
        Assert.Equal((("many-local", reference), ("elsewhere", reference)), (Told(local), Told(preview)));
        Assert.Equal(["many", "worker"], bundle.Images.Keys.Order(StringComparer.Ordinal));
        var image = bundle.Images["many"].Reference;
        Assert.Equal((image, image), (await ImageAsync("-n", "many-local"), await ImageAsync("-n", "elsewhere")));

        var (exit, plan) = await ToolAsync("plan", "--bundle", reference, "--detailed-exitcode", "-o", "json");
        Assert.Equal((0, false), (exit, (bool?)plan["differences"]));
        Assert.Equal("many", (string?)(await ToolAsync("render", "--bundle", reference, "-o", "json")).Json["app"]);
        Assert.Contains("KUBEAPP0010", (await sandbox.RunToolAsync("deploy", "--bundle", reference, "-e", "prod")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Push_ToARegistryWithALogin_ServesAllThatPullFromThereAndIsReadWithDockersConfiguration()
    {
        guarded.RequirePresent();
        var environments = $$"""
            public override IReadOnlyList<DeployEnvironment> Environments =>
                    [new("local"), new("staging", Target.Context("staging").WithRegistry("{{guarded.Host}}/team")), new("prod", Target.Context("prod"))];

                public override void Define
            """;
        var folder = feed.NewFolder().WriteWeb(
            "guarded", ThrowAway.Spec.Replace("public override void Define", environments, StringComparison.Ordinal),
            properties: $"<ContainerBaseImage>{guarded.Host}/{Registry.BaseImage.Path}:{Registry.BaseImage.Tag}</ContainerBaseImage>");
        folder.Write("docker/config.json", $$$"""{"auths":{"{{{guarded.Host}}}":{"auth":"{{{GuardedRegistry.Encoded}}}"} } }""");
        KeyValuePair<string, string?> login = new("DOCKER_CONFIG", folder.PathOf("docker")), none = new("DOCKER_CONFIG", folder.PathOf("nowhere"));

        var pushed = await folder.PublishAsync(
            "guarded", new Dictionary<string, string?>([.. sandbox.Variables, login]), "-p:KubeAppPush=true", "-p:KubeAppEnvironment=staging");

        var reference = ReferenceIn(pushed.Succeeded());
        Assert.StartsWith($"oci://{guarded.Host}/team/guarded@sha256:", reference, StringComparison.Ordinal);
        Assert.Contains("The environment 'local' is not in this bundle: its images go to the sandbox's own registry.", pushed.Text, StringComparison.Ordinal);
        var refused = await sandbox.RunToolAsync([none], ["render", "--bundle", reference, "-e", "prod"]);
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("error KUBEAPP3002:", refused.Text, StringComparison.Ordinal);
        List<string> images = [];
        foreach (var environment in (string[])["staging", "prod"])
        {
            var rendered = await sandbox.RunToolAsync([login], ["render", "--bundle", reference, "-e", environment]);
            images.Add(Assert.Single(rendered.Lines, line => line.Contains("image: ", StringComparison.Ordinal)).Trim());
        }

        Assert.Matches($"^image: {guarded.Host}/team/guarded/guarded@sha256:[0-9a-f]{{64}}$", images[0]);
        Assert.Equal(images[0], images[1]);
    }

    [Fact]
    public async Task Push_Again_SendsNothingAndPrintsTheSameReferenceForPrograms()
    {
        var folder = feed.NewFolder().WriteWeb("again");
        var first = ReferenceIn((await PushAsync(folder, "again")).Succeeded());

        var again = await PushAsync(folder, "again", "-getProperty:KubeAppBundleReference");

        Assert.Equal((0, first), (again.ExitCode, again.Text.Trim()));
        Assert.Contains("Bundle: the registry has it.", (await PushAsync(folder, "again")).Succeeded().Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("oci://localhost:1/shop@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 1, "KUBEAPP3001")]
    [InlineData("oci://localhost:1/shop", 64, "KUBEAPP0016")]
    [InlineData("oci://localhost:1/Shop:1", 64, "KUBEAPP0016")]
    [InlineData("oci://SANDBOX/shop:1", 1, "KUBEAPP3030")]
    [InlineData("oci://SANDBOX/kubeapps/host-runtime:10.0", 1, "KUBEAPP3031")]
    public async Task Deploy_OfWhatIsNoBundleThere_SaysSo(string reference, int exit, string code)
    {
        await sandbox.RunToolAsync("sandbox", "start");
        var (_, status) = await ToolAsync("sandbox", "status", "-o", "json");

        var run = await sandbox.RunToolAsync("deploy", "--bundle", reference.Replace("SANDBOX", (string)status["registry"]!, StringComparison.Ordinal));

        Assert.Equal(exit, run.ExitCode);
        Assert.Contains($"error {code}:", run.Text, StringComparison.Ordinal);
    }

    private Task<BuildResult> PushAsync(ThrowAway folder, string project, params string[] arguments) =>
        folder.PublishAsync(project, sandbox.Variables, ["-p:KubeAppPush=true", .. arguments]);

    private static string ReferenceIn(BuildResult pushed)
    {
        var line = Assert.Single(pushed.Lines, line => line.Contains(" -> oci://", StringComparison.Ordinal));
        return line[line.IndexOf("oci://", StringComparison.Ordinal)..].Trim();
    }

    private static (string?, string?) Told(JsonNode result) => ((string?)result["namespace"], (string?)result["bundle"]);

    private async Task<JsonNode> DeployAsync(string reference, string environment, params string[] arguments)
    {
        var (exit, result) = await ToolAsync(["deploy", "--bundle", reference, "-e", environment, "-o", "jsonl", .. arguments]);
        Assert.Equal((0, "deployed"), (exit, (string?)result["outcome"]));
        return result;
    }

    private async Task<string?> ImageAsync(params string[] arguments) =>
        (string?)(await ToolAsync(["status", "many", .. arguments, "-o", "json"])).Json["workloads"]!.AsArray().Single(item => (string?)item!["name"] == "web")!["images"]![0];

    /// <summary>The last document that a command wrote; narrative may stand before it.</summary>
    private async Task<(int Exit, JsonNode Json)> ToolAsync(params string[] arguments)
    {
        var run = await sandbox.RunToolAsync(arguments);
        var start = run.Lines.Select((line, index) => (line, index)).LastOrDefault(item => item.line is "{" || item.line.StartsWith("{\"", StringComparison.Ordinal)).index;
        Assert.True(run.Text.Contains('{', StringComparison.Ordinal), run.Text);
        return (run.ExitCode, JsonNode.Parse(string.Join('\n', run.Lines.Skip(start).TakeWhile((line, index) => index == 0 || line.Length > 0)))!);
    }
}
