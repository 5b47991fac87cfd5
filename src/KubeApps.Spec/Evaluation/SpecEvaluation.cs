using KubeApps.Diagnostics;

namespace KubeApps;

/// <summary>Evaluates a specification (or the default app, when there is none) for every environment and checks it.</summary>
internal static class SpecEvaluation
{
    /// <summary>All errors at once: the document is null when one of the diagnostics is an error.</summary>
    public static (SpecDocument? Document, IReadOnlyList<Diagnostic> Diagnostics) Evaluate(KubeApp? spec, ProjectFacts project)
    {
        var diagnostics = new SpecDiagnostics(project.Directory);
        var files = new SpecFiles(project.Directory, diagnostics);
        List<KubeAppModel> models = [];
        var name = "";
        var isComplete = false;

        if (spec is null && !project.IsWeb)
        {
            diagnostics.Add(DiagnosticDescriptors.NoSpecAndNotWeb, $"{project.Name} has no KubeApp.cs and is not a web project.");
        }
        else
        {
            try
            {
                name = spec?.Name ?? DefaultName(project.Name);
                var (define, named) = (PlaceOf(spec, nameof(KubeApp.Define)), PlaceOf(spec, $"get_{nameof(KubeApp.Name)}"));
                foreach (var environment in EnvironmentsOf(spec))
                {
                    var model = new KubeAppModel(name, environment, project) { DefinePlace = define, NamePlace = named ?? define };
                    if (spec is null)
                        DefaultApp.Define(model);
                    else
                        spec.Define(model);
                    if (!NullRules.Check(model, diagnostics))
                        continue;
                    Completion.Complete(model, files);
                    models.Add(model);
                }

                isComplete = true;
            }
            catch (Exception exception) when (exception is not OutOfMemoryException)
            {
                diagnostics.Add(SpecFailure.Describe(exception, project.Directory));
            }

            // Also when a file was missing: all errors at once.
            if (isComplete)
                Validation.Validate(name, models, diagnostics);
        }

        var document = diagnostics.HasErrors ? null : new SpecDocument(SpecDocument.CurrentSchemaVersion, name, files.Read(), models) { Patterns = files.Patterns() };
        return (document, diagnostics.All);
    }

    /// <summary>
    /// Takes the default app through evaluation and JSON, for nothing but that the runtime compiles that code: in a short process most of the
    /// time goes there. Whoever waits for something else meanwhile calls it on another thread.
    /// </summary>
    public static SpecDocument Rehearse() => SpecDocument.FromJson(
        Evaluate(null, new ProjectFacts { Name = "rehearsal", IsWeb = true, Directory = "" }).Document!.ToJson());

    /// <summary>The project's name as a DNS-1123 label.</summary>
    public static string DefaultName(string projectName)
    {
        var label = string.Concat(projectName.Select(c => char.IsAsciiLetterOrDigit(c) ? char.ToLowerInvariant(c) : '-')).Trim('-');
        return label.Length > 0 ? label : "app";
    }

    private static IEnumerable<DeployEnvironment> EnvironmentsOf(KubeApp? spec)
    {
        var declared = spec?.Environments ?? [];
        return declared.Any(environment => environment.Is("local")) ? declared : [new DeployEnvironment("local", Target.Sandbox, "", 0), .. declared];
    }

    // What the specification itself says, or a library that it shares; not what it leaves as it is.
    private static CodePlace? PlaceOf(KubeApp? spec, string method) =>
        spec?.GetType().GetMethod(method) is { } found && found.DeclaringType != typeof(KubeApp) ? new CodePlace(found) : null;
}
