using KubeApps.Deploy.Images;
using KubeApps.Diagnostics;
using KubeApps.Rendering;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;

namespace KubeApps.MSBuild;

/// <summary>Says which projects an environment, or all that one push serves, need images of, so that the build can publish them.</summary>
public sealed class ListImages : KubeAppTask
{
    /// <summary>The evaluated specification.</summary>
    [Required]
    public string ModelFile { get; set; } = "";

    /// <summary>The environment that is deployed to.</summary>
    [Required]
    public string Environment { get; set; } = "";

    /// <summary>What becomes of the bundle: a <see cref="BundleUse"/>.</summary>
    [Required]
    public string Use { get; set; } = "";

    /// <summary>The other projects: their files, with metadata <c>Key</c>.</summary>
    [Output]
    public ITaskItem[] Projects { get; set; } = [];

    /// <summary>The keys under which this project's own image is known: none or one.</summary>
    [Output]
    public string[] OwnKeys { get; set; } = [];

    private protected override async System.Threading.Tasks.Task RunAsync(CancellationToken cancellationToken)
    {
        var document = SpecDocument.FromJson(await File.ReadAllTextAsync(ModelFile, cancellationToken).ConfigureAwait(false));
        var use = Enum.Parse<BundleUse>(Use);
        // An environment that is not there is the tool's to report, with all others that are.
        var chosen = document.Environments.FirstOrDefault(model => model.Environment.Is(Environment));
        document = chosen is not null && use.IsForLater
            ? SharedEnvironments.Of(document, chosen, use.UsesSandbox).Document
            : document with { Environments = chosen is null ? [] : [chosen] };
        var images = document.Images();
        OwnKeys = [.. images.Where(image => image.Kind == ImageKind.ThisProject).Select(image => image.Key!)];
        Projects = [.. images.Where(image => image.Kind == ImageKind.Project).Select(ToItem)];
    }

    private TaskItem ToItem(Image image)
    {
        var file = Path.GetFullPath(image.Path!, Path.GetFullPath(ProjectDirectory));
        if (!File.Exists(file))
            throw new DiagnosticException(DiagnosticDescriptors.ImageProjectMissing.Because($"The image '{image.Key}' is of '{image.Path}', but '{file}' is not there."));
        var item = new TaskItem(file);
        item.SetMetadata("Key", image.Key);
        return item;
    }
}
