using System.Net;
using System.Text;

namespace KubeApps.Deploy.Tests.Faults;

/// <summary>What goes wrong with one request.</summary>
public enum Fault
{
    /// <summary>The connection is cut before the server sees the request.</summary>
    CutBefore,

    /// <summary>The server does what it was asked for, and the connection is cut before it can say so.</summary>
    CutAfter,

    /// <summary>500, before the server does anything.</summary>
    ServerError,

    /// <summary>429, before the server does anything.</summary>
    Throttled,

    /// <summary>The server does what it was asked for, and says so some seconds later.</summary>
    Late,

    /// <summary>The server does what it was asked for, and its answer never comes.</summary>
    Unanswered,
}

/// <summary>Stands between the engine and the server, and spoils requests.</summary>
internal sealed class FaultyLine(Fault fault, Func<HttpRequestMessage, bool> spoils) : DelegatingHandler
{
    // Longer than a run waits for the server to let go of its lock.
    private static readonly TimeSpan Lateness = TimeSpan.FromSeconds(4);

    /// <summary>Spoils one request, counted from 0 among those that count.</summary>
    public FaultyLine(Fault fault, int index, Func<HttpRequestMessage, bool> counts)
        : this(fault, OnlyOne(index, counts))
    {
    }

    /// <summary>The request that was spoiled last.</summary>
    public string? Spoiled { get; private set; }

    /// <summary>Whether a request changes something.</summary>
    public static bool IsWrite(HttpRequestMessage request) =>
        request.Method != HttpMethod.Get && !request.RequestUri!.Query.Contains("dryRun=All", StringComparison.Ordinal)
        && !request.RequestUri.AbsolutePath.Contains("/authorization.k8s.io/", StringComparison.Ordinal);

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (!spoils(request))
            return await base.SendAsync(request, cancellationToken);
        Spoiled = $"{request.Method} {request.RequestUri!.AbsolutePath}";
        switch (fault)
        {
            case Fault.ServerError:
                return Answer(HttpStatusCode.InternalServerError, "etcdserver: leader changed");
            case Fault.Throttled:
                var throttled = Answer(HttpStatusCode.TooManyRequests, "too many requests, please try again later");
                throttled.Headers.RetryAfter = new(TimeSpan.Zero);
                return throttled;
            case Fault.Late:
                var late = await base.SendAsync(request, cancellationToken);
                await Task.Delay(Lateness, cancellationToken);
                return late;
            default:
                using (fault == Fault.CutBefore ? null : await base.SendAsync(request, cancellationToken))
                    if (fault == Fault.Unanswered)
                        await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
                break;
        }

        throw new HttpRequestException(HttpRequestError.ResponseEnded, "The connection was cut.", new IOException("Connection reset by peer"));
    }

    private static Func<HttpRequestMessage, bool> OnlyOne(int index, Func<HttpRequestMessage, bool> counts)
    {
        var next = -1;
        return request => counts(request) && Interlocked.Increment(ref next) == index;
    }

    private static HttpResponseMessage Answer(HttpStatusCode status, string message) => new(status)
    {
        Content = new StringContent($$"""{"kind":"Status","apiVersion":"v1","status":"Failure","message":"{{message}}","code":{{(int)status}} }""", Encoding.UTF8, "application/json"),
    };
}
