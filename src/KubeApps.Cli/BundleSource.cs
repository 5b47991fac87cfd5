using KubeApps.Bundles;
using KubeApps.Deploy.Artifacts;
using KubeApps.Deploy.Targets;
using KubeApps.Diagnostics;
using KubeApps.Events;

namespace KubeApps.Cli;

/// <summary>Bundles as commands mean them.</summary>
internal static class BundleSource
{
    /// <summary>What <c>--bundle</c> names: a folder, relative to the working directory, or a bundle in a registry, which is pulled.</summary>
    public static async Task<Bundle> OpenAsync(string source, Terminal terminal, bool startsSandbox, IEventSink sink, CancellationToken cancellationToken)
    {
        if (!OciReference.IsOne(source))
            return Read(Path.GetFullPath(source, terminal.Directory));
        var reference = OciReference.TryParse(source) ?? throw new DiagnosticException(DiagnosticDescriptors.BundleNotFound.Because(
            $"'{source}' names no bundle in a registry.", nextStep: "Write oci://REGISTRY/REPOSITORY@sha256:… or oci://REGISTRY/REPOSITORY:TAG."));
        var launcher = startsSandbox ? new SandboxLauncher(SandboxLocation.FromEnvironment(), terminal.Clock) : null;
        return await RemoteBundle.ReadAsync(reference, launcher, terminal.ReadVariable, sink, cancellationToken);
    }

    public static Bundle Read(string folder) => File.Exists(Path.Combine(folder, BundleFiles.IndexName))
        ? BundleFiles.Read(folder)
        : throw new DiagnosticException(DiagnosticDescriptors.BundleNotFound.Because($"There is no {BundleFiles.IndexName} in {folder}."));

    /// <summary>The environment that is meant: the one that was named, else <c>local</c>, else the only one.</summary>
    public static BundleEnvironment EnvironmentOf(Bundle bundle, string? name)
    {
        BundleEnvironment? Find(string wanted) => bundle.Environments.FirstOrDefault(item => string.Equals(item.Name, wanted, StringComparison.OrdinalIgnoreCase));
        var names = string.Join(", ", bundle.Environments.Select(item => item.Name));
        if (name is not null)
            return Find(name) ?? throw new DiagnosticException(
                DiagnosticDescriptors.UnknownEnvironment.Because($"The bundle of {bundle.App} has no environment '{name}'. It has: {names}."));
        return Find("local") ?? (bundle.Environments is [var only] ? only : throw new DiagnosticException(
            DiagnosticDescriptors.EnvironmentNotChosen.Because($"The bundle of {bundle.App} has several environments: {names}.")));
    }
}
