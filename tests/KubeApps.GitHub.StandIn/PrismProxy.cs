using System.Diagnostics;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace KubeApps.GitHub.StandIn;

/// <summary>
/// Stands between who asks and the fake, and holds every request and every answer against the description of the API. One that does not agree with it
/// gets the reason instead of an answer.
/// </summary>
internal sealed class PrismProxy : IAsyncDisposable
{
    private const string Listens = "Prism is listening on ";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly Process _process;
    private readonly string _description;

    private PrismProxy(Process process, string description) => (_process, _description) = (process, description);

    public Uri Address { get; private set; } = null!;

    private static string Folder { get; } = typeof(PrismProxy).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().First(item => item.Key == "StandInFolder").Value!;

    public static async Task<PrismProxy> StartAsync(Uri fake)
    {
        var modules = Path.Combine(Folder, "node_modules");
        var whole = Path.Combine(modules, "@octokit", "openapi", "generated", "api.github.com.json");
        if (!File.Exists(whole))
            throw new InvalidOperationException($"GitHub's API description is not installed: run 'npm ci --ignore-scripts' in {Folder}, or build/test.sh, which does.");
        var description = Path.Combine(Path.GetTempPath(), $"github-api-{Guid.NewGuid():n}.json");
        await using (var file = File.OpenRead(whole))
            await File.WriteAllTextAsync(description, ApiDescription.Cut((await JsonSerializer.DeserializeAsync<JsonObject>(file))!).ToJsonString());

        var start = new ProcessStartInfo("node") { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = Folder };
        foreach (var argument in (string[])[
            "--require", Path.Combine(Folder, "ends-with-parent.cjs"), Path.Combine(modules, "@stoplight", "prism-cli", "dist", "index.js"),
            "proxy", "--errors", "-h", "127.0.0.1", "-p", "0", description, fake.ToString().TrimEnd('/')])
            start.ArgumentList.Add(argument);
        var proxy = new PrismProxy(Process.Start(start)!, description);
        try
        {
            await proxy.WaitAsync();
        }
        catch
        {
            await proxy.DisposeAsync();
            throw;
        }

        return proxy;
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
        File.Delete(_description);
    }

    private async Task WaitAsync()
    {
        var said = new List<string>();
        var address = new TaskCompletionSource<Uri>(TaskCreationOptions.RunContinuationsAsynchronously);
        void Hear(string? line)
        {
            if (line is null)
                return;
            lock (said)
                said.Add(line);
            if (line.IndexOf(Listens, StringComparison.Ordinal) is >= 0 and var at)
                address.TrySetResult(new Uri(line[(at + Listens.Length)..].Trim() + "/"));
        }

        _process.OutputDataReceived += (_, line) => Hear(line.Data);
        _process.ErrorDataReceived += (_, line) => Hear(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        var first = await Task.WhenAny(address.Task, _process.WaitForExitAsync(), Task.Delay(Patience));
        lock (said)
            Address = first == address.Task ? address.Task.Result : throw new InvalidOperationException($"The proxy did not start: {string.Join('\n', said)}");
        // What it says of each request is of no use: the reasons stand in its answers.
    }
}
