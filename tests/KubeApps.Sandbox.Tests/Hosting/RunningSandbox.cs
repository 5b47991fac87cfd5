using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using KubeApps.Sandbox.Hosting;

namespace KubeApps.Sandbox.Tests.Hosting;

/// <summary>A sandbox in this process, on free ports, in a folder of its own that goes away with it.</summary>
public sealed class RunningSandbox : IAsyncLifetime
{
    private CancellationTokenSource _stop = new();
    private Task _run = Task.CompletedTask;

    internal string Home { get; } = Directory.CreateTempSubdirectory("kubeapps-test-").FullName;

    internal EndpointFile Endpoint { get; private set; } = null!;

    /// <summary>Logged in.</summary>
    internal HttpClient Registry { get; private set; } = null!;

    /// <summary>Logged in.</summary>
    internal HttpClient Api { get; private set; } = null!;

    internal string Content => Path.Combine(Home, "sandbox", "registry");

    public async ValueTask InitializeAsync() => await StartAsync();

    internal async Task StartAsync()
    {
        var ready = new TaskCompletionSource<EndpointFile>(TaskCreationOptions.RunContinuationsAsynchronously);
        var host = new SandboxHost(new SandboxOptions(Home, 0, 0), SandboxHome.At(Home), TimeProvider.System);
        _run = Task.Run(() => host.RunAsync(ready.SetResult, _stop.Token));
        await await Task.WhenAny(ready.Task, _run).WaitAsync(TimeSpan.FromSeconds(30));
        Endpoint = await ready.Task;
        Registry = RegistryClient(new AuthenticationHeaderValue(
            "Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{Gate.RegistryUser}:{Endpoint.Token}"))));
        Api = ApiClient(new AuthenticationHeaderValue("Bearer", Endpoint.Token));
    }

    internal HttpClient RegistryClient(AuthenticationHeaderValue? login) => new(new SocketsHttpHandler { UseProxy = false })
    {
        BaseAddress = new Uri($"http://{Endpoint.Registry}"),
        DefaultRequestHeaders = { Authorization = login },
    };

    internal HttpClient ApiClient(AuthenticationHeaderValue? login, bool underAnyName = false)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.Add(X509CertificateLoader.LoadCertificateFromFile(Endpoint.CaCertificate));
        var handler = new SocketsHttpHandler { UseProxy = false };
        handler.SslOptions.CertificateChainPolicy = policy;
        if (underAnyName)
            handler.SslOptions.RemoteCertificateValidationCallback = (_, _, _, errors) => errors is SslPolicyErrors.None or SslPolicyErrors.RemoteCertificateNameMismatch;
        return new HttpClient(handler)
        {
            BaseAddress = new Uri(Endpoint.ApiServer),
            DefaultRequestHeaders = { Authorization = login },
        };
    }

    internal async Task StopAsync()
    {
        await _stop.CancelAsync();
        await EndedAsync();
        Registry.Dispose();
        Api.Dispose();
        _stop.Dispose();
        _stop = new CancellationTokenSource();
    }

    internal async Task RestartAsync()
    {
        await StopAsync();
        await StartAsync();
    }

    /// <summary>Waits for the end after somebody asked for it.</summary>
    internal Task EndedAsync() => _run.WaitAsync(TimeSpan.FromSeconds(30));

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _stop.Dispose();
        Directory.Delete(Home, recursive: true);
    }
}
