using System.ComponentModel;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using KubeApps.Aws.StandIn;

namespace KubeApps.Deploy.Tests.Aws.Moto;

/// <summary>moto, which others wrote to be AWS in tests: what we took AWS for is held against what they did. On a port of its own, where the machine has it.</summary>
/// <seealso href="https://docs.getmoto.org/en/latest/docs/server_mode.html"/>
public sealed class MotoServer : IAsyncLifetime
{
    /// <summary>The account that everything is in there.</summary>
    public const string Account = "123456789012";

    private Process? _process;
    private OtherAws? _aws;

    public OtherAws Aws => _aws ?? throw new InvalidOperationException("moto is not installed.");

    public void RequirePresent() => Assert.SkipWhen(_process is null, "moto is not installed (pip install 'moto[server]').");

    public async ValueTask InitializeAsync()
    {
        var port = FreePort();
        // It knows AWS's own policies only when told to.
        var start = new ProcessStartInfo("moto_server", ["-H", "127.0.0.1", "-p", $"{port}"])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
            Environment = { ["MOTO_IAM_LOAD_MANAGED_POLICIES"] = "true" },
        };
        try
        {
            _process = Process.Start(start)!;
        }
        catch (Win32Exception)
        {
            return;
        }

        // It tells of every request, to nobody.
        _process.BeginErrorReadLine();
        _process.BeginOutputReadLine();
        var endpoint = new Uri($"http://127.0.0.1:{port}/");
        _aws = new OtherAws(endpoint);
        using var http = new HttpClient { BaseAddress = endpoint };
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!await AnswersAsync(http, limit.Token))
        {
            if (_process.HasExited)
            {
                // A shim of a Python that has it not.
                _process.Dispose();
                _process = null;
                return;
            }

            await Task.Delay(50, limit.Token);
        }
    }

    public ValueTask DisposeAsync()
    {
        _aws?.Dispose();
        _process?.Kill(entireProcessTree: true);
        _process?.Dispose();
        return ValueTask.CompletedTask;
    }

    private static async Task<bool> AnswersAsync(HttpClient http, CancellationToken cancellationToken)
    {
        try
        {
            using var answer = await http.GetAsync(new Uri("/moto-api/data.json", UriKind.Relative), cancellationToken);
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
