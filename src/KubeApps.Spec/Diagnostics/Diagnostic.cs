namespace KubeApps.Diagnostics;

/// <summary>How bad a <see cref="Diagnostic"/> is.</summary>
internal enum DiagnosticSeverity
{
    /// <summary>The work goes on; the user should know.</summary>
    Warning,

    /// <summary>The work stops before anything is changed.</summary>
    Error,
}

/// <summary>A place in a file that the user wrote.</summary>
/// <param name="File">The path as the user would type it: relative to the project where it can be.</param>
/// <param name="Line">The line, from 1; 0 means the whole file.</param>
/// <param name="Column">The column, from 1; 0 means the whole line.</param>
internal sealed record SourceLocation(string File, int Line = 0, int Column = 0)
{
    /// <inheritdoc/>
    public override string ToString() => Line == 0 ? File : Column == 0 ? $"{File}({Line})" : $"{File}({Line},{Column})";
}

/// <summary>One kind of failure that a user can meet. All of them stand in <see cref="DiagnosticDescriptors"/>.</summary>
/// <param name="Code">KUBEAPP and four digits; the first digit says the area (see the reference of diagnostics).</param>
/// <param name="Title">What went wrong, in general: a heading for the reference.</param>
/// <param name="NextStep">What the user can do about it.</param>
/// <param name="Severity">Error unless said otherwise.</param>
internal sealed record DiagnosticDescriptor(
    string Code, string Title, string NextStep, DiagnosticSeverity Severity = DiagnosticSeverity.Error)
{
    /// <summary>Makes a diagnostic of this kind.</summary>
    /// <param name="cause">What went wrong here: one sentence with the names and values involved, never a secret.</param>
    /// <param name="place">Where in the user's files, if it is known.</param>
    /// <param name="nextStep">A next step that fits better than the general one.</param>
    public Diagnostic Because(string cause, SourceLocation? place = null, string? nextStep = null) =>
        new(Code, Severity, cause, place, nextStep ?? NextStep);
}

/// <summary>One expected failure as the user sees it: code, cause, place, next step.</summary>
internal sealed record Diagnostic(
    string Code, DiagnosticSeverity Severity, string Cause, SourceLocation? Place, string NextStep)
{
    /// <inheritdoc/>
    public override string ToString() =>
        $"{(Place is null ? "" : Place + ": ")}{(Severity == DiagnosticSeverity.Error ? "error" : "warning")} {Code}: {Cause} {NextStep}".TrimEnd();
}

/// <summary>Carries diagnostics up to the edge (a task, a command), where they are shown. Never shown as a stack trace.</summary>
internal class DiagnosticException : Exception
{
    public DiagnosticException(Diagnostic diagnostic, Exception? inner = null)
        : this([diagnostic], inner)
    {
    }

    public DiagnosticException(IReadOnlyList<Diagnostic> diagnostics, Exception? inner = null)
        : base(string.Join(Environment.NewLine, diagnostics), inner) => Diagnostics = diagnostics;

    /// <summary>At least one.</summary>
    public IReadOnlyList<Diagnostic> Diagnostics { get; }
}
