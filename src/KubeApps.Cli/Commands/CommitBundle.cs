using KubeApps.Bundles;
using KubeApps.Cli.Git;
using KubeApps.Deploy.Artifacts;
using KubeApps.Deploy.Images;
using KubeApps.Deploy.Targets;
using KubeApps.Diagnostics;
using KubeApps.Events;

namespace KubeApps.Cli.Commands;

/// <summary>
/// The bundle of a commit: from the registry, where it was pushed once, else built from the commit's own files and pushed now. What stands in
/// the user's working tree plays no part in it.
/// </summary>
internal static class CommitBundle
{
    public static async Task<Bundle> OpenAsync(
        Terminal terminal, ProjectFolder project, string name, DeployOrder order, IReadOnlyList<(string Name, string? Value)> properties, IEventSink sink,
        CancellationToken cancellationToken)
    {
        var repository = await GitRepository.FindAsync(project.Folder, cancellationToken);
        var commit = await repository.ResolveAsync(name, cancellationToken);
        var file = Path.GetFileName(project.File);
        if (!await repository.HasAsync(commit, file, cancellationToken))
            throw new DiagnosticException(DiagnosticDescriptors.ProjectNotInCommit.Because($"The commit {commit} has no {repository.Prefix}{file}."));
        if (await PushedAsync(terminal, project, commit, order, sink, cancellationToken) is { } pushed)
            return pushed;
        sink.Publish(new DeployEvent.Note($"No bundle of commit {commit} for this environment was found: it is built, in a working tree of its own."));
        await using var tree = await CommitWorktree.AddAsync(repository, commit, cancellationToken);
        var then = new ProjectFolder(Path.Combine(tree.Root, repository.Prefix.Replace('/', Path.DirectorySeparatorChar), file));
        // Its own global.json counts, too.
        return await ProjectPublish.RunAsync(
            terminal with { Directory = then.Folder }, then, [.. properties, ("KubeAppCommit", commit)], sink, cancellationToken);
    }

    // Where to look is what the project says now. If that is wrong, the commit is built, and its own specification says where it belongs.
    private static async Task<Bundle?> PushedAsync(
        Terminal terminal, ProjectFolder project, string commit, DeployOrder order, IEventSink sink, CancellationToken cancellationToken)
    {
        var environment = order.Environment ?? "local";
        if (await KnownAsync(terminal, project, environment, sink, cancellationToken) is not var (app, target)
            || await RegistryAsync(app, target, order, terminal, sink, cancellationToken) is not { } registry)
            return null;
        using var repositories = registry.Repositories;
        using var client = RemoteBundle.Client(registry, terminal.ReadVariable, isReadOnly: true);
        var found = await new BundleRegistry(client, registry.Host, registry.PathOf(app)).FindAsync(BundleRegistry.TagOf(commit), cancellationToken);
        if (found is null)
            return null;
        var bundle = await RemoteBundle.ReadAsync(found, launcher: null, terminal.ReadVariable, sink, cancellationToken);
        var isForIt = EnvironmentIn(bundle, environment) is not null;
        sink.Publish(new DeployEvent.Note(isForIt
            ? $"The bundle of commit {commit} is in the registry: {found}."
            : $"The bundle of commit {commit} in the registry, {found}, has no environment '{environment}'. It has: {string.Join(", ", bundle.Environments.Select(item => item.Name))}."));
        return isForIt ? bundle : null;
    }

    private static async Task<ImageRegistry?> RegistryAsync(
        string app, BundleTarget target, DeployOrder order, Terminal terminal, IEventSink sink, CancellationToken cancellationToken)
    {
        if (target.Kind == "sandbox" && !order.Target.IsExplicit)
        {
            var endpoint = await new SandboxLauncher(SandboxLocation.FromEnvironment(), terminal.Clock).EnsureRunningAsync(sink, cancellationToken);
            return ImageRegistry.Parse(endpoint.Registry, endpoint.RegistryCredentials);
        }

        return ImagePlace.PlaceOf(target) is { } place ? await ImagePlace.OpenAsync(place, target, app, ecr: null, sink, terminal.Clock, cancellationToken) : null;
    }

    // The last publish knows it without a build; else the specification is evaluated.
    private static async Task<(string App, BundleTarget Target)?> KnownAsync(
        Terminal terminal, ProjectFolder project, string environment, IEventSink sink, CancellationToken cancellationToken)
    {
        if (Of(project.LastBundle()) is { } last)
            return last;
        sink.Publish(new DeployEvent.Note("The specification is evaluated, to find the registry."));
        try
        {
            return Of(await ProjectPublish.RunAsync(terminal, project, [], IgnoredEvents.Instance, cancellationToken));
        }
        catch (Exception failure) when (failure is PublishFailedException or DiagnosticException)
        {
            sink.Publish(new DeployEvent.Note("The project as it is now cannot be evaluated; what the commit says counts."));
            return null;
        }

        (string, BundleTarget)? Of(Bundle? bundle) => bundle is not null && EnvironmentIn(bundle, environment) is { } found ? (bundle.App, found.Target) : null;
    }

    private static BundleEnvironment? EnvironmentIn(Bundle bundle, string name) =>
        bundle.Environments.FirstOrDefault(item => string.Equals(item.Name, name, StringComparison.OrdinalIgnoreCase));
}
