using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using KubeApps.Deploy.Api;
using KubeApps.Deploy.Targets;
using KubeApps.Diagnostics;
using KubeApps.Events;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace KubeApps.Deploy.Tests.Targets;

/// <summary>A server that is reached by another name than its certificate has: behind a tunnel, or a balancer that tells clusters apart by the name.</summary>
public sealed class ServerNameTests : IAsyncLifetime
{
    private const string Name = "cluster-7.example";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("kubeapps-server-name-");
    private readonly TaskCompletionSource<string?> _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly WebApplication _server;
    private readonly string _authority;

    public ServerNameTests()
    {
        using var key = ECDsa.Create();
        var request = new CertificateRequest($"CN={Name}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(Name);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        _authority = Convert.ToBase64String(Encoding.ASCII.GetBytes(certificate.ExportCertificatePem()));
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(options => options.Listen(IPAddress.Loopback, 0, endpoint => endpoint.UseHttps(https =>
            https.ServerCertificateSelector = (_, name) =>
            {
                _asked.TrySetResult(name);
                return certificate;
            })));
        _server = builder.Build();
        _server.Run(context => context.Response.WriteAsync($$"""{"kind":"Namespace","protocol":"{{context.Request.Protocol}}"}"""));
    }

    public async ValueTask InitializeAsync() => await _server.StartAsync(TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task Connect_ByAnotherNameThanTheServers_AsksForItAndHoldsTheCertificateAgainstIt()
    {
        using var connection = await ConnectAsync($"tls-server-name: {Name}");

        var answer = await connection.Client.GetAsync(new ResourceType("", "v1", "Namespace", "namespaces", false), null, "any", TestContext.Current.CancellationToken);

        Assert.Equal((Name, "HTTP/2"), (await _asked.Task, answer?["protocol"]?.GetValue<string>()));
    }

    [Theory]
    [InlineData("")]
    [InlineData("tls-server-name: cluster-8.example")]
    public async Task Connect_WhereTheCertificateHasAnotherName_IsRefused(string entry)
    {
        using var connection = await ConnectAsync(entry);

        var failure = await Assert.ThrowsAsync<DiagnosticException>(() => connection.Client.GetAsync(new ResourceType("", "v1", "Namespace", "namespaces", false), null, "any", TestContext.Current.CancellationToken));

        Assert.Equal("KUBEAPP8004", failure.Diagnostics[0].Code);
    }

    [Fact]
    public async Task Connect_ByAnotherNameAndThroughAProxy_IsRefusedBeforehand()
    {
        var failure = await Assert.ThrowsAsync<DiagnosticException>(() => ConnectAsync($"tls-server-name: {Name}", "proxy-url: http://127.0.0.1:9"));

        Assert.StartsWith("The cluster 'c' has both a tls-server-name and a proxy-url", failure.Diagnostics[0].Cause, StringComparison.Ordinal);
    }

    private Task<ClusterConnection> ConnectAsync(params string[] entries)
    {
        var file = Path.Combine(_folder.FullName, "config");
        File.WriteAllText(file, $$"""
            contexts: [ { name: a, context: { cluster: c } } ]
            clusters:
            - name: c
              cluster:
                server: {{_server.Urls.Single()}}
                certificate-authority-data: {{_authority}}
                {{string.Join("\n    ", entries)}}
            """);
        return KubeconfigTarget.ConnectAsync("a", file, IgnoredEvents.Instance, TimeProvider.System, TestContext.Current.CancellationToken);
    }
}
