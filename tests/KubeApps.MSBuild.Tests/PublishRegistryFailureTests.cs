namespace KubeApps.MSBuild.Tests;

/// <summary>A registry that cannot be used, through a whole publish: one error with our code, and nothing built, rendered or deployed.</summary>
public sealed class PublishRegistryFailureTests(PackageFeed feed)
{
    [Fact]
    public async Task Publish_RegistryIsDown_SaysSoBeforeAnythingIsBuilt()
    {
        using var nobody = new ClosedPort();

        var error = (await DeployAsync(feed.NewFolder(), nobody.Host)).OnlyError("KUBEAPP3001");

        Assert.Contains(nobody.Host, error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"r\"\r\nContent-Length: 0\r\n\r\n", "KUBEAPP3002")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 2\r\n\r\nhi", "KUBEAPP3003")]
    [InlineData("220 mail.example.com ESMTP\r\n", "KUBEAPP3003")]
    public async Task Publish_RegistryRefusesOrIsNone_SaysWhatItIs(string answer, string code)
    {
        using var server = new AnsweringServer(answer);

        var error = (await DeployAsync(feed.NewFolder(), server.Host)).OnlyError(code);

        Assert.Contains("web.csproj", error, StringComparison.Ordinal);
    }

    // It lets us in, has nothing, and then breaks off what the SDK asks and sends.
    [Fact]
    public async Task Publish_RegistryAnswersGarbageToTheSdk_GivesTheSdksReasonInOneError()
    {
        using var server = new AnsweringServer(request =>
            request.StartsWith("GET /v2/ ", StringComparison.Ordinal) ? AnsweringServer.Ok("{}", "application/json")
            : request.StartsWith("HEAD ", StringComparison.Ordinal) ? AnsweringServer.NotFound
            : AnsweringServer.Ok("hello", "text/plain"));

        var error = (await DeployAsync(feed.NewFolder(), server.Host, $"<ContainerBaseImage>{server.Host}/base:1</ContainerBaseImage>")).OnlyError("KUBEAPP3011");

        Assert.Contains("web.csproj: ", error, StringComparison.Ordinal);
    }

    private static async Task<BuildResult> DeployAsync(ThrowAway folder, string registry, string properties = "")
    {
        folder.WriteWeb(spec: Failing.SpecWithRegistry(registry), properties: properties).Write("kubeconfig", Failing.Kubeconfig);
        var variables = new Dictionary<string, string?> { ["KUBECONFIG"] = folder.PathOf("kubeconfig"), ["DOCKER_CONFIG"] = folder.PathOf("docker") };

        var result = (await folder.PublishAsync("web", variables, "-p:KubeAppDeploy=true")).Failed();

        Assert.False(Directory.Exists(folder.PathOf("web", "bin", "Release", "net10.0", "kubeapp")));
        return result;
    }
}
