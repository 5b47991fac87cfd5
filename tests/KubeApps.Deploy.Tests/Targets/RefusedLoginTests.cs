using System.Net;
using System.Text.Json.Nodes;
using KubeApps.Deploy.Api;
using KubeApps.Deploy.Targets;
using KubeApps.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace KubeApps.Deploy.Tests.Targets;

/// <summary>A server that does not accept any more what it accepted a moment ago.</summary>
public sealed class RefusedLoginTests : IAsyncLifetime
{
    // It says nothing of how long its tokens hold.
    private const string Plugin = "exec: {apiVersion: client.authentication.k8s.io/v1, command: ./plugin}";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("kubeapps-refused-login-");
    private readonly WebApplication _server;
    private readonly List<(string Token, string Body)> _requests = [];
    private Func<string, bool> _accepts = _ => true;

    public RefusedLoginTests()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(options => options.Listen(IPAddress.Loopback, 0));
        _server = builder.Build();
        _server.Run(AnswerAsync);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await _server.StartAsync(Token);

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task Request_TokenOfThePluginIsRefused_AsksItAgainAndIsSentAgain()
    {
        using var connection = await ConnectAsync(Plugin);
        await ApplyAsync(connection, "before");
        _accepts = token => token != "t1";

        await ApplyAsync(connection, "after");
        await ApplyAsync(connection, "later");

        Assert.Equal(["t1", "t1", "t2", "t2"], _requests.Select(request => request.Token));
        Assert.All(_requests.Zip(["before", "after", "after", "later"]), request => Assert.Contains(request.Second, request.First.Body, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Requests_AreRefusedAtOnce_AskThePluginOnceTogether()
    {
        using var connection = await ConnectAsync(Plugin);
        _accepts = token => token != "t1";

        await Task.WhenAll(Enumerable.Range(0, 12).Select(number => ApplyAsync(connection, $"{number}")));

        Assert.Equal(12, _requests.Count(request => request.Token == "t2"));
        Assert.DoesNotContain(_requests, request => request.Token == "t3");
    }

    [Fact]
    public async Task Request_NextTokenIsRefusedToo_IsADiagnostic()
    {
        using var connection = await ConnectAsync(Plugin);
        _accepts = _ => false;

        var failure = await Assert.ThrowsAsync<DiagnosticException>(() => ApplyAsync(connection, "a"));

        Assert.Equal("KUBEAPP8002", failure.Diagnostics[0].Code);
        Assert.Equal(["t1", "t2"], _requests.Select(request => request.Token));
    }

    [Fact]
    public async Task Request_TokenOfTheFileIsRefused_IsADiagnosticAtOnce()
    {
        using var connection = await ConnectAsync("token: t1");
        _accepts = _ => false;

        var failure = await Assert.ThrowsAsync<DiagnosticException>(() => ApplyAsync(connection, "a"));

        Assert.Equal("KUBEAPP8002", failure.Diagnostics[0].Code);
        Assert.Single(_requests);
    }

    private static Task ApplyAsync(ClusterConnection connection, string name) => connection.Client.ApplyAsync(
        ResourceType.ConfigMap, (JsonObject)JsonNode.Parse($$"""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"{{name}}","namespace":"shop"} }""")!, dryRun: false, Token);

    private async Task<ClusterConnection> ConnectAsync(string user)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The plugin of this test is a shell script.");
        Write("plugin", """
            #!/bin/sh
            cd "$(dirname "$0")"
            echo asked >> asked
            echo '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"t'$(wc -l < asked | tr -d ' ')'"}}'
            """);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(Path.Combine(_folder.FullName, "plugin"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var config = Write("config", $$"""
            contexts: [ { name: a, context: { cluster: c, user: u } } ]
            clusters: [ { name: c, cluster: { server: '{{_server.Urls.Single()}}' } } ]
            users:
            - name: u
              user: { {{user}} }
            """);
        return await KubeconfigTarget.ConnectAsync("a", config, new EventLog(), TimeProvider.System, Token);
    }

    private string Write(string name, string text)
    {
        var file = Path.Combine(_folder.FullName, name);
        File.WriteAllText(file, text + "\n");
        return file;
    }

    private async Task AnswerAsync(HttpContext context)
    {
        var token = context.Request.Headers.Authorization.ToString().Split(' ')[^1];
        using var reader = new StreamReader(context.Request.Body);
        var body = await reader.ReadToEndAsync(context.RequestAborted);
        lock (_requests)
            _requests.Add((token, body));
        var isAccepted = _accepts(token);
        context.Response.StatusCode = isAccepted ? 200 : 401;
        await context.Response.WriteAsync(isAccepted ? body : """{"kind":"Status","status":"Failure","message":"Unauthorized","reason":"Unauthorized","code":401}""", context.RequestAborted);
    }
}
