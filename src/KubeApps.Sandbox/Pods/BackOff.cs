namespace KubeApps.Sandbox.Pods;

/// <summary>
/// The kubelet's exponential back-off: the first failure is tried again at once, the next after 10 s, 20 s, 40 s, up to 5 minutes;
/// after twice that time without a failure all is forgotten.
/// </summary>
internal sealed class BackOff(KubeletOptions options, TimeProvider clock)
{
    private TimeSpan _next;
    private DateTimeOffset _lastFailure;

    /// <summary>How long to wait after a failure that happened now; zero for the first.</summary>
    public TimeSpan AfterFailure()
    {
        var now = clock.GetUtcNow();
        if (now - _lastFailure > 2 * options.BackOffLimit)
            _next = TimeSpan.Zero;
        _lastFailure = now;
        var wait = _next;
        _next = wait == TimeSpan.Zero ? options.BackOffBase : Min(wait * 2, options.BackOffLimit);
        return wait;
    }

    /// <summary>As Go prints durations: <c>40s</c>, <c>1m20s</c>, <c>5m0s</c>.</summary>
    public static string Text(TimeSpan wait) =>
        wait.TotalMinutes >= 1 ? $"{(int)wait.TotalMinutes}m{wait.Seconds}s"
        : wait.TotalSeconds >= 1 ? FormattableString.Invariant($"{wait.TotalSeconds:0.###}s")
        : FormattableString.Invariant($"{wait.TotalMilliseconds:0.###}ms");

    private static TimeSpan Min(TimeSpan one, TimeSpan other) => one < other ? one : other;
}
