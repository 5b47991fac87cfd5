using System.Diagnostics;
using KubeApps.Sandbox.Tests.Api;
using KubeApps.Sandbox.Tests.Hosting;

namespace KubeApps.Sandbox.Tests.Kubectl;

/// <summary>The real kubectl, in all versions that are on this machine, against an API of ours.</summary>
internal sealed class Kubectl(IEnumerable<string> connection, string program)
{
    // The versions that the sandbox promises to work with.
    private const int Oldest = 27;
    private const int Newest = 33;

    private static readonly Lazy<string> EmptyConfig = new(() =>
    {
        var path = Path.Combine(Directory.CreateTempSubdirectory("kubeapps-kubectl").FullName, "config");
        File.WriteAllText(path, "");
        return path;
    });

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>The <c>kubectl</c> on the path, and each <c>kubectl.1.N</c> there or beside it.</summary>
    public static IReadOnlyList<string> Programs { get; } = Find();

    /// <summary>One row for each promised version, here or not, and for the <c>kubectl</c> that a user would get; the test of one that is not here is skipped, and says so.</summary>
    public static TheoryData<string> All => [.. Enumerable.Range(Oldest, Newest - Oldest + 1).Select(minor => $"kubectl.1.{minor}"), "kubectl"];

    /// <summary>The oldest and the newest.</summary>
    public static TheoryData<string> Ends
    {
        get
        {
            var versioned = Names.Where(name => name.StartsWith("kubectl.1.", StringComparison.Ordinal)).ToList();
            return [.. versioned.Take(1).Concat(versioned.TakeLast(1)).Distinct().DefaultIfEmpty("kubectl")];
        }
    }

    private static IEnumerable<string> Names => Programs.Select(NameOf);

    public static Kubectl Named(TestApi api, string name) => new(["--server", api.Address], Program(name));

    public static Kubectl Named(RunningSandbox sandbox, string name) => new(["--kubeconfig", sandbox.Endpoint.Kubeconfig], Program(name));

    private static string NameOf(string program) => Path.GetFileName(program).Replace(".exe", "", StringComparison.Ordinal);

    private static string Program(string name)
    {
        if (Programs.FirstOrDefault(program => NameOf(program) == name) is { } found)
            return found;
        Assert.Skip($"{name} is not on this machine");
        throw new InvalidOperationException();
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
        var start = new ProcessStartInfo(program, [.. connection, .. Split(command)])
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
        var plain = folders.Select(folder => Path.Combine(folder, OperatingSystem.IsWindows() ? "kubectl.exe" : "kubectl")).FirstOrDefault(File.Exists);
        if (plain is null)
            return [];
        if (File.ResolveLinkTarget(plain, returnFinalTarget: true) is { } target)
            folders.Add(Path.GetDirectoryName(target.FullName)!);
        return
        [
            .. folders.Where(Directory.Exists).SelectMany(folder => Directory.EnumerateFiles(folder, "kubectl.1.*"))
                .DistinctBy(Path.GetFileName).OrderBy(path => path, StringComparer.Ordinal),
            plain,
        ];
    }
}
