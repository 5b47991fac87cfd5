using KubeApps.Bundles;
using KubeApps.Cli.Git;
using KubeApps.Deploy.Artifacts;
using KubeApps.Deploy.Images;
using KubeApps.Diagnostics;
using KubeApps.Events;

namespace KubeApps.Cli.Commands;

/// <summary>A bundle that is kept goes into the registry, beside its images. It gets the tag of its commit where it is certain that it is of it.</summary>
internal static class BundlePush
{
    /// <summary>Where it is now; null where there is no registry for it.</summary>
    public static async Task<string?> RunAsync(
        Bundle bundle, ImageRegistry? registry, string projectDirectory, Terminal terminal, BuildLog sink, CancellationToken cancellationToken)
    {
        if (registry is null)
        {
            sink.Publish(new DeployEvent.Note("The bundle was not pushed: its environment builds no images and names no registry."));
            return null;
        }

        var path = registry.PathOf(bundle.App);
        await registry.EnsureAsync(path, cancellationToken);
        using var client = RemoteBundle.Client(registry, terminal.ReadVariable, isReadOnly: false);
        var obstacle = await ObstacleAsync(bundle.Commit, projectDirectory, cancellationToken);
        var pushed = await new BundleRegistry(client, registry.Host, path).PushAsync(bundle, obstacle is null, cancellationToken);
        if (pushed.WasThere)
            sink.Publish(new DeployEvent.Note("Bundle: the registry has it."));
        else
            await registry.AwaitAsync(path, pushed.Reference.Digest!, cancellationToken);
        if (obstacle is not null)
            sink.Publish(new DeployEvent.Note($"The bundle has no tag of a commit: {obstacle}."));
        else if (pushed.OfCommit != pushed.Reference)
            sink.Publish(new DeployEvent.Note($"The commit {bundle.Commit} has another bundle already, which keeps its tag: {pushed.OfCommit}."));
        sink.WriteBundle(pushed.Reference.ToString());
        return pushed.Reference.ToString();
    }

    private static async Task<string?> ObstacleAsync(string? commit, string projectDirectory, CancellationToken cancellationToken)
    {
        if (commit is null)
            return "its commit is not known";
        try
        {
            return await GitRepository.DifferenceAsync(projectDirectory, commit, cancellationToken);
        }
        catch (DiagnosticException failure)
        {
            return failure.Diagnostics[0].Cause.TrimEnd('.');
        }
    }
}
