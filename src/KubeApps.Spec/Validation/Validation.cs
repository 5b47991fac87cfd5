using KubeApps.Diagnostics;

namespace KubeApps;

/// <summary>Checks complete models: every rule looks at every environment, and all errors come at once.</summary>
internal static class Validation
{
    public static void Validate(string app, IReadOnlyList<KubeAppModel> models, SpecDiagnostics diagnostics)
    {
        NameRules.CheckLabel(diagnostics, "app", app, 40, models.FirstOrDefault()?.NamePlace);
        foreach (var duplicate in models.GroupBy(model => model.Environment.Name, StringComparer.OrdinalIgnoreCase).Where(group => group.Count() > 1))
            diagnostics.Add(DiagnosticDescriptors.DuplicateName, $"Two environments are named '{duplicate.Key}'.", duplicate.Last().Environment.Location);

        foreach (var model in models)
        {
            EnvironmentRules.Check(model, diagnostics);
            NameRules.Check(model, diagnostics);
            MetadataRules.Check(model, diagnostics);
            ReferenceRules.Check(model, diagnostics);
            WorkloadRules.Check(model, diagnostics);
            DurationRules.Check(model, diagnostics);
            ScalingRules.Check(model, diagnostics);
            VolumeRules.Check(model, diagnostics);
            SecurityRules.Check(model, diagnostics);
            PortRules.Check(model, diagnostics);
            ProbeRules.Check(model, diagnostics);
            VariableRules.Check(model, diagnostics);
            LiteralSecretRules.Check(model, diagnostics);
            QuantityRules.Check(model, diagnostics);
            HardwareRules.Check(model, diagnostics);
            ImageRules.Check(model, diagnostics);
            NetworkRules.Check(model, diagnostics);
            SecretRules.Check(model, diagnostics);
            IdentityRules.Check(model, diagnostics);
            CheckRules.Check(model, diagnostics);
        }

        ImageRules.CheckKeys(models, diagnostics);
    }
}
