using System.Threading.Channels;
using KubeApps.Deploy.GitHub;
using KubeApps.Diagnostics;

namespace KubeApps.Deploy.Records;

/// <summary>
/// Sends beside the run what a ledger owes GitHub, whenever somebody says that there may be something, and ends with what is most important when the run is
/// asked to end.
/// </summary>
internal sealed class RecordWriter : IAsyncDisposable
{
    private static readonly TimeSpan EndLimit = TimeSpan.FromSeconds(10);

    // A runner kills ten seconds after it asked; others wait, too.
    private static readonly TimeSpan CancelLimit = TimeSpan.FromSeconds(4);

    // What is cut ends at once.
    private static readonly TimeSpan CutLimit = TimeSpan.FromSeconds(1);

    private readonly Channel<TaskCompletionSource?> _wishes = Channel.CreateUnbounded<TaskCompletionSource?>(new UnboundedChannelOptions { SingleReader = true });
    private readonly RecordLedger _ledger;
    private readonly RecordDelivery _delivery;
    private readonly GitHubRepository _repository;
    private readonly TimeProvider _clock;
    private readonly CancellationToken _asked;
    private readonly CancellationTokenRegistration _whenAsked;
    private readonly Task _work;
    private readonly CancellationTokenSource _urgent = new();
    private volatile CancellationTokenSource _limit;
    private volatile LeftDelivery? _left;
    private volatile Diagnostic? _fault;

    /// <param name="ledger">What there is to send.</param>
    /// <param name="delivery">Sends it.</param>
    /// <param name="repository">Where it goes.</param>
    /// <param name="clock">The time.</param>
    /// <param name="cancellationToken">Of the run: when it is asked to end, its record says so at once.</param>
    public RecordWriter(RecordLedger ledger, RecordDelivery delivery, GitHubRepository repository, TimeProvider clock, CancellationToken cancellationToken)
    {
        (_ledger, _delivery, _repository, _clock, _asked) = (ledger, delivery, repository, clock, cancellationToken);
        _limit = NewLimit();
        _work = Task.Run(WorkAsync, CancellationToken.None);
        _whenAsked = cancellationToken.Register(Interrupt);
    }

    /// <summary>What destroys have left is sent before the rest; null: nobody looked for any.</summary>
    public LeftDelivery? Left
    {
        get => _left;
        set => _left = value;
    }

    /// <summary>How long a run waits at its end.</summary>
    public TimeSpan Patience => _asked.IsCancellationRequested ? CancelLimit : EndLimit;

    /// <summary>There may be something to send.</summary>
    public void Wish() => _wishes.Writer.TryWrite(null);

    /// <summary>Waits, for a limited time, until all is sent. Why it is not.</summary>
    public async Task<IReadOnlyList<Diagnostic>> SettleAsync()
    {
        var time = Patience;
        RenewLimit();
        _limit.CancelAfter(time);
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        IReadOnlyList<Diagnostic> failures;
        try
        {
            if (_wishes.Writer.TryWrite(done))
                await done.Task.WaitAsync(time + CutLimit, _clock);
            failures = [.. ((IEnumerable<Diagnostic?>)[_fault, .. _delivery.Failures, .. _left?.Failures ?? []]).OfType<Diagnostic>()];
        }
        catch (TimeoutException)
        {
            failures = [DiagnosticDescriptors.RecordNotDelivered.Because($"What GitHub ({_repository}) is owed was not delivered within {time.TotalSeconds:0} s.")];
        }

        // What is recorded next in this run has its own time.
        _limit.CancelAfter(Timeout.InfiniteTimeSpan);
        RenewLimit();
        return failures;
    }

    public async ValueTask DisposeAsync()
    {
        await _whenAsked.DisposeAsync();
        _wishes.Writer.TryComplete();
        await _limit.CancelAsync();
        try
        {
            await _work.WaitAsync(CutLimit, _clock);
        }
        catch (TimeoutException)
        {
            // It has been told that nothing came of it.
        }

        _urgent.Dispose();
        _limit.Dispose();
    }

    private void RenewLimit()
    {
        if (_limit.IsCancellationRequested)
            _limit = NewLimit();
    }

    private CancellationTokenSource NewLimit() => new(Timeout.InfiniteTimeSpan, _clock);

    // The terminal status goes out first: whatever is on its way makes room for it.
    private void Interrupt()
    {
        _ledger.Cancel();
        _urgent.Cancel();
        _limit.CancelAfter(CancelLimit);
        Wish();
    }

    private async Task WorkAsync()
    {
        await foreach (var done in _wishes.Reader.ReadAllAsync(CancellationToken.None))
        {
            try
            {
                await WorkAsync(isEnd: done is not null, _limit.Token);
            }
            catch (Exception failure)
            {
                _fault = DiagnosticDescriptors.RecordNotDelivered.Because($"What GitHub ({_repository}) is owed was not delivered: {RecordFailure.Of(failure).Reason}.");
            }

            done?.TrySetResult();
        }
    }

    private async Task WorkAsync(bool isEnd, CancellationToken limit)
    {
        using var cuttable = CancellationTokenSource.CreateLinkedTokenSource(_urgent.Token, limit);
        // What is older comes first; but at the end of a rollout, where people wait and what may have passed is tried once more, its own state does.
        if (isEnd)
            _delivery.TryAgain();
        else if (_left is { } left)
            await left.RunAsync(isAgain: false, cuttable.Token);
        await _delivery.RunAsync(() => _urgent.IsCancellationRequested ? limit : cuttable.Token, limit);
        if (isEnd && _left is { } rest)
            await rest.RunAsync(isAgain: true, limit);
    }
}
