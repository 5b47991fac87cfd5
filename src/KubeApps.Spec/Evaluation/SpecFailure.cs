using System.Diagnostics;
using System.Reflection;
using KubeApps.Diagnostics;

namespace KubeApps;

/// <summary>What a specification threw, as one diagnostic.</summary>
internal static class SpecFailure
{
    public static Diagnostic Describe(Exception exception, string projectDirectory)
    {
        var root = Root(exception);
        return IsLoadFailure(root)
            ? DiagnosticDescriptors.SpecCannotBeLoaded.Because(OneLine(root.Message))
            : DiagnosticDescriptors.SpecThrew.Because($"{root.GetType().Name}: {OneLine(root.Message)}", PlaceOf(root, projectDirectory) ?? PlaceOf(exception, projectDirectory));
    }

    private static Exception Root(Exception exception) => exception switch
    {
        TargetInvocationException { InnerException: { } inner } => Root(inner),
        TypeInitializationException { InnerException: { } inner } => Root(inner),
        AggregateException { InnerExceptions: [var only] } => Root(only),
        ReflectionTypeLoadException { LoaderExceptions: [{ } first, ..] } => first,
        _ => exception,
    };

    /// <summary>A missing assembly shows as FileNotFoundException just like a missing data file; only the former names an assembly.</summary>
    private static bool IsLoadFailure(Exception root) => root switch
    {
        BadImageFormatException or TypeLoadException or MissingMemberException or FileLoadException => true,
        FileNotFoundException { FileName: { } name } => name.Contains("Version=", StringComparison.Ordinal) || name.EndsWith(".dll", StringComparison.OrdinalIgnoreCase),
        _ => false,
    };

    /// <summary>The innermost line of the user's own files in the stack; of a specification library's where the project has none.</summary>
    private static SourceLocation? PlaceOf(Exception exception, string projectDirectory)
    {
        var places = new StackTrace(exception, fNeedFileInfo: true).GetFrames()
            .Where(frame => frame.GetFileName() is { Length: > 0 } && frame.GetMethod()?.Module.Assembly != typeof(KubeApp).Assembly)
            .Select(frame => new SourceLocation(frame.GetFileName()!, frame.GetFileLineNumber(), frame.GetFileColumnNumber()))
            .ToList();
        var own = places.Find(place => projectDirectory.Length > 0 && SpecDiagnostics.IsBelow(place.File, projectDirectory));
        return own is not null ? own with { File = Path.GetRelativePath(projectDirectory, own.File) } : places.FirstOrDefault();
    }

    private static string OneLine(string text)
    {
        var line = string.Join(' ', text.Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
        return line.EndsWith('.') ? line : line + ".";
    }
}
