using System.Text;
using KubeApps.Diagnostics;

namespace KubeApps.Events;

/// <summary>Why a new version does not come up, on one screen.</summary>
/// <param name="Code">The diagnostic's code.</param>
/// <param name="Workload">What was rolled out: <c>Deployment shop/web</c>.</param>
/// <param name="Object">What fails: <c>Pod shop/web-7bc965b99d-x2x4z</c>.</param>
/// <param name="Container">The container that fails, if it is one.</param>
/// <param name="Reason">In Kubernetes' own word: <c>CrashLoopBackOff</c>.</param>
/// <param name="Cause">One sentence.</param>
/// <param name="LogTail">The last lines of the container's log; none where it never ran.</param>
/// <param name="NextStep">What the user can do.</param>
internal sealed record FailureReport(
    string Code, string Workload, string Object, string? Container, string Reason, string Cause, IReadOnlyList<string> LogTail, string NextStep)
{
    private const int LongestFirstLine = 140;

    // A screen has some thousand characters.
    private const int LongestCause = 1000;
    private const int LongestLogLine = 400;

    public string Cause { get; init; } = Printable.Line(Cause, LongestCause);

    public IReadOnlyList<string> LogTail { get; init; } = [.. LogTail.Select(line => Printable.Line(line, LongestLogLine))];

    /// <summary>The app's own namespace: the first line need not name it.</summary>
    public string? Home { get; init; }

    /// <summary>At most 140 characters: other systems show this line alone.</summary>
    public string FirstLine
    {
        get
        {
            var subject = Home is null ? Workload : Workload.Replace($" {Home}/", " ", StringComparison.Ordinal);
            // Where a container is called like its workload, one of the two names says it all.
            var container = $"Container '{Container}' ";
            var isSame = subject[(subject.LastIndexOfAny([' ', '/']) + 1)..] == Container;
            var cause = isSame && Cause.StartsWith(container, StringComparison.Ordinal) ? Cause[container.Length..] : Cause;
            return Printable.Line($"{subject}: {cause}", LongestFirstLine);
        }
    }

    public Diagnostic ToDiagnostic() => new(Code, DiagnosticSeverity.Error, $"{Workload}: {Cause.TrimEnd('.')}.", null, NextStep);

    /// <inheritdoc/>
    public override string ToString()
    {
        var text = new StringBuilder().Append(FirstLine).Append('\n').Append("  object:    ").Append(Object).Append('\n');
        if (Container is not null)
            text.Append("  container: ").Append(Container).Append('\n');
        text.Append("  reason:    ").Append(Reason).Append('\n').Append("  cause:     ").Append(Cause).Append('\n');
        if (LogTail.Count > 0)
            text.Append("  log:\n");
        foreach (var line in LogTail)
            text.Append("    ").Append(line).Append('\n');
        return text.Append("  next step: ").Append(NextStep).Append(" (").Append(Code).Append(')').ToString();
    }
}
