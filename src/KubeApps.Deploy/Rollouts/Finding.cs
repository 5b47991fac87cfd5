using KubeApps.Deploy.Api;
using KubeApps.Diagnostics;
using KubeApps.Events;

namespace KubeApps.Deploy.Rollouts;

/// <summary>Where to read the log that explains a finding.</summary>
internal sealed record LogSource(string Namespace, string Pod, string Container, bool Previous);

/// <summary>Something that keeps a workload from coming up.</summary>
/// <param name="Descriptor">What kind of failure.</param>
/// <param name="Object">What fails.</param>
/// <param name="Container">Which container, if one.</param>
/// <param name="Reason">Kubernetes' word for it.</param>
/// <param name="Cause">One sentence.</param>
/// <param name="IsDecisive">Waiting longer will not help. Otherwise it may pass by itself, and counts only once the time is up.</param>
/// <param name="Log">The log that explains it.</param>
internal sealed record Finding(
    DiagnosticDescriptor Descriptor, ObjectId Object, string? Container, string Reason, string Cause, bool IsDecisive, LogSource? Log = null)
{
    private const int LongestTail = 12;
    private const int LongestCause = 1000;

    public string Cause { get; init; } = Printable.Line(Cause, LongestCause);

    /// <summary>The report for the user. The log may name the cause better than Kubernetes does.</summary>
    public FailureReport Report(ObjectId workload, string? log)
    {
        var tail = (log ?? "").ReplaceLineEndings("\n").Split('\n').Where(line => line.Trim().Length > 0).TakeLast(LongestTail).ToList();
        var (descriptor, cause) = (Descriptor, Cause);
        if (descriptor == DiagnosticDescriptors.CrashLoop && tail.LastOrDefault(line => line.Contains("Read-only file system", StringComparison.OrdinalIgnoreCase)) is { } denied)
            (descriptor, cause) = (DiagnosticDescriptors.ReadOnlyFileSystem, $"{Subject} writes to its read-only file system: {denied.Trim()}");
        else if ((descriptor == DiagnosticDescriptors.CrashLoop || descriptor == DiagnosticDescriptors.JobFailed) && SaysMost(tail) is { } line)
            cause = $"{Cause.TrimEnd('.')}: {line}";
        return new FailureReport(descriptor.Code, workload.ToString(), Object.ToString(), Container, Reason, cause, tail, descriptor.NextStep);
    }

    private string Subject => Container is null ? Object.ToString() : $"Container '{Container}'";

    // The exception's own line says more than the last line of its stack trace, and its type more than that nobody handled it.
    private static string? SaysMost(List<string> tail) =>
        (tail.LastOrDefault(line => line.Contains("exception", StringComparison.OrdinalIgnoreCase) && !line.TrimStart().StartsWith("at ", StringComparison.Ordinal))
            ?? tail.LastOrDefault(line => !line.TrimStart().StartsWith("at ", StringComparison.Ordinal)))?.Trim().Replace("Unhandled exception. ", "", StringComparison.Ordinal);
}
