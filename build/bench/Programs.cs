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

    /// <summary>Waits until it has ended; its resident memory at its largest, in bytes.</summary>
    public static async Task<long> PeakAsync(Process process, CancellationToken cancellationToken)
    {
        var peak = 0L;
        do
            peak = Math.Max(peak, PeakOf(process));
        while (await Task.WhenAny(process.WaitForExitAsync(cancellationToken), Task.Delay(10, cancellationToken)) is var ended && !process.HasExited && !ended.IsCanceled);
        await process.WaitForExitAsync(cancellationToken);
        return peak;
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
