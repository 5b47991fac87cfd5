using KubeApps.Bundles;
using KubeApps.Yaml;

namespace KubeApps.Rendering;

/// <summary>Model → Kubernetes objects → bundle. Pure: the same input gives the same bytes.</summary>
internal static class BundleRenderer
{
    /// <summary>Renders all environments, or only the one that is named.</summary>
    /// <param name="document">The evaluated specification.</param>
    /// <param name="images">The images by key. One without digest makes the bundle a draft.</param>
    /// <param name="commit">The commit that was built, when it is known.</param>
    /// <param name="environment">Only this environment.</param>
    /// <exception cref="Diagnostics.DiagnosticException">A manifest file, template or patch of the user cannot be rendered.</exception>
    public static Bundle Render(SpecDocument document, ImageSet images, string? commit = null, string? environment = null)
    {
        var models = document.Environments.Where(model => environment is null || model.Environment.Is(environment));
        return new Bundle(
            Bundle.CurrentSchemaVersion,
            document.App,
            commit,
            images.Images.Values.Any(image => image.Digest is null),
            images.Images,
            [.. models.Select(model => RenderEnvironment(model, images, commit))]);
    }

    /// <summary>As <see cref="SpecEvaluation.Rehearse"/>, and on to the manifests.</summary>
    public static void Rehearse()
    {
        var document = SpecEvaluation.Rehearse();
        foreach (var item in Render(document, ImageSet.Draft(document)).Environments.SelectMany(environment => environment.Objects))
            YamlWriter.Write(item.Content);
    }

    private static BundleEnvironment RenderEnvironment(KubeAppModel app, ImageSet images, string? commit)
    {
        var context = new RenderContext(app, images, commit);
        NamespaceRendering.Render(context);
        ConfigRendering.Render(context);
        SecretRendering.Render(context);
        StorageRendering.Render(context);
        IdentityRendering.Render(context);
        NetworkPolicyRendering.Render(context);
        WorkloadRendering.Render(context);
        ServiceRendering.Render(context);
        UserObjects.Add(context);
        Patching.Apply(context);
        HashedNames.Apply(context);
        context.ThrowIfWrong();

        return new BundleEnvironment(
            app.Environment.Name,
            BundleData.Target(app.Environment.Target),
            app.Namespace,
            BundleData.Strategy(app.Strategy),
            BundlePaths.InApplyOrder(app.Environment.Name, context.Objects))
        {
            Checks = [.. app.Checks.Select(check => BundleData.Check(check, context.Objects))],
            Hardware = BundleData.Hardware(context),
            EntryService = app.EntryService,
        };
    }
}
