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
        var (document, diagnostics) = Evaluate(request);
        if (document is not null)
        {
            WholeFile.Write(request.FilesFile, Lines(document.Files));
            WholeFile.Write(request.PatternsFile, Lines(document.Patterns));
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
        catch (Exception exception)
        {
            // Loading it, or its constructor; what Define throws is caught inside.
            return (null, [SpecFailure.Describe(exception, request.ProjectDirectory)]);
        }
    }

    private static string Lines(IReadOnlyList<string> items) => string.Concat(items.Select(item => item + "\n"));

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
}
