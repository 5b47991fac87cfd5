using System.Diagnostics;
using System.Reflection;

namespace KubeApps.Bench;

/// <summary>The programs that are measured, or measured with.</summary>
internal static class Programs
{
    /// <summary>How long one program may run.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromMinutes(10);

    public static string SandboxFolder => Metadata("SandboxFolder");

    public static string Root => Metadata("RepositoryRoot");

    /// <summary>Runs to its end and returns what it printed; a failure stops the benchmark.</summary>
    public static async Task<string> RunAsync(
        string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null, int expected = 0)
    {
        using var process = Start(program, arguments, environment);
        using var limit = new CancellationTokenSource(Limit);
        var (output, error) = (process.StandardOutput.ReadToEndAsync(limit.Token), process.StandardError.ReadToEndAsync(limit.Token));
        await process.WaitForExitAsync(limit.Token);
        return process.ExitCode == expected
            ? await output
            : throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}:\n{await output}{await error}");
    }

    /// <summary>Runs to its end; a failure stops the benchmark.</summary>
    /// <param name="program">What is run.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="environment">Variables to set.</param>
    /// <param name="onLine">Gets each line that it prints when it comes.</param>
    /// <param name="expected">The exit code; null where any will do.</param>
    /// <returns>Its resident memory at its largest, in bytes.</returns>
    public static async Task<long> PeakAsync(
        string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null, Action<string>? onLine = null, int? expected = 0)
    {
        using var process = Start(program, arguments, environment);
        using var limit = new CancellationTokenSource(Limit);
        var (output, error) = (ReadAsync(process.StandardOutput, onLine, limit.Token), process.StandardError.ReadToEndAsync(limit.Token));
        var (end, peak) = (process.WaitForExitAsync(limit.Token), 0L);
        do
            peak = Math.Max(peak, PeakOf(process));
        while (await Task.WhenAny(end, Task.Delay(10, limit.Token)) != end);
        await Task.WhenAll(end, output);
        return expected is null || process.ExitCode == expected
            ? peak
            : throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}:\n{await error}");
    }

    public static Process Start(string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        // Builds as they run on a developer's machine, whatever this shell was told.
        foreach (var name in (string[])["UseSharedCompilation", "MSBUILDDISABLENODEREUSE", "DOTNET_CLI_USE_MSBUILD_SERVER"])
            start.Environment.Remove(name);
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
            start.Environment[name] = value;
        return Process.Start(start) ?? throw new InvalidOperationException($"{program} does not start.");
    }

    public static async Task<double> SecondsAsync(Func<Task> work)
    {
        var began = Stopwatch.GetTimestamp();
        await work();
        return Stopwatch.GetElapsedTime(began).TotalSeconds;
    }

    private static async Task ReadAsync(StreamReader output, Action<string>? onLine, CancellationToken cancellationToken)
    {
        while (await output.ReadLineAsync(cancellationToken) is { } line)
            onLine?.Invoke(line);
    }

    private static long PeakOf(Process process)
    {
        try
        {
            process.Refresh();
            return process.PeakWorkingSet64;
        }
        catch (InvalidOperationException)
        {
            return 0; // It has ended.
        }
    }

    private static string Metadata(string key) => typeof(Programs).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(attribute => attribute.Key == key).Value!;
}
