using KubeApps.Deploy.Api;
using KubeApps.Deploy.GitHub;
using KubeApps.Deploy.Revisions;
using KubeApps.Diagnostics;

namespace KubeApps.Deploy.Records;

/// <summary>Delivers what destroys of an app left behind: each by itself, because its revisions have numbers that others have, too.</summary>
/// <param name="github">The repository.</param>
/// <param name="cluster">Where it was left.</param>
/// <param name="app">The app.</param>
/// <param name="ns">Its namespace.</param>
/// <param name="standing">The UIDs of the revisions that stand: a destroy that was cut has not taken them away, and they are recorded with the app.</param>
/// <param name="own">The name of what this run itself leaves.</param>
/// <param name="mask">Takes secrets out of a text.</param>
internal sealed class LeftDelivery(GitHubClient github, KubeClient cluster, string app, string ns, IReadOnlySet<string> standing, string? own, Func<string, string> mask)
{
    private readonly LeftRecords _store = new(cluster);
    private IReadOnlyList<Line>? _lines;
    private Diagnostic? _failure;
    private bool _isTried;

    /// <summary>Why not all was delivered.</summary>
    public IReadOnlyList<Diagnostic> Failures => [.. (_lines ?? []).SelectMany(line => line.Delivery.Failures), .. _failure is null ? (Diagnostic[])[] : [_failure]];

    /// <summary>The revisions of which GitHub got something.</summary>
    public IReadOnlyList<Revision> Delivered => [.. (_lines ?? []).SelectMany(line => line.Ledger.Delivered)];

    /// <param name="isAgain">Also what was tried before.</param>
    /// <param name="cancellationToken">Ends it; what is not delivered stays.</param>
    public async Task RunAsync(bool isAgain, CancellationToken cancellationToken)
    {
        if (_isTried && !isAgain)
            return;
        _isTried = true;
        try
        {
            _lines ??= [.. (await _store.ReadAsync(app, ns, cancellationToken)).Where(IsMeant).Select(LineOf)];
            foreach (var line in _lines.Where(item => !item.IsSettled))
            {
                line.Delivery.TryAgain();
                await line.Delivery.RunAsync(() => cancellationToken, cancellationToken);
                await KeepAsync(line, cancellationToken);
                if (line.Ledger.IsDown)
                    break;
            }

            _failure = null;
        }
        catch (Exception failure) when (LeftRecords.IsExpected(failure))
        {
            _failure = DiagnosticDescriptors.RecordNotDelivered.Because($"What GitHub ({github.Repository}) is owed of {app}, as it was before it was destroyed, is not settled in the cluster: {RecordFailure.Of(failure).Reason}.");
        }
    }

    // What another repository is owed stays for it.
    private bool IsMeant(LeftRecord left) => left.Name != own && left.Revisions.Any(item => item.Record?.IsOf(github.Repository) == true);

    private Line LineOf(LeftRecord left)
    {
        var ledger = new RecordLedger(github.Repository);
        ledger.Know(left.Revisions.Where(item => item.Uid is null || !standing.Contains(item.Uid)).Select(item => item with
        {
            IsGone = true,
            // Its run was killed, and nobody else is at it.
            State = item.State.Outcome == RevisionOutcome.Deploying ? item.State with { Outcome = RevisionOutcome.Interrupted } : item.State,
        }));
        return new Line(left.Name, ledger, new RecordDelivery(github, new RecordKeeper(cluster), ledger, mask));
    }

    private async Task KeepAsync(Line line, CancellationToken cancellationToken)
    {
        if (line.Ledger.Owed is not { Count: > 0 } owed)
        {
            await _store.DeleteAsync(ns, line.Name, cancellationToken);
            line.IsSettled = true;
        }
        else if (line.Ledger.Delivered.Count > 0)
        {
            await _store.WriteAsync(app, ns, new LeftRecord(line.Name, owed), cancellationToken);
        }
    }

    private sealed record Line(string Name, RecordLedger Ledger, RecordDelivery Delivery)
    {
        public bool IsSettled { get; set; }
    }
}
