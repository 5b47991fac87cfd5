namespace KubeApps.Deploy.Tests.Faults;

/// <summary>
/// Lets nothing through any more once the server has handled one write, counted from 0 among those that count: what the cluster sees of a process that is
/// killed, without one that has to start.
/// </summary>
internal sealed class CutLine(int write, Func<HttpRequestMessage, bool> counts) : DelegatingHandler
{
    private int _next = -1;

    public string? CutAt { get; private set; }

    /// <summary>Runs what ends where it is cut.</summary>
    public static async Task RunAsync(Func<Task> run)
    {
        var ended = await Record.ExceptionAsync(run);
        Assert.True(ended is null or CutOffException, $"{ended}");
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        RequireOpen();
        var isLast = counts(request) && Interlocked.Increment(ref _next) == write;
        var response = await base.SendAsync(request, cancellationToken);
        if (isLast)
            CutAt = $"{request.Method} {request.RequestUri!.AbsolutePath}";
        RequireOpen();
        return response;
    }

    private void RequireOpen()
    {
        if (CutAt is not null)
            throw new CutOffException();
    }

    /// <summary>Nobody who runs expects it: it ends the run where it is.</summary>
    private sealed class CutOffException : Exception;
}
