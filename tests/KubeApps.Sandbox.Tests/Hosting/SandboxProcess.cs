using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace KubeApps.Sandbox.Tests.Hosting;

/// <summary>The sandbox as it is in life: a process, which can be killed.</summary>
internal sealed class SandboxProcess : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private Process? _process;

    public string Home { get; } = Directory.CreateTempSubdirectory("kubeapps-test-").FullName;

    public string Registry => (string)Endpoint["registry"]!;

    public string Kubeconfig => (string)Endpoint["kubeconfig"]!;

    public string Token => (string)Endpoint["token"]!;

    private string EndpointFile => Path.Combine(Home, "sandbox", "endpoint.json");

    private JsonNode Endpoint => JsonNode.Parse(File.ReadAllBytes(EndpointFile))!;

    public async Task StartAsync()
    {
        var program = Path.Combine(AppContext.BaseDirectory, "kubeapps-sandbox.dll");
        if (File.Exists(EndpointFile))
            File.Delete(EndpointFile);
        _process = Process.Start(new ProcessStartInfo("dotnet", [program, "run", "--home", Home, "--api-port", "0", "--registry-port", "0"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        await UntilAsync(() => File.Exists(EndpointFile), "the sandbox is ready");
    }

    /// <summary>As the kernel would, out of memory.</summary>
    public async Task KillAsync()
    {
        _process!.Kill();
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken);
    }

    public async Task StopAsync()
    {
        using var stop = Process.Start("kill", ["-TERM", _process!.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(Limit, TestContext.Current.CancellationToken);
    }

    public Task<string> KubectlAsync(params string[] arguments) => Command.RunAsync("kubectl", ["--kubeconfig", Kubeconfig, .. arguments]);

    public async Task ApplyAsync(string manifest)
    {
        var file = Path.Combine(Home, "manifest.yaml");
        await File.WriteAllTextAsync(file, manifest, TestContext.Current.CancellationToken);
        await KubectlAsync("apply", "--server-side", "--validate=ignore", "-f", file);
    }

    public HttpClient RegistryClient() => new(new SocketsHttpHandler { UseProxy = false })
    {
        BaseAddress = new Uri($"http://{Registry}"),
        DefaultRequestHeaders =
        {
            Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"kubeapps:{Token}"))),
        },
    };

    /// <summary>Processes whose command line names a file under this home.</summary>
    public int CountPodProcesses() => Directory.EnumerateDirectories("/proc")
        .Where(folder => int.TryParse(Path.GetFileName(folder), out var pid) && pid != _process?.Id)
        .Count(folder =>
        {
            try
            {
                return File.ReadAllText(Path.Combine(folder, "cmdline")).Contains(Path.Combine(Home, "sandbox", "pods"), StringComparison.Ordinal);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                return false; // Ended meanwhile.
            }
        });

    public static async Task UntilAsync(Func<bool> condition, string what)
    {
        var began = Stopwatch.GetTimestamp();
        while (!condition())
        {
            if (Stopwatch.GetElapsedTime(began) > Limit)
                throw new TimeoutException($"It did not come to this: {what}.");
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is { HasExited: false })
            await StopAsync();
        _process?.Dispose();
        Directory.Delete(Home, recursive: true);
    }
}
