using KubeApps.Diagnostics;

namespace KubeApps;

/// <summary>Checks complete models: every rule looks at every environment, and all errors come at once.</summary>
internal static class Validation
{
    public static void Validate(string app, IReadOnlyList<KubeAppModel> models, SpecDiagnostics diagnostics)
    {
        NameRules.CheckLabel(diagnostics, "app", app, 40, null);
        foreach (var duplicate in models.GroupBy(model => model.Environment.Name, StringComparer.OrdinalIgnoreCase).Where(group => group.Count() > 1))
            diagnostics.Add(DiagnosticDescriptors.DuplicateName, $"Two environments are named '{duplicate.Key}'.", duplicate.Last().Environment.Location);

        foreach (var model in models)
        {
            NameRules.Check(model, diagnostics);
            ReferenceRules.Check(model, diagnostics);
            PortRules.Check(model, diagnostics);
            if (!model.All<Workload>().Any())
                diagnostics.Add(DiagnosticDescriptors.EmptyApp, $"The app has no workload in the environment '{model.Environment.Name}'.");
        }
    }
}
