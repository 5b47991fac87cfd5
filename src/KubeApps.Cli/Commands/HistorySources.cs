using System.CommandLine;
using KubeApps.Deploy.GitHub;
using KubeApps.Deploy.History;
using KubeApps.Deploy.Records;
using KubeApps.Deploy.Revisions;
using KubeApps.Diagnostics;

namespace KubeApps.Cli.Commands;

/// <summary>Where a history comes from.</summary>
internal sealed class HistorySourceOptions
{
    private readonly Option<string?> _source = new("--source")
    {
        Description = "Where to look. Default: the cluster, and GitHub too where it has records of it; GitHub alone with --repository and no cluster.",
        HelpName = "cluster|github|both",
    };

    public DeployedApp.Selection Selection { get; } = new();

    public GitHubOptions GitHub { get; } = new();

    public void AddTo(Command command)
    {
        Selection.AddTo(command);
        _source.AcceptOnlyFromAmong("cluster", "github", "both");
        command.Add(_source);
        GitHub.AddTo(command);
    }

    public string? App(ParseResult parsed) => Selection.App(parsed);

    public string? Environment(ParseResult parsed) => parsed.GetValue(Selection.Target.Environment);

    /// <summary>Whether the cluster is asked: not where a repository is named and no cluster is.</summary>
    public bool IncludesCluster(ParseResult parsed) => parsed.GetValue(_source) is { } source
        ? source != "github"
        : parsed.GetValue(GitHub.Repository) is null || ((Option[])[Selection.Bundle, Selection.Target.Context, Selection.Target.Kubeconfig, Selection.Target.Namespace])
            .Any(option => parsed.GetResult(option) is { Implicit: false });

    /// <summary>Whether GitHub must answer; null: where that goes well.</summary>
    public bool? IncludesGitHub(ParseResult parsed) => parsed.GetValue(_source) is { } source ? source != "cluster" : IncludesCluster(parsed) ? null : true;
}

/// <summary>The app's cluster, GitHub, or both, opened.</summary>
internal sealed class HistorySources : IDisposable
{
    // Who asked for the cluster's history does not wait for a server that is down.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly bool _mustHaveGitHub;
    private readonly Terminal _terminal;

    private HistorySources(Terminal terminal, DeployedApp? app, ClusterHistory? cluster, GitHubClient? gitHub, bool mustHaveGitHub) =>
        (_terminal, App, Cluster, GitHub, _mustHaveGitHub) = (terminal, app, cluster, gitHub, mustHaveGitHub);

    public DeployedApp? App { get; }

    public ClusterHistory? Cluster { get; }

    /// <summary>Null where it is not asked.</summary>
    public GitHubClient? GitHub { get; private set; }

    public static async Task<HistorySources> OpenAsync(HistorySourceOptions options, ParseResult parsed, Terminal terminal, CancellationToken cancellationToken)
    {
        var app = options.IncludesCluster(parsed) ? await DeployedApp.FindAsync(options.Selection, parsed, terminal, writes: false, cancellationToken) : null;
        try
        {
            var cluster = app is null ? null : await ReadAsync(app, cancellationToken);
            var wanted = options.IncludesGitHub(parsed);
            var isAsked = wanted == true || (wanted is null && cluster!.Revisions.Any(revision => revision.Record is not null));
            return new HistorySources(terminal, app, cluster, isAsked ? await FindClientAsync(options.GitHub, parsed, wanted == true ? null : cluster, terminal, cancellationToken) : null, wanted == true);
        }
        catch
        {
            app?.Dispose();
            throw;
        }
    }

    // What stands in the way is told, where nobody insists on GitHub's answer: that is, where it is asked because a cluster has records there.
    private static async Task<GitHubClient?> FindClientAsync(GitHubOptions options, ParseResult parsed, ClusterHistory? cluster, Terminal terminal, CancellationToken cancellationToken)
    {
        try
        {
            var (access, missing) = await options.FindAsync(parsed, terminal, cancellationToken);
            if (cluster is null)
                return Open(access ?? throw new DiagnosticException(DiagnosticDescriptors.RepositoryNotKnown.Because(missing!)), mustAnswer: true, terminal);
            // An annotation in a cluster does not decide who gets a token: it must agree with what is known here.
            return access is not null && cluster.Revisions.Any(revision => revision.Record?.IsOf(access.Repository) == true) ? Open(access, mustAnswer: false, terminal) : null;
        }
        catch (DiagnosticException failure) when (cluster is not null && parsed.GetValue(options.TokenFile) is null)
        {
            terminal.Tell(DiagnosticDescriptors.HistoryWithoutGitHub.Because(failure.Diagnostics[0].Cause));
            return null;
        }
    }

    /// <summary>
    /// Which deploys the options mean. In a cluster there is one app, whose environment may have another name on GitHub; what other tools put there is
    /// left out where the app is named.
    /// </summary>
    public HistoryFilter Of(HistoryFilter filter)
    {
        if (Cluster is null)
            return filter;
        var recorded = Cluster.Revisions.Select(revision => revision.Record?.Environment).OfType<string>().Distinct().ToList();
        return filter with
        {
            App = Cluster.Inventory.App,
            IncludesForeign = filter.App is null,
            Environment = Cluster.Inventory.Environment,
            GitHubEnvironment = filter.GitHubEnvironment ?? (recorded is [var only] ? only : null),
            HasSeveralNames = filter.GitHubEnvironment is null && recorded.Count > 1,
        };
    }

    /// <summary>Reads from all that are open. What GitHub does not give is missing, and told, unless it was asked for by name.</summary>
    public Task<DeployHistory> ReadAsync(Func<GitHubClient?, CancellationToken, Task<HistoryQuery>> query, CancellationToken cancellationToken) =>
        ReadAsync(async (reader, token) => await reader.ReadAsync(await query(GitHub, token), token), cancellationToken);

    /// <summary>What stands in each environment.</summary>
    public Task<IReadOnlyList<EnvironmentSummary>> SummarizeAsync(HistoryFilter filter, CancellationToken cancellationToken) =>
        ReadAsync((reader, token) => reader.SummarizeAsync(filter, token), cancellationToken);

    private async Task<T> ReadAsync<T>(Func<HistoryReader, CancellationToken, Task<T>> read, CancellationToken cancellationToken)
    {
        if (GitHub is null || _mustHaveGitHub)
            return await read(new HistoryReader(Cluster, GitHub is null ? null : new GitHubHistory(GitHub)), cancellationToken);
        using var patience = new CancellationTokenSource(Patience, _terminal.Clock);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, patience.Token);
        try
        {
            return await read(new HistoryReader(Cluster, new GitHubHistory(GitHub)), both.Token);
        }
        catch (Exception failure) when (!cancellationToken.IsCancellationRequested && ReasonOf(failure) is not null)
        {
            _terminal.Tell(DiagnosticDescriptors.HistoryWithoutGitHub.Because(
                failure is OperationCanceledException ? $"{GitHub.Repository} was not read within {Patience.TotalSeconds:0} s." : $"{GitHub.Repository} is not heard: {ReasonOf(failure)}."));
            GitHub.Dispose();
            GitHub = null;
            return await read(new HistoryReader(Cluster, null), cancellationToken);
        }
    }

    public void Dispose()
    {
        GitHub?.Dispose();
        App?.Dispose();
    }

    private static async Task<ClusterHistory> ReadAsync(DeployedApp app, CancellationToken cancellationToken) => new(
        app.Inventory, app.Connection.Description, await new RevisionStore(app.Connection.Client).ListAsync(app.Inventory, cancellationToken));

    // What GitHub says of its limits is told rather than waited for where nobody insists on its answer.
    public static GitHubClient Open(GitHubAccess access, bool mustAnswer, Terminal terminal) =>
        GitHubOptions.Open(access, terminal, mustAnswer ? null : new GitHubLimits { Waiting = Patience / 4 });

    private static string? ReasonOf(Exception failure) => failure is GitHubException or OperationCanceledException ? RecordFailure.Of(failure).Reason : null;
}
