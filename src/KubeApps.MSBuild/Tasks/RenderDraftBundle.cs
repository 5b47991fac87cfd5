using KubeApps.Bundles;
using KubeApps.Rendering;
using Microsoft.Build.Framework;

namespace KubeApps.MSBuild;

/// <summary>Renders the model to a draft: a bundle whose images have no digest yet. It asks no registry and needs no network.</summary>
public sealed class RenderDraftBundle : KubeAppTask
{
    /// <summary>The evaluated specification.</summary>
    [Required]
    public string ModelFile { get; set; } = "";

    /// <summary>Where the bundle goes. Nothing of an older bundle stays there.</summary>
    [Required]
    public string BundleDirectory { get; set; } = "";

    /// <summary>The commit that was built, when it is known.</summary>
    public string Commit { get; set; } = "";

    private protected override async Task RunAsync(CancellationToken cancellationToken)
    {
        var document = SpecDocument.FromJson(await File.ReadAllTextAsync(ModelFile, cancellationToken).ConfigureAwait(false));
        var bundle = BundleRenderer.Render(document, ImageSet.Draft(document), Commit.Length == 0 ? null : Commit);
        using var _ = await OutputLock.TakeAsync(Path.GetDirectoryName(Path.GetFullPath(ModelFile))!, cancellationToken).ConfigureAwait(false);
        BundleFiles.Write(bundle, BundleDirectory);
        Log.LogMessage(
            MessageImportance.High,
            "{0} -> {1} ({2})",
            bundle.App,
            BundleDirectory,
            string.Join(", ", bundle.Environments.Select(environment => $"{environment.Name}: {environment.Objects.Count} objects")));
    }
}
