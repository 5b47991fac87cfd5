using System.ComponentModel;
using System.Diagnostics;
using System.Text.RegularExpressions;
using KubeApps.Aws.StandIn;

namespace KubeApps.Deploy.Tests.Aws.Moto;

/// <summary>moto, which others wrote to be AWS in tests: what we took AWS for is held against what they did. On a port of its own, where the machine has it.</summary>
/// <seealso href="https://docs.getmoto.org/en/latest/docs/server_mode.html"/>
public sealed partial class MotoServer : IAsyncLifetime
{
    /// <summary>The account that everything is in there.</summary>
    public const string Account = "123456789012";

    private Process? _process;
    private OtherAws? _aws;

    public OtherAws Aws => _aws ?? throw new InvalidOperationException("moto is not installed.");

    public void RequirePresent() => Assert.SkipWhen(_process is null, "moto is not installed (pip install 'moto[server]').");

    public async ValueTask InitializeAsync()
    {
        // It knows AWS's own policies only when told to.
        var start = new ProcessStartInfo("moto_server", ["-H", "127.0.0.1", "-p", "0"])
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

        if (await AddressAsync(_process) is not { } endpoint)
        {
            // A shim of a Python that has it not.
            _process.Dispose();
            _process = null;
            return;
        }

        _aws = new OtherAws(endpoint);
        using var http = new HttpClient { BaseAddress = endpoint };
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!await AnswersAsync(http, limit.Token))
            await Task.Delay(50, limit.Token);
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

    // A port that was looked for beforehand may be another's by the time that it is listened at. Null: it ended before.
    private static Task<Uri?> AddressAsync(Process moto)
    {
        var listening = new TaskCompletionSource<Uri?>(TaskCreationOptions.RunContinuationsAsynchronously);
        // It tells of every request, and would wait for a reader.
        moto.ErrorDataReceived += (_, line) => Look(line.Data);
        moto.OutputDataReceived += (_, line) => Look(line.Data);
        moto.EnableRaisingEvents = true;
        moto.Exited += (_, _) => listening.TrySetResult(null);
        moto.BeginErrorReadLine();
        moto.BeginOutputReadLine();
        return listening.Task.WaitAsync(TimeSpan.FromSeconds(60));

        void Look(string? line)
        {
            if (ListeningLine().Match(line ?? "") is { Success: true } match)
                listening.TrySetResult(new Uri(match.Value + "/"));
        }
    }

    [GeneratedRegex(@"http://127\.0\.0\.1:\d+")]
    private static partial Regex ListeningLine();
}
