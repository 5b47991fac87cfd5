namespace KubeApps.Deploy.Api;

internal sealed partial class KubeClient
{
    // A header says whole seconds: of those that agree, the latest is the nearest to the truth.
    private static readonly TimeSpan DateStep = TimeSpan.FromSeconds(2);

    private volatile Heard? _heard;

    /// <summary>The time by the server's clock, against which the times in objects and events are read: this machine's may be wrong, or jump.</summary>
    public DateTimeOffset Now => _heard is { } heard ? heard.Date + clock.GetElapsedTime(heard.At) : clock.GetUtcNow();

    private void Hear(HttpResponseMessage response)
    {
        if (response.Headers.Date is { } date && (_heard is null || date > Now || Now - date > DateStep))
            _heard = new Heard(date, clock.GetTimestamp());
    }

    private sealed record Heard(DateTimeOffset Date, long At);
}
