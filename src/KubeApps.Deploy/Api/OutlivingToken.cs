namespace KubeApps.Deploy.Api;

/// <summary>
/// A token that outlives its parent a little: for a write, which is not called back once it is on its way. Whoever is told to end has to know
/// what became of it.
/// </summary>
internal sealed class OutlivingToken : IDisposable
{
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(3);

    private readonly CancellationTokenSource _source;
    private readonly CancellationTokenRegistration _parentEnds;

    public OutlivingToken(TimeProvider clock, CancellationToken parent)
    {
        parent.ThrowIfCancellationRequested();
        _source = new CancellationTokenSource(Timeout.InfiniteTimeSpan, clock);
        _parentEnds = parent.Register(() => _source.CancelAfter(Rest));
    }

    public CancellationToken Token => _source.Token;

    public void Dispose()
    {
        _parentEnds.Dispose();
        _source.Dispose();
    }
}
