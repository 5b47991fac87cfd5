using System.CommandLine;
using KubeApps.Deploy.Clusters;
using KubeApps.Deploy.Clusters.Sandbox;
using KubeApps.Deploy.GitHub;
using KubeApps.Deploy.Records;
using KubeApps.Deploy.Revisions;
using KubeApps.Deploy.Targets;
using KubeApps.Deploy.Updates;
using KubeApps.Diagnostics;
using KubeApps.Events;

namespace KubeApps.Cli.Commands;

/// <summary>What a command line (or a build) says about records on GitHub.</summary>
/// <param name="Mode"><c>auto</c>, <c>none</c> or <c>github</c>.</param>
internal sealed record RecordOrder(string Mode = RecordOrder.Auto)
{
    public const string Auto = "auto";
    public const string None = "none";
    public const string GitHub = "github";

    /// <summary><c>owner/name</c>; null looks around.</summary>
    public string? Repository { get; init; }

    /// <summary>The file that holds the token; null looks at the environment.</summary>
    public string? TokenFile { get; init; }

    /// <summary>What is done, in GitHub's words; null: what the revision says.</summary>
    public string? Task { get; init; }

    /// <summary>What GitHub calls the environment; null takes its own name.</summary>
    public string? Environment { get; init; }

    public bool IsTransient { get; init; }

    /// <summary>Null goes by the environment's name.</summary>
    public bool? IsProduction { get; init; }
}

/// <summary>The options about records: the same words in every command.</summary>
internal sealed class RecordOptions
{
    private readonly Option<string> _record = new("--record")
    {
        Description = "Where the rollout is recorded. auto: on GitHub in Actions, elsewhere where a token is known and the target is no sandbox.",
        HelpName = "auto|none|github",
    };

    private readonly Option<string?> _environment = new("--github-environment") { Description = "What GitHub calls the environment. Default: its own name.", HelpName = "NAME" };

    public Option<bool> Production { get; } = new("--production") { Description = "End users see the environment. Default: where its name is prod, production or live." };

    public GitHubOptions GitHub { get; } = new();

    private readonly bool _creates;

    /// <param name="mode">Where nothing is said.</param>
    /// <param name="creates">Whether the command makes records; else it ends those that there are, which say how they are called.</param>
    public RecordOptions(string mode = RecordOrder.Auto, bool creates = true)
    {
        _creates = creates;
        _record.DefaultValueFactory = _ => mode;
        _record.AcceptOnlyFromAmong(RecordOrder.Auto, RecordOrder.None, RecordOrder.GitHub);
    }

    public void AddTo(Command command)
    {
        foreach (var option in (Option[])[_record, .. _creates ? (Option[])[_environment, Production] : []])
            command.Add(option);
        GitHub.AddTo(command);
        _environment.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<string?>() is { } name && (name.Trim().Length == 0 || name.Length > 255 || name.Any(char.IsControl)))
                result.AddError("--github-environment wants a name of one to 255 characters.");
        });
    }

    public RecordOrder Order(ParseResult parsed) => new(parsed.GetValue(_record)!)
    {
        Repository = parsed.GetValue(GitHub.Repository),
        TokenFile = parsed.GetValue(GitHub.TokenFile),
        Environment = _creates ? parsed.GetValue(_environment) : null,
        IsProduction = _creates && parsed.GetValue(Production) ? true : null,
    };
}

/// <summary>Decides whether a run is recorded, and finds what is needed for that.</summary>
internal static class Recording
{
    // At its end a run waits for ten seconds: why GitHub took nothing is to be known before.
    private static readonly GitHubLimits Limits = new() { Request = TimeSpan.FromSeconds(9), Waiting = TimeSpan.FromSeconds(4) };

    /// <summary>Null: it is not recorded. Why, where it should be, is told.</summary>
    public static Task<RolloutRecords?> OpenAsync(Terminal terminal, RecordOrder order, ClusterConnection cluster, IEventSink sink, CancellationToken cancellationToken) => OpenAsync(
        terminal, order, cluster.Description, cluster.Description == "sandbox", sink,
        (settings, github, secrets) => new RolloutRecords(settings, github, cluster.Client, sink, cancellationToken, secrets), cancellationToken);

    /// <summary>The same for a full update, on clusters of a provider.</summary>
    public static Task<UpdateRecords?> OpenAsync(
        Terminal terminal, RecordOrder order, IClusterProvider provider, IUpdateShelf shelf, IEventSink sink, CancellationToken cancellationToken) => OpenAsync(
        terminal, order, provider.Description, provider is SandboxClusterProvider, sink,
        (settings, github, secrets) => new UpdateRecords(settings, github, shelf, Author.OfThisProcess(terminal.ReadVariable), sink, terminal.Clock, secrets, cancellationToken), cancellationToken);

    private static async Task<T?> OpenAsync<T>(
        Terminal terminal, RecordOrder order, string target, bool isSandbox, IEventSink sink, Func<RecordSettings, GitHubClient, KnownSecrets, T> open, CancellationToken cancellationToken)
        where T : class
    {
        var isAsked = order.Mode == RecordOrder.GitHub || terminal.ReadVariable("GITHUB_ACTIONS") == "true";
        if (order.Mode == RecordOrder.None || (!isAsked && isSandbox))
            return null;
        try
        {
            var (access, missing) = await GitHubOptions.FindAsync(order.Repository, order.TokenFile, terminal, cancellationToken);
            var settings = new RecordSettings(target) { Task = order.Task, Environment = order.Environment, IsTransient = order.IsTransient, IsProduction = order.IsProduction };
            if (access is not null)
            {
                var secrets = new KnownSecrets();
                secrets.Add([access.Token]);
                return open(settings, GitHubOptions.Open(access, terminal, Limits), secrets);
            }

            // Where nobody asked for it, it is no news that there is none.
            if (isAsked)
                sink.Publish(new DeployEvent.DiagnosticRaised(DiagnosticDescriptors.RecordImpossible.Because(
                    $"The rollout is not recorded on GitHub. {missing}", nextStep: "Give the job permission (deployments: write) and the token (GITHUB_TOKEN), or deploy with --record none.")));
        }
        catch (DiagnosticException failure)
        {
            foreach (var diagnostic in failure.Diagnostics)
                sink.Publish(new DeployEvent.DiagnosticRaised(diagnostic with { Severity = DiagnosticSeverity.Warning }));
        }

        return null;
    }
}
