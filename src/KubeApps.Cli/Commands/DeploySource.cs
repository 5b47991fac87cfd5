using System.CommandLine;
using KubeApps.Bundles;
using KubeApps.Deploy.Artifacts;
using KubeApps.Deploy.Images;
using KubeApps.Events;

namespace KubeApps.Cli.Commands;

/// <summary>What is deployed: a project as it is, a commit of it, or a bundle that was built before.</summary>
internal abstract record DeploySource
{
    private DeploySource()
    {
    }

    /// <summary>The project, or null for a bundle.</summary>
    public virtual ProjectFolder? FindProject() => null;

    /// <summary>Whether a sandbox must be started for the deploy: a publish for it does so itself, as the version that the project has of it.</summary>
    public virtual bool StartsSandbox => true;

    /// <summary>The bundle, which is built, pulled or read. Failures of a build were told to <paramref name="sink"/>.</summary>
    /// <exception cref="PublishFailedException">The build failed.</exception>
    public abstract Task<Bundle> OpenAsync(Terminal terminal, DeployOrder order, IEventSink sink, CancellationToken cancellationToken);

    // What a deploy makes of a bundle that is built for it alone.
    private static BundleUse UseOf(DeployOrder order) => order switch
    {
        { IsFull: true } => BundleUse.DeployedToNewCluster,
        { Target.IsExplicit: true } => BundleUse.DeployedElsewhere,
        _ => BundleUse.DeployedByCaller,
    };

    /// <summary>The properties with which a project is published for an order.</summary>
    private static (string Name, string? Value)[] PropertiesOf(DeployOrder order, BundleUse use) =>
    [
        ("KubeAppPush", "true"),
        ("KubeAppEnvironment", order.Environment),
        ("_KubeAppBundleUse", $"{use}"),
        ("_KubeAppDryRun", order.DryRun ? "true" : null),
    ];

    /// <summary>A project, as its files are now.</summary>
    public sealed record OfProject(string Path) : DeploySource
    {
        public override bool StartsSandbox => false;

        public override ProjectFolder FindProject() => ProjectFolder.Find(Path);

        public override Task<Bundle> OpenAsync(Terminal terminal, DeployOrder order, IEventSink sink, CancellationToken cancellationToken) => ProjectPublish.RunAsync(
            terminal, FindProject(), PropertiesOf(order, UseOf(order)), sink, cancellationToken);
    }

    /// <summary>A project as it was at a commit.</summary>
    public sealed record OfCommit(string Path, string Commit) : DeploySource
    {
        public override ProjectFolder FindProject() => ProjectFolder.Find(Path);

        public override Task<Bundle> OpenAsync(Terminal terminal, DeployOrder order, IEventSink sink, CancellationToken cancellationToken)
        {
            var use = order.DryRun ? UseOf(order) : order.Target.IsExplicit ? BundleUse.KeptForElsewhere : BundleUse.Kept;
            return CommitBundle.OpenAsync(terminal, FindProject(), Commit, order, PropertiesOf(order, use), sink, cancellationToken);
        }
    }

    /// <summary>A folder, or a reference to a registry.</summary>
    public sealed record OfBundle(string Source) : DeploySource
    {
        /// <summary>Whether it is read from a folder, and nothing else is done for it.</summary>
        public bool IsFolder => !OciReference.IsOne(Source);

        public override Task<Bundle> OpenAsync(Terminal terminal, DeployOrder order, IEventSink sink, CancellationToken cancellationToken) =>
            BundleSource.OpenAsync(Source, terminal, StartsSandbox, sink, cancellationToken);
    }
}

/// <summary>The options that say what is deployed.</summary>
internal sealed class SourceOptions
{
    private readonly Option<string?> _bundle = CommonOptions.Bundle();
    private readonly Option<string?> _project = CommonOptions.Project();
    private readonly Option<string?> _commit = new("--commit")
    {
        Description = "The project as it was at that commit (hash, branch or tag): its bundle from the registry, or built in a working tree of its own.",
        HelpName = "COMMIT",
    };

    public void AddTo(Command command)
    {
        foreach (var option in (Option[])[_bundle, _project, _commit])
            command.Add(option);
        command.Validators.Add(result =>
        {
            if (result.GetResult(_bundle) is not null && (result.GetResult(_commit) is not null || result.GetResult(_project) is not null))
                result.AddError("A bundle is deployed as it is: --bundle goes with neither --commit nor --project.");
        });
    }

    public DeploySource Chosen(ParseResult parsed, Terminal terminal)
    {
        var project = Path.GetFullPath(parsed.GetValue(_project) ?? ".", terminal.Directory);
        return parsed.GetValue(_bundle) is { } bundle ? new DeploySource.OfBundle(bundle)
            : parsed.GetValue(_commit) is { } commit ? new DeploySource.OfCommit(project, commit)
            : new DeploySource.OfProject(project);
    }
}
