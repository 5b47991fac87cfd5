using System.Text;
using KubeApps.Deploy.Targets;
using KubeApps.Diagnostics;
using KubeApps.Events;
using Microsoft.Extensions.Time.Testing;

namespace KubeApps.Deploy.Tests.Targets;

public sealed class KubeconfigTests : IDisposable
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("kubeapps-kubeconfig-");
    private readonly FakeTimeProvider _clock = new(Now);
    private readonly EventLog _events = new();

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void Read_OfSeveralFiles_TakesTheFirstOfEachName()
    {
        var first = Write("first", "contexts: [{name: a, context: {cluster: c, user: u}}]\nclusters: [{name: c, cluster: {server: https://one}}]");
        var second = Write("second", "contexts: [{name: b, context: {cluster: c}}]\nclusters: [{name: c, cluster: {server: https://two}}]\nusers: [{name: u, user: {token: t}}]");

        var config = Kubeconfig.Read([first, Path.Combine(_folder.FullName, "absent"), second]);

        Assert.Equal(["a", "b"], config.Contexts);
        var (cluster, user) = config.Find("a");
        Assert.Equal(("https://one", "t"), (cluster.Text("server"), user?.Text("token")));
        Assert.Null(config.Find("b").User);
    }

    [Theory]
    [InlineData("contexts: [", "The kubeconfig cannot be read: ")]
    [InlineData("contexts: [{name: a, context: {cluster: c}}]", "The context 'a' names the cluster 'c', which is not there.")]
    [InlineData("contexts: [{name: a, context: {}}]", "The context 'a' names no cluster.")]
    [InlineData("contexts: [{name: a, context: {cluster: c}}]\nclusters: [{name: c, cluster: {server: nowhere}}]", "The cluster 'c' has no address: 'nowhere'.")]
    [InlineData("contexts: [{name: a, context: {cluster: c}}]\nclusters: [{name: c, cluster: {server: https://s, certificate-authority-data: '%'}}]", "Context 'a': ")]
    [InlineData("contexts: [{name: a, context: {cluster: c}}]\nclusters: [{name: c, cluster: {server: https://s, certificate-authority: absent.crt}}]", "Context 'a': ")]
    [InlineData("contexts: [{name: a, context: {cluster: c, user: u}}]\nclusters: [{name: c, cluster: {server: https://s}}]\nusers: [{name: u, user: {auth-provider: {name: gcp}}}]", "The user 'u' logs in by the provider 'gcp', ")]
    [InlineData("contexts: [{name: a, context: {cluster: c, user: u}}]\nclusters: [{name: c, cluster: {server: https://s}}]\nusers: [{name: u, user: {as: admin}}]", "The user 'u' acts as 'admin', ")]
    public async Task Connect_ToWhatCannotBeUsed_SaysWhichAndWhy(string text, string cause)
    {
        var file = Write("config", text);

        var failure = await Assert.ThrowsAsync<DiagnosticException>(() => KubeconfigTarget.ConnectAsync("a", file, _events, _clock, TestContext.Current.CancellationToken));

        Assert.Equal(("KUBEAPP0014", file), (failure.Diagnostics[0].Code, failure.Diagnostics[0].Place?.File));
        Assert.StartsWith(cause, failure.Diagnostics[0].Cause, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{token: abc}", "Bearer abc")]
    [InlineData("{username: me, password: secret}", "Basic bWU6c2VjcmV0")]
    [InlineData("{auth-provider: {name: oidc, config: {id-token: abc}}}", "Bearer abc")]
    [InlineData("{tokenFile: token}", "Bearer from-file")]
    [InlineData("{}", null)]
    public async Task Authorize_ByWhatTheUserHas_ShowsIt(string user, string? expected)
    {
        Write("token", "from-file\n");

        Assert.Equal(expected, (await User(user).AuthorizeAsync(TestContext.Current.CancellationToken))?.ToString());
    }

    [Fact]
    public async Task LogIn_ByCertificate_ReadsItFromDataOrFromFilesBesideTheKubeconfig()
    {
        Write("me.key", "the key");

        var credential = await User($"{{client-certificate-data: {Convert.ToBase64String(Encoding.UTF8.GetBytes("the certificate"))}, client-key: me.key}}")
            .LogInAsync(TestContext.Current.CancellationToken);

        Assert.Equal(new KubeCredential(null, "the certificate", "the key", null), credential);
    }

    [Fact]
    public async Task Authorize_ByPlugin_AsksAgainOnlyWhenTheTokenEnds()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The plugin of this test is a shell script.");
        Plugin("""
            echo "Open https://login.example.com" >&2
            echo "$NAME $1 $KUBERNETES_EXEC_INFO" >> asked
            echo '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"t'$(wc -l < asked | tr -d ' ')'","expirationTimestamp":"2026-01-01T00:15:00Z"}}'
            """);
        var user = User("{exec: {apiVersion: client.authentication.k8s.io/v1, command: ./plugin, args: [get], env: [{name: NAME, value: x}], provideClusterInfo: true}}");

        List<string?> shown = [];
        foreach (var minutes in (int[])[0, 14, 15])
        {
            _clock.SetUtcNow(Now.AddMinutes(minutes));
            shown.Add((await user.AuthorizeAsync(TestContext.Current.CancellationToken))?.Parameter);
        }

        Assert.Equal(["t1", "t1", "t2"], shown);
        Assert.Contains("Open https://login.example.com", _events.Events.OfType<DeployEvent.Note>().Select(note => note.Text));
        var asked = await File.ReadAllLinesAsync(Path.Combine(_folder.FullName, "asked"), TestContext.Current.CancellationToken);
        Assert.StartsWith("x get {\"apiVersion\":\"client.authentication.k8s.io/v1\",\"kind\":\"ExecCredential\",\"spec\":{\"interactive\":false,\"cluster\":{\"server\":\"https://s\"", asked[0], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("echo 'not logged in' >&2; exit 3", "'./plugin' ended with code 3: not logged in.")]
    [InlineData("echo nonsense", "'./plugin' did not answer with JSON.")]
    [InlineData("echo '{}'", "'./plugin' answered without a status.")]
    [InlineData(null, "'./plugin' cannot be started: ")]
    public async Task LogIn_ByPluginThatFails_SaysHow(string? script, string cause)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The plugin of this test is a shell script.");
        if (script is not null)
            Plugin(script);

        var failure = await Assert.ThrowsAsync<DiagnosticException>(() =>
            User("{exec: {command: ./plugin, installHint: Install it.}}").LogInAsync(TestContext.Current.CancellationToken));

        Assert.Equal("KUBEAPP8006", failure.Diagnostics[0].Code);
        Assert.StartsWith($"The user 'u' of the kubeconfig: {cause}", failure.Diagnostics[0].Cause, StringComparison.Ordinal);
        Assert.Equal(script is null, failure.Diagnostics[0].Cause.EndsWith("Install it.", StringComparison.Ordinal));
    }

    private KubeconfigUser User(string user)
    {
        var file = Write("config", $"contexts: [{{name: a, context: {{cluster: c, user: u}}}}]\nclusters: [{{name: c, cluster: {{server: https://s}}}}]\nusers:\n- name: u\n  user: {user}");
        var (cluster, entry) = Kubeconfig.Read([file]).Find("a");
        return new KubeconfigUser(entry!, cluster, _events, _clock);
    }

    private void Plugin(string script)
    {
        var file = Write("plugin", $"#!/bin/sh\ncd \"$(dirname \"$0\")\"\n{script}\n");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    private string Write(string name, string text)
    {
        var file = Path.Combine(_folder.FullName, name);
        File.WriteAllText(file, text);
        return file;
    }
}
