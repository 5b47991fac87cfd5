using System.Diagnostics;
using System.Text.Json.Nodes;

namespace KubeApps.Actions.Tests;

/// <summary>Runs the scripts in <c>node/</c>: JSON in, JSON out. What they import is installed as the lock file says, and anew where that changed.</summary>
internal static class NodeScript
{
    private static readonly string Folder = Path.Combine(RepositoryFiles.TestFolder, "node");
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(8);
    private static readonly Lazy<Task> Installation = new(InstallAsync);

    public static async Task<JsonNode> RunAsync(string script, JsonNode input)
    {
        Assert.SkipUnless(RealPart.IsThere("node"), "Node.js is not on this machine.");
        await Installation.Value;
        var (exit, output, error) = await RunAsync("node", [Path.Combine(Folder, script)], input.ToJsonString());
        Assert.True(exit == 0, $"{script} ended with {exit}: {error}");
        return JsonNode.Parse(output)!;
    }

    private static async Task InstallAsync()
    {
        var locked = await File.ReadAllTextAsync(Path.Combine(Folder, "package-lock.json"));
        var stamp = Path.Combine(Folder, "node_modules", ".kubeapps-lock");
        if (File.Exists(stamp) && await File.ReadAllTextAsync(stamp) == locked)
            return;
        // On Windows npm is a script, which only a shell starts.
        string[] command = OperatingSystem.IsWindows() ? ["cmd", "/c", "npm"] : ["npm"];
        var (exit, output, error) = await RunAsync(command[0], [.. command[1..], "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix", Folder], "");
        Assert.True(exit == 0, $"npm ci ended with {exit}: {output}{error}");
        await File.WriteAllTextAsync(stamp, locked);
    }

    private static async Task<(int Exit, string Out, string Error)> RunAsync(string program, string[] arguments, string input)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(Patience);
        var token = limit.Token;
        using var process = Process.Start(new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        try
        {
            var (output, error) = (process.StandardOutput.ReadToEndAsync(token), process.StandardError.ReadToEndAsync(token));
            await process.StandardInput.WriteAsync(input.AsMemory(), token);
            process.StandardInput.Close();
            await process.WaitForExitAsync(token);
            return (process.ExitCode, await output, await error);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{program} {string.Join(' ', arguments)} did not end within {Patience.TotalMinutes:0} minutes.");
        }
    }
}
