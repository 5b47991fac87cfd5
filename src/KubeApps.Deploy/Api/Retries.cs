using System.Net;

namespace KubeApps.Deploy.Api;

/// <summary>Why a request may succeed when it is sent again.</summary>
internal enum RetryCause
{
    /// <summary>It will not: the answer would be the same.</summary>
    None,

    /// <summary>429: the server has too much to do, or a rate is limited.</summary>
    Throttled,

    /// <summary>5xx: the server restarts, or something between does not reach it.</summary>
    ServerFault,

    /// <summary>An admission webhook does not answer: its pods start, or its certificate is not there yet.</summary>
    Webhook,

    /// <summary>The connection was cut or not made; whether the server did what it was asked for is not known.</summary>
    Connection,

    /// <summary>Somebody else wrote at the same moment: the object itself, or the quota that counts it.</summary>
    Race,
}

/// <summary>When and how long a request is sent again, by the cause. Pure: time and chance are passed in.</summary>
internal static class Retries
{
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(5);

    // All requests of a run that the server sent away at the same moment must not come back at the same moment.
    private const double Jitter = 0.3;

    /// <summary>Why trying again may help.</summary>
    public static RetryCause CauseOf(ApiException refusal) => refusal.Status switch
    {
        HttpStatusCode.TooManyRequests => refusal.DisruptionBudget is null ? RetryCause.Throttled : RetryCause.None,
        HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout => RetryCause.ServerFault,
        HttpStatusCode.InternalServerError when refusal.IsWebhookFailure => refusal.IsWebhookAway ? RetryCause.Webhook : RetryCause.None,
        // The server uses 500 also for mistakes in the request (an unknown field in an apply).
        HttpStatusCode.InternalServerError => refusal.IsAdmission || refusal.IsBadField ? RetryCause.None : RetryCause.ServerFault,
        // 409 has three meanings: a field conflict stays one.
        HttpStatusCode.Conflict => refusal.IsRace ? RetryCause.Race : RetryCause.None,
        // Others, and a namespace that is being deleted (403) among them: it does not come back.
        _ => RetryCause.None,
    };

    /// <summary>How long to wait before the next attempt; null gives up.</summary>
    /// <param name="cause">Why the last attempt failed.</param>
    /// <param name="attempt">How many there were, from 1.</param>
    /// <param name="elapsed">How long ago the first one began.</param>
    /// <param name="retryAfter">What the server asked for, if it did.</param>
    /// <param name="isKnown">Whether this server ever answered: one that was never there will not come up in a minute.</param>
    /// <param name="chance">From 0 to 1.</param>
    public static TimeSpan? DelayBefore(RetryCause cause, int attempt, TimeSpan elapsed, TimeSpan? retryAfter, bool isKnown, double chance)
    {
        if (cause == RetryCause.None)
            return null;
        var doubled = TimeSpan.FromMilliseconds(100 << Math.Min(attempt - 1, 10));
        var delay = retryAfter ?? (doubled < LongestDelay ? doubled : LongestDelay);
        delay += delay * (Jitter * chance);
        return elapsed + delay <= LimitOf(cause, isKnown) ? delay : null;
    }

    /// <summary>Within what time a cause must have passed.</summary>
    private static TimeSpan LimitOf(RetryCause cause, bool isKnown) => TimeSpan.FromSeconds(cause switch
    {
        RetryCause.Throttled => 120,
        RetryCause.Connection when !isKnown => 5,
        RetryCause.Connection or RetryCause.ServerFault => 60,
        RetryCause.Webhook => 45,
        _ => 15,
    });
}
