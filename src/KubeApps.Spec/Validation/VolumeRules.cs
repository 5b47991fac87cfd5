using KubeApps.Diagnostics;

namespace KubeApps;

/// <summary>Mounts stand at paths that are free, and every name of a volume means one volume.</summary>
internal static class VolumeRules
{
    /// <summary>All keys and values of one ConfigMap together, in bytes.</summary>
    /// <remarks>https://kubernetes.io/docs/concepts/configuration/configmap/#motivation</remarks>
    private const int MaxConfig = 1024 * 1024;

    public static void Check(KubeAppModel app, SpecDiagnostics diagnostics)
    {
        foreach (var workload in app.All<Workload>())
        {
            foreach (var container in workload.AllContainers)
                CheckPaths(container, diagnostics);
            CheckNames(workload, diagnostics);
        }

        foreach (var set in app.All<StatefulSet>())
        {
            foreach (var claim in set.Claims)
                NameRules.CheckLabel(diagnostics, "claim", claim.Name, 63, claim.Location);
            foreach (var group in set.Claims.GroupBy(claim => claim.Name).Where(group => group.Count() > 1))
                diagnostics.Add(DiagnosticDescriptors.DuplicateName, $"Two claims of '{set.Name}' are named '{group.Key}'.", group.Last().Location);
        }

        foreach (var config in app.All<Config>())
            if (config.Values.Sum(value => System.Text.Encoding.UTF8.GetByteCount(value.Key) + System.Text.Encoding.UTF8.GetByteCount(value.Value)) is > MaxConfig and var size)
                diagnostics.Add(
                    DiagnosticDescriptors.InvalidSetting, $"The configuration '{config.Name}' has {size} bytes; {MaxConfig} are possible.", config.Location,
                    "Put large files into the image, or into a persistent claim.");
    }

    private static void CheckPaths(Container container, SpecDiagnostics diagnostics)
    {
        if (container.WorkingDirectory?.StartsWith('/') == false)
            diagnostics.Add(
                DiagnosticDescriptors.InvalidSetting,
                $"The working directory '{container.WorkingDirectory}' of the container '{container.Name}' is not an absolute path.", container.Location);
        foreach (var group in container.Mounts.GroupBy(mount => mount.Path.TrimEnd('/')))
        {
            if (!group.Key.StartsWith('/') || group.Key.Contains(':') || group.Key.Split('/').Contains(".."))
                diagnostics.Add(
                    DiagnosticDescriptors.InvalidSetting, $"The mount '{group.Key}' of the container '{container.Name}' is not an absolute path.", container.Location);
            if (group.Count() > 1)
                diagnostics.Add(DiagnosticDescriptors.DuplicateName, $"Two mounts of the container '{container.Name}' stand at '{group.Key}'.", container.Location);
        }
    }

    /// <summary>The containers of a pod share its volumes by their names: one name cannot mean two things.</summary>
    private static void CheckNames(Workload workload, SpecDiagnostics diagnostics)
    {
        var mounts = workload.AllContainers.SelectMany(container => container.Mounts, (container, mount) => (Container: container, Mount: mount)).ToList();
        foreach (var (container, mount) in mounts)
            if (mount.Kind == MountKind.EmptyDirectory)
                NameRules.CheckLabel(diagnostics, "empty directory", mount.Source, 63, container.Location);

        foreach (var group in mounts.GroupBy(use => use.Mount.VolumeName, StringComparer.Ordinal))
            if (group.Select(use => (use.Mount.Kind, use.Mount.SizeLimit, use.Mount.InMemory)).Distinct().Count() > 1)
                diagnostics.Add(
                    DiagnosticDescriptors.DuplicateName,
                    $"Two different volumes of '{workload.Name}' are named '{group.Key}'.", group.Last().Container.Location,
                    "Give each its own name; an empty directory that containers share has the same limit in all of them.");
    }
}
