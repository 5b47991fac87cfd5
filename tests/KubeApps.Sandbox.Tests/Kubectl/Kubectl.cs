using System.Diagnostics;
using KubeApps.Sandbox.Tests.Api;

namespace KubeApps.Sandbox.Tests.Kubectl;

/// <summary>The real kubectl, in all versions that are on this machine, against an API of ours.</summary>
internal sealed class Kubectl(TestApi api, string program)
{
    private static readonly Lazy<string> EmptyConfig = new(() =>
    {
        var path = Path.Combine(Directory.CreateTempSubdirectory("kubeapps-kubectl").FullName, "config");
        File.WriteAllText(path, "");
        return path;
    });

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>Every <c>kubectl</c> and <c>kubectl.1.N</c> on the path, or beside the one that is there.</summary>
    public static IReadOnlyList<string> Programs { get; } = Find();

    /// <summary>One row for each version; a test that gets none is skipped with a reason.</summary>
    public static TheoryData<string> All => [.. Names.DefaultIfEmpty("")];

    /// <summary>The oldest and the newest.</summary>
    public static TheoryData<string> Ends => [.. Names.Take(1).Concat(Names.TakeLast(1)).Distinct().DefaultIfEmpty("")];

    private static IEnumerable<string> Names => Programs.Select(program => Path.GetFileName(program)!);

    public static Kubectl Named(TestApi api, string name)
    {
        if (name.Length == 0)
            Assert.Skip("kubectl is not on this machine");
        return new Kubectl(api, Programs.First(program => Path.GetFileName(program) == name));
    }

    /// <summary>Runs a command that must succeed; returns what it printed.</summary>
    public async Task<string> RunAsync(string command, string? input = null)
    {
        var (code, output, error) = await TryAsync(command, input);
        Assert.True(code == 0, $"kubectl {command}: exit {code}\n{output}{error}");
        return output;
    }

    public async Task<(int Code, string Output, string Error)> TryAsync(string command, string? input = null)
    {
        using var process = Start(command, input is not null);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestApi.Token);
        limit.CancelAfter(Patience);
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(limit.Token);
            var error = process.StandardError.ReadToEndAsync(limit.Token);
            if (input is not null)
            {
                await process.StandardInput.WriteAsync(input.AsMemory(), limit.Token);
                process.StandardInput.Close();
            }

            await process.WaitForExitAsync(limit.Token);
            return (process.ExitCode, await output, await error);
        }
        finally
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
        }
    }

    /// <summary>Starts a command that goes on by itself (<c>-w</c>, <c>-f</c>).</summary>
    public Process Start(string command, bool withInput = false)
    {
        var start = new ProcessStartInfo(program, ["--server", api.Address, .. Split(command)])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = withInput,
        };
        // Neither the user's clusters nor what another version has cached about this address.
        start.Environment["KUBECONFIG"] = EmptyConfig.Value;
        start.Environment["KUBECACHEDIR"] = Path.Combine(Path.GetDirectoryName(EmptyConfig.Value)!, "cache");
        return Process.Start(start)!;
    }

    /// <summary>Splits at spaces; what stands between single quotes is kept together.</summary>
    private static List<string> Split(string command)
    {
        var words = new List<string>();
        var word = new System.Text.StringBuilder();
        var quoted = false;
        foreach (var letter in command + " ")
        {
            if (letter == '\'')
                quoted = !quoted;
            else if (letter != ' ' || quoted)
                word.Append(letter);
            else if (word.Length > 0)
            {
                words.Add(word.ToString());
                word.Clear();
            }
        }

        return words;
    }

    private static List<string> Find()
    {
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries).ToList();
        foreach (var folder in folders.ToList())
            if (File.Exists(Path.Combine(folder, "kubectl")) && File.ResolveLinkTarget(Path.Combine(folder, "kubectl"), returnFinalTarget: true) is { } target)
                folders.Add(Path.GetDirectoryName(target.FullName)!);
        var versioned = folders.Where(Directory.Exists).SelectMany(folder => Directory.EnumerateFiles(folder, "kubectl.1.*"))
            .DistinctBy(Path.GetFileName).OrderBy(path => path, StringComparer.Ordinal).ToList();
        if (versioned.Count > 0)
            return versioned;
        var plain = folders.Select(folder => Path.Combine(folder, OperatingSystem.IsWindows() ? "kubectl.exe" : "kubectl")).FirstOrDefault(File.Exists);
        return plain is null ? [] : [plain];
    }
}
