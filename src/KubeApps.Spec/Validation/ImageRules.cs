using System.Text.RegularExpressions;
using KubeApps.Diagnostics;

namespace KubeApps;

/// <summary>Images can be told apart, are where the specification says, and run on the processors of their node pools.</summary>
internal static partial class ImageRules
{
    public static void Check(KubeAppModel app, SpecDiagnostics diagnostics)
    {
        foreach (var workload in app.All<Workload>())
        {
            var pool = app.All<NodePool>().FirstOrDefault(pool => pool.Name == workload.Placement?.NodePool);
            foreach (var container in workload.AllContainers)
            {
                if (pool is not null && container.Image.Architectures is { Count: > 0 } architectures && !architectures.Contains(pool.Architecture))
                    diagnostics.Add(
                        DiagnosticDescriptors.ArchitectureMismatch,
                        $"The image '{container.Image.Key}' of '{workload.Name}' is for {string.Join(" and ", architectures).ToLowerInvariant()}; "
                        + $"the node pool '{pool.Name}' is {pool.Architecture.ToString().ToLowerInvariant()}.",
                        container.Location);
                CheckImage(app, container, diagnostics);
            }
        }
    }

    /// <summary>The same key means the same image, in all environments.</summary>
    public static void CheckKeys(IReadOnlyList<KubeAppModel> models, SpecDiagnostics diagnostics)
    {
        var uses = models.SelectMany(model => model.All<Workload>()).SelectMany(workload => workload.AllContainers);
        foreach (var group in uses.GroupBy(container => container.Image.Key, StringComparer.Ordinal))
            if (group.Select(container => (container.Image.Kind, container.Image.Path, container.Image.Context)).Distinct().Count() > 1)
                diagnostics.Add(
                    DiagnosticDescriptors.ImageConflict, $"Two images of different origin have the key '{group.Key}'.", group.Last().Location);
    }

    private static void CheckImage(KubeAppModel app, Container container, SpecDiagnostics diagnostics)
    {
        var image = container.Image;
        if (image.Kind == ImageKind.Reference)
        {
            if (!Reference().IsMatch(image.ReferenceText ?? ""))
                diagnostics.Add(DiagnosticDescriptors.InvalidName, $"'{image.ReferenceText}' is not a reference to an image.", container.Location,
                    "Write it like redis:7.4 or registry.example.com/team/app:1.2, with the repository in lower case.");
            return;
        }

        if (!Repository().IsMatch(image.Key ?? ""))
            diagnostics.Add(DiagnosticDescriptors.InvalidName, $"The image key '{image.Key}' is not the name of a repository.", container.Location,
                "Use lower-case letters and digits, with '.', '_', '-' and '/' only between them.");
        if (image.Path is { } path && app.Project.Directory.Length > 0 && !File.Exists(Path.Join(app.Project.Directory, path)))
            diagnostics.Add(DiagnosticDescriptors.FileMissing, $"{path}, of which the image of '{container.Name}' is made, is not there.", container.Location);
        if (image.Context is { } directory && app.Project.Directory.Length > 0 && !Directory.Exists(Path.Join(app.Project.Directory, directory)))
            diagnostics.Add(DiagnosticDescriptors.FileMissing, $"The directory {directory}, of which the image of '{container.Name}' is made, is not there.", container.Location);
    }

    [GeneratedRegex(@"\A[a-z0-9]+([._/-]+[a-z0-9]+)*\z", RegexOptions.CultureInvariant)]
    private static partial Regex Repository();

    [GeneratedRegex(
        @"\A([a-zA-Z0-9.-]+(:[0-9]+)?/)?[a-z0-9]+([._/-]+[a-z0-9]+)*(:[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127})?(@sha256:[a-f0-9]{64})?\z", RegexOptions.CultureInvariant)]
    private static partial Regex Reference();
}
