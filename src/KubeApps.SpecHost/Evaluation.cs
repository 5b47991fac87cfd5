using System.Diagnostics;
using System.Reflection;
using System.Runtime.Loader;
using KubeApps.Diagnostics;

namespace KubeApps.SpecHost;

/// <summary>Loads the specification, evaluates it, and writes model and diagnostics.</summary>
internal static class Evaluation
{
    /// <returns>The exit code: 0 when the model stands, 1 when the diagnostics say why it does not.</returns>
    public static int Run(EvaluationRequest request)
    {
        // While this thread loads and runs the specification's own code.
        _ = Task.Run(SpecEvaluation.Rehearse);
        var (document, diagnostics) = Evaluate(request);
        if (document is not null)
        {
            WholeFile.Write(request.FilesFile, string.Concat(document.Files.Select(file => file + "\n")));
            WholeFile.Write(request.ModelFile, document.ToJson());
        }

        WholeFile.Write(request.DiagnosticsFile, DiagnosticJson.Write(diagnostics));
        return document is null ? 1 : 0;
    }

    private static (SpecDocument? Document, IReadOnlyList<Diagnostic> Diagnostics) Evaluate(EvaluationRequest request)
    {
        try
        {
            var facts = new ProjectFacts { Name = request.ProjectName, IsWeb = request.IsWeb, Directory = request.ProjectDirectory };
            return SpecEvaluation.Evaluate(Create(request), facts);
        }
        catch (DiagnosticException exception)
        {
            return (null, exception.Diagnostics);
        }
        catch (Exception exception) when (IsLoadFailure(exception, request))
        {
            return (null, [DiagnosticDescriptors.SpecCannotBeLoaded.Because(OneLine(Root(exception).Message))]);
        }
        catch (Exception exception)
        {
            // Only user code is left (its constructor; Define is guarded inside): whatever it throws is its own.
            var root = Root(exception);
            return (null, [DiagnosticDescriptors.SpecThrew.Because(
                $"{root.GetType().Name}: {OneLine(root.Message)}", PlaceOf(root, request))]);
        }
    }

    private static KubeApp Create(EvaluationRequest request)
    {
        var assembly = AssemblyLoadContext.Default.LoadFromAssemblyPath(request.SpecAssembly);
        var specs = assembly.GetTypes().Where(type => !type.IsAbstract && type.IsSubclassOf(typeof(KubeApp))).ToList();
        if (specs.Count == 0)
            throw new DiagnosticException(DiagnosticDescriptors.SpecDoesNotDefineApp.Because(
                "The specification holds no class that derives from KubeApps.KubeApp."));
        if (specs.Count > 1)
            throw new DiagnosticException(DiagnosticDescriptors.SpecHasSeveralApps.Because(
                $"The specification holds {specs.Count} apps: {string.Join(", ", specs.Select(type => type.FullName).Order(StringComparer.Ordinal))}."));

        var constructor = specs[0].GetConstructor(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance, [])
            ?? throw new DiagnosticException(DiagnosticDescriptors.SpecCannotBeCreated.Because(
                $"The class {specs[0].FullName} has no constructor without parameters."));
        return (KubeApp)constructor.Invoke(null);
    }

    // A missing assembly shows as FileNotFoundException just like a missing data file; only the former names an assembly.
    private static bool IsLoadFailure(Exception exception, EvaluationRequest request) => Root(exception) switch
    {
        ReflectionTypeLoadException or BadImageFormatException or TypeLoadException or MissingMemberException => true,
        FileLoadException => true,
        FileNotFoundException { FileName: { } name } => name.Contains("Version=", StringComparison.Ordinal) || name == request.SpecAssembly,
        _ => false,
    };

    private static Exception Root(Exception exception) => exception switch
    {
        TargetInvocationException { InnerException: { } inner } => Root(inner),
        TypeInitializationException { InnerException: { } inner } => Root(inner),
        AggregateException { InnerExceptions: [var only] } => Root(only),
        ReflectionTypeLoadException { LoaderExceptions: [{ } first, ..] } => first,
        _ => exception,
    };

    private static SourceLocation? PlaceOf(Exception exception, EvaluationRequest request)
    {
        foreach (var frame in new StackTrace(exception, fNeedFileInfo: true).GetFrames())
        {
            if (frame.GetFileName() is not { Length: > 0 } file || frame.GetMethod()?.Module.Assembly == typeof(KubeApp).Assembly)
                continue;
            var relative = Path.GetRelativePath(request.ProjectDirectory, file);
            return new SourceLocation(relative.StartsWith("..", StringComparison.Ordinal) ? file : relative, frame.GetFileLineNumber(), frame.GetFileColumnNumber());
        }

        return null;
    }

    private static string OneLine(string text)
    {
        var line = string.Join(' ', text.Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
        return line.EndsWith('.') ? line : line + ".";
    }
}
