using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using KubeApps.Sandbox.Hosting;
using KubeApps.Sandbox.Tests.Registry;

namespace KubeApps.Sandbox.Tests.Hosting;

public class SandboxHostTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Restart_KeepsTokenCertificatePortsAndImages()
    {
        await using var sandbox = new RunningSandbox();
        await sandbox.StartAsync();
        var (digest, _) = await sandbox.Registry.PushImageAsync("app", "v1");
        var before = sandbox.Endpoint;
        var authority = await File.ReadAllTextAsync(before.CaCertificate, Token);

        await sandbox.RestartAsync();

        Assert.Equal(before with { Pid = sandbox.Endpoint.Pid }, sandbox.Endpoint);
        Assert.Equal(authority, await File.ReadAllTextAsync(before.CaCertificate, Token));
        using var pulled = await sandbox.Registry.GetAsync("/v2/app/manifests/v1", Token);
        Assert.Equal(digest, pulled.Headers.GetValues("Docker-Content-Digest").Single());
    }

    [Fact]
    public async Task Stop_AskedForOverTheApi_EndsItAndTakesTheEndpointBack()
    {
        await using var sandbox = new RunningSandbox();
        await sandbox.StartAsync();

        using var response = await sandbox.Api.PostAsync("/sandbox/stop", null, Token);
        await sandbox.EndedAsync();

        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        Assert.False(File.Exists(Path.Combine(sandbox.Home, "sandbox", "endpoint.json")));
    }

    [Fact]
    public async Task Start_WhereOneRuns_SaysWhoHoldsTheHome()
    {
        await using var sandbox = new RunningSandbox();
        await sandbox.StartAsync();
        var second = new SandboxHost(new SandboxOptions(sandbox.Home, 0, 0), SandboxHome.At(sandbox.Home), TimeProvider.System);

        var refused = await Assert.ThrowsAsync<SandboxException>(() => second.RunAsync(_ => { }, Token));

        Assert.Equal("already-running", refused.Reason);
        Assert.Contains($"process {Environment.ProcessId}", refused.Message, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(sandbox.Home, "sandbox", "endpoint.json")));
    }

    [Theory]
    [InlineData(true, SandboxOptions.ApiPortVariable)]
    [InlineData(false, SandboxOptions.RegistryPortVariable)]
    public async Task Start_OnAPortThatIsTaken_NamesItAndHowToChangeIt(bool api, string variable)
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var port = ((IPEndPoint)other.LocalEndpoint).Port;
        var home = Directory.CreateTempSubdirectory("kubeapps-test-").FullName;
        var host = new SandboxHost(new SandboxOptions(home, api ? port : 0, api ? 0 : port), SandboxHome.At(home), TimeProvider.System);

        var refused = await Assert.ThrowsAsync<SandboxException>(() => host.RunAsync(_ => { }, Token));

        Assert.Equal("port-taken", refused.Reason);
        Assert.Contains($"127.0.0.1:{port}", refused.Message, StringComparison.Ordinal);
        Assert.Contains(variable, refused.Message, StringComparison.Ordinal);
        Directory.Delete(home, recursive: true);
    }

    [Fact]
    public async Task Listeners_AreOnLoopbackAlone()
    {
        await using var sandbox = new RunningSandbox();
        await sandbox.StartAsync();
        int[] ports = [new Uri(sandbox.Endpoint.ApiServer).Port, new Uri($"http://{sandbox.Endpoint.Registry}").Port];

        var listening = IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners().Where(endpoint => ports.Contains(endpoint.Port));

        Assert.Equal(ports.Order().Select(port => new IPEndPoint(IPAddress.Loopback, port)), listening.OrderBy(endpoint => endpoint.Port));
    }

    [Fact]
    public async Task AnyPort_WhoseLastChoiceIsTakenNow_TakesAnother()
    {
        await using var sandbox = new RunningSandbox();
        await sandbox.StartAsync();
        var before = new Uri(sandbox.Endpoint.ApiServer).Port;
        await sandbox.StopAsync();
        using var other = new TcpListener(IPAddress.Loopback, before);
        other.Start();

        await sandbox.StartAsync();

        Assert.NotEqual(before, new Uri(sandbox.Endpoint.ApiServer).Port);
    }

    [Fact]
    public async Task Files_ThatHoldSecrets_AreTheOwnersAlone()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("Windows has no file modes; the user's profile folder protects them there.");
            return;
        }

        await using var sandbox = new RunningSandbox();
        await sandbox.StartAsync();
        var root = Path.Combine(sandbox.Home, "sandbox");

        foreach (var file in new[] { "endpoint.json", "kubeconfig", "identity/token", "identity/server.key", "logs/sandbox.log" })
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(root, file)));
        Assert.Equal(
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute,
            File.GetUnixFileMode(root));
    }

    [Fact]
    public async Task Log_HoldsJsonLinesAndNoToken()
    {
        await using var sandbox = new RunningSandbox();
        await sandbox.StartAsync();
        await sandbox.Registry.PushImageAsync("logged/app", "v1");
        await sandbox.StopAsync();

        var lines = await File.ReadAllLinesAsync(Path.Combine(sandbox.Home, "sandbox", "logs", "sandbox.log"), Token);

        Assert.Contains(lines, line => ((string)JsonNode.Parse(line)!["message"]!).Contains("logged/app:v1", StringComparison.Ordinal));
        Assert.DoesNotContain(lines, line => line.Contains(sandbox.Endpoint.Token, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Kubeconfig_IsWhatKubectlNeeds()
    {
        await using var sandbox = new RunningSandbox();
        await sandbox.StartAsync();

        var output = await Command.RunAsync(
            "kubectl", ["--kubeconfig", sandbox.Endpoint.Kubeconfig, "--context", "kubeapps-sandbox", "get", "--raw", "/readyz"]);

        Assert.Equal("ok", output.Trim());
    }

    [Fact]
    public async Task Certificate_ThatExpiresSoon_IsMadeAnew()
    {
        await using var sandbox = new RunningSandbox();
        await sandbox.StartAsync();
        await sandbox.StopAsync();
        var home = SandboxHome.At(sandbox.Home);
        using var now = SandboxIdentity.LoadOrCreate(home, TimeProvider.System);

        using var later = SandboxIdentity.LoadOrCreate(home, new ShiftedClock(TimeSpan.FromDays(340)));

        Assert.NotEqual(now.Certificate.Thumbprint, later.Certificate.Thumbprint);
        Assert.Equal(now.Token, later.Token);
    }

    private sealed class ShiftedClock(TimeSpan by) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => DateTimeOffset.UtcNow + by;
    }
}
