using KubeApps.Diagnostics;

namespace KubeApps;

/// <summary>The outcome of evaluating a specification for all its environments: what <c>model.json</c> holds.</summary>
internal sealed record SpecDocument(int SchemaVersion, string App, IReadOnlyList<KubeAppModel> Environments);

/// <summary>Evaluates a specification (or the default app, when there is none) for every environment and checks it.</summary>
internal static class SpecEvaluation
{
    /// <summary>All errors at once: the document is null when one of the diagnostics is an error.</summary>
    public static (SpecDocument? Document, IReadOnlyList<Diagnostic> Diagnostics) Evaluate(KubeApp? spec, ProjectFacts project)
    {
        var model = new KubeAppModel(new DeployEnvironment("local"), project);
        spec?.Define(model);
        return (new SpecDocument(1, project.Name.ToLowerInvariant(), [model]), []);
    }
}
