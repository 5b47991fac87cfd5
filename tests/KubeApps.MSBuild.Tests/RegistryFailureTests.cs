using KubeApps.Deploy.Images;
using KubeApps.Diagnostics;

namespace KubeApps.MSBuild.Tests;

/// <summary>A registry that is down, refuses or is none: one diagnostic, before anything is built.</summary>
public sealed class RegistryFailureTests
{
    [Fact]
    public async Task Check_NobodyListens_SaysUnreachable()
    {
        using var nobody = new ClosedPort();

        Assert.Equal("KUBEAPP3001", await CheckAsync(nobody.Host));
    }

    [Theory]
    [InlineData("HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"r\"\r\nContent-Length: 0\r\n\r\n", "KUBEAPP3002")]
    [InlineData("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n", "KUBEAPP3002")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 2\r\n\r\nhi", "KUBEAPP3003")]
    [InlineData("HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n", "KUBEAPP3003")]
    [InlineData("220 mail.example.com ESMTP\r\n", "KUBEAPP3003")]
    public async Task Check_NotAUsableRegistry_SaysWhatItIs(string answer, string code)
    {
        using var server = new AnsweringServer(answer);

        Assert.Equal(code, await CheckAsync(server.Host));
    }

    [Fact]
    public async Task Check_NeverAnswers_EndsAtTheLimit()
    {
        using var server = new AnsweringServer((string?)null);

        Assert.Equal("KUBEAPP3001", await CheckAsync(server.Host));
    }

    [Fact]
    public async Task Find_ManifestIsGarbage_SaysItIsNoRegistry()
    {
        using var server = new AnsweringServer("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 0\r\n\r\n");
        using var client = Client(server.Host);

        var failure = await Assert.ThrowsAsync<DiagnosticException>(() => client.FindAsync("shop/web", "tag", TestContext.Current.CancellationToken));

        Assert.Equal("KUBEAPP3003", failure.Diagnostics[0].Code);
    }

    [Fact]
    public async Task Check_BasicCredentialsInDockersConfiguration_AreSent()
    {
        using var server = new AnsweringServer(request => request.Contains("Authorization: Basic dXNlcjpzZWNyZXQ=", StringComparison.OrdinalIgnoreCase)
            ? "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
            : "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"r\"\r\nContent-Length: 0\r\n\r\n");
        var folder = Directory.CreateTempSubdirectory("kubeapps-docker-");
        var config = """{"auths":{"HOST":{"auth":"dXNlcjpzZWNyZXQ="}}}""".Replace("HOST", server.Host, StringComparison.Ordinal);
        await File.WriteAllTextAsync(Path.Combine(folder.FullName, "config.json"), config, TestContext.Current.CancellationToken);
        using var client = new RegistryClient(
            ImageRegistry.Parse(server.Host), name => name == "DOCKER_CONFIG" ? folder.FullName : null, TimeSpan.FromSeconds(20));

        await client.CheckAsync(TestContext.Current.CancellationToken);
        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task Find_TwoRequestsRefusedAtOnce_BothGoOnWithTheCredentials()
    {
        using var bothAsked = new Barrier(2);
        using var server = new AnsweringServer(request =>
        {
            if (request.Contains("Authorization: Basic", StringComparison.OrdinalIgnoreCase))
                return "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n";
            bothAsked.SignalAndWait(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
            return "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"r\"\r\nContent-Length: 0\r\n\r\n";
        });
        using var client = new RegistryClient(
            ImageRegistry.Parse(server.Host, new RegistryCredentials("user", "secret")), _ => null, TimeSpan.FromSeconds(30));

        var digests = await Task.WhenAll(
            client.FindAsync("shop/base", "1", TestContext.Current.CancellationToken), client.FindAsync("shop/base", "1", TestContext.Current.CancellationToken));

        Assert.Equal([null, null], digests);
    }

    private static RegistryClient Client(string host) =>
        new(ImageRegistry.Parse(host), name => name == "DOCKER_CONFIG" ? "/nowhere" : null, TimeSpan.FromSeconds(3));

    private static async Task<string> CheckAsync(string host)
    {
        using var client = Client(host);
        var failure = await Assert.ThrowsAsync<DiagnosticException>(() => client.CheckAsync(TestContext.Current.CancellationToken));
        Assert.Contains(host, failure.Diagnostics[0].Cause, StringComparison.Ordinal);
        return failure.Diagnostics[0].Code;
    }
}
