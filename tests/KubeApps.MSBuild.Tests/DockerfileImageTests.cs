namespace KubeApps.MSBuild.Tests;

/// <summary>Images of Dockerfiles, through a whole publish to the sandbox, with the real builders.</summary>
public sealed class DockerfileImageTests(PackageFeed feed, SandboxHome sandbox) : IClassFixture<SandboxHome>
{
    private const string Dockerfile = """
        FROM scratch
        COPY hello.txt /
        CMD ["/hello"]
        """;

    // Nothing of it runs: what a Linux image holds is not what the sandbox is about.
    internal const string Spec = """
        using KubeApps;

        public sealed class Web : KubeApp
        {
            public override void Define(KubeAppModel app)
            {
                app.Add(new Deployment("web") { Replicas = 0 }).Containers.Add(new Container("web", Image.Dockerfile("docker/Dockerfile")));
            }
        }
        """;

    [Theory]
    [InlineData("podman")]
    [InlineData("buildah")]
    public async Task Publish_DockerfileImage_IsBuiltAndPushedOnceAndNamedByDigest(string builder)
    {
        var folder = feed.NewFolder().WriteWeb(spec: Spec)
            .Write("web/docker/Dockerfile", Dockerfile).Write("web/docker/hello.txt", $"built by {builder}");
        var variables = With(folder, builder);

        var first = (await folder.PublishAsync("web", variables, "-p:KubeAppDeploy=true")).Succeeded();
        Assert.Contains($"Building docker/Dockerfile for linux/amd64 with {builder}.", first.Text, StringComparison.Ordinal);
        Assert.Contains("@sha256:", folder.Read("web", "bin", "Release", "net10.0", "kubeapp", "env", "local", "deployment-web.yaml"), StringComparison.Ordinal);

        var again = (await folder.PublishAsync("web", variables, "-p:KubeAppDeploy=true")).Succeeded();
        Assert.Contains("the registry has it", again.Text, StringComparison.Ordinal);
        Assert.Contains("nothing to do", again.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Publish_TwoDockerfilesFail_GivesAnErrorForEachWithItsFile()
    {
        var folder = feed.NewFolder()
            .WriteWeb(spec: Spec.Replace(
                "app.Add(", "app.Add(new Deployment(\"other\") { Replicas = 0 }).Containers.Add(new Container(\"other\", Image.Dockerfile(\"other/Dockerfile\"))); app.Add(", StringComparison.Ordinal))
            .Write("web/docker/Dockerfile", Dockerfile).Write("web/other/Dockerfile", "FROM scratch\nCOPY nothing.txt /\n");

        var errors = (await folder.PublishAsync("web", With(folder, "podman", "buildah"), "-p:KubeAppDeploy=true")).Failed().Errors
            .Where(error => error.Contains("error KUBEAPP", StringComparison.Ordinal)).ToList();

        Assert.Equal(2, errors.Count);
        foreach (var (name, missing) in (ReadOnlySpan<(string, string)>)[("docker", "hello.txt"), ("other", "nothing.txt")])
            Assert.Contains(errors, error => error.StartsWith(folder.PathOf("web", name, "Dockerfile"), StringComparison.Ordinal)
                && error.Contains("error KUBEAPP3022:", StringComparison.Ordinal) && error.Contains(missing, StringComparison.Ordinal));
        Assert.False(Directory.Exists(folder.PathOf("web", "bin", "Release", "net10.0", "kubeapp")));
    }

    [Fact]
    public async Task Publish_DockerfileIsMissing_NamesIt()
    {
        var folder = feed.NewFolder().WriteWeb(spec: Spec).Write("web/docker/hello.txt", "");

        var error = (await folder.PublishAsync("web", sandbox.Variables, "-p:KubeAppDeploy=true")).Failed().OnlyError("KUBEAPP1014");

        Assert.StartsWith(folder.PathOf("web", "KubeApp.cs") + "(7", error, StringComparison.Ordinal);
        Assert.Contains("docker/Dockerfile", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Publish_NothingCanBuildADockerfile_SaysWhatWasLookedFor()
    {
        var folder = feed.NewFolder().WriteWeb(spec: Spec).Write("web/docker/Dockerfile", Dockerfile);
        var variables = new Dictionary<string, string?>(sandbox.Variables) { ["PATH"] = Directory.CreateDirectory(folder.PathOf("bin")).FullName };

        var error = (await folder.PublishAsync("web", variables, "-p:KubeAppDeploy=true")).Failed().OnlyError("KUBEAPP3021");

        Assert.Contains("docker is not there, podman is not there, buildah is not there", error, StringComparison.Ordinal);
    }

    // A PATH with these alone decides which one is found.
    private Dictionary<string, string?> With(ThrowAway folder, params string[] builders)
    {
        var bin = Directory.CreateDirectory(folder.PathOf("bin")).FullName;
        var found = 0;
        foreach (var program in (string[])[.. builders, "runc", "crun", "conmon"])
            if ((Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Select(part => Path.Combine(part, program)).FirstOrDefault(File.Exists) is { } file)
            {
                File.CreateSymbolicLink(Path.Combine(bin, program), file);
                found += builders.Contains(program) ? 1 : 0;
            }

        Assert.SkipWhen(found == 0, $"{string.Join(" or ", builders)} is not installed (apt-get install {builders[0]}).");
        return new Dictionary<string, string?>(sandbox.Variables) { ["PATH"] = bin };
    }
}
