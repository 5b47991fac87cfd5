using System.Globalization;
using System.Text.RegularExpressions;
using KubeApps.Diagnostics;

namespace KubeApps.Cli.Commands;

/// <summary>
/// Reads what a build says, line by line: errors and warnings in the form that MSBuild gives those of every tool, and the rest.
/// </summary>
/// <remarks>https://learn.microsoft.com/visualstudio/msbuild/msbuild-diagnostic-format-for-tasks</remarks>
internal sealed partial class BuildOutput(Action<string> onLine, Action<Diagnostic> onDiagnostic)
{
    private readonly HashSet<Diagnostic> _diagnostics = [];

    /// <summary>The errors so far, in order.</summary>
    public List<Diagnostic> Errors { get; } = [];

    /// <summary>The last line that was not empty.</summary>
    public string LastLine { get; private set; } = "(nothing)";

    public void Take(string line)
    {
        if (line.Length == 0)
            return;
        LastLine = line.Trim();
        if (DiagnosticIn(line) is not { } diagnostic)
        {
            onLine(line);
            return;
        }

        // Projects that are built for several others say things again.
        if (!_diagnostics.Add(diagnostic))
            return;
        if (diagnostic.Severity == DiagnosticSeverity.Error)
            Errors.Add(diagnostic);
        onDiagnostic(diagnostic);
    }

    internal static Diagnostic? DiagnosticIn(string line)
    {
        if (Form().Match(line) is not { Success: true } match)
            return null;
        var origin = match.Groups["origin"].Value;
        // The origin may also be the name of a tool: "CSC", "MSBUILD".
        var place = match.Groups["line"].Success || Path.IsPathRooted(origin) ? new SourceLocation(origin, Number("line"), Number("column")) : null;
        var code = match.Groups["code"].Value;
        return new Diagnostic(
            code.Length > 0 ? code : DiagnosticDescriptors.PublishFailed.Code,
            match.Groups["severity"].Value == "error" ? DiagnosticSeverity.Error : DiagnosticSeverity.Warning,
            match.Groups["text"].Value,
            place,
            "");

        int Number(string group) => int.TryParse(match.Groups[group].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;
    }

    [GeneratedRegex(
        @"\A\s*(?<origin>\S.*?)(?:\((?<line>\d+)(?:,(?<column>\d+))?(?:[,-]\d+)*\))?\s*:\s*(?<severity>error|warning)\s*(?<code>[A-Za-z]+\d+)?\s*:\s*(?<text>.*?)(?:\s\[[^\[\]]+\])?\z",
        RegexOptions.CultureInvariant)]
    private static partial Regex Form();
}
