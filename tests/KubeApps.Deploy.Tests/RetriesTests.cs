using System.Net;
using KubeApps.Deploy.Api;

namespace KubeApps.Deploy.Tests;

public class RetriesTests
{
    private const string Webhook = "Internal error occurred: failed calling webhook \"policy.example.com\": failed to call webhook: Post \"https://policy.policies.svc:443/\": ";

    [Theory]
    [InlineData(429, "TooManyRequests", "too many requests", nameof(RetryCause.Throttled))]
    [InlineData(503, "ServiceUnavailable", "apiserver not ready", nameof(RetryCause.ServerFault))]
    [InlineData(500, "InternalError", "etcdserver: leader changed", nameof(RetryCause.ServerFault))]
    [InlineData(500, "InternalError", Webhook + "dial tcp 10.96.0.7:443: connect: connection refused", nameof(RetryCause.Webhook))]
    [InlineData(500, "InternalError", Webhook + "no endpoints available for service \"policy\"", nameof(RetryCause.Webhook))]
    [InlineData(500, "InternalError", Webhook + "service \"policy\" not found", nameof(RetryCause.Webhook))]
    [InlineData(500, "InternalError", Webhook + "endpoints \"policy\" not found", nameof(RetryCause.Webhook))]
    [InlineData(500, "InternalError", Webhook + "the server returned nonsense", nameof(RetryCause.None))]
    [InlineData(500, "InternalError", Webhook + "no service port 443 found for service \"policy\"", nameof(RetryCause.None))]
    [InlineData(500, "InternalError", Webhook + "an error on the server (\"secret \\\"tls\\\" not found\") has prevented the request from succeeding", nameof(RetryCause.None))]
    [InlineData(500, "InternalError", ".spec.nosuch: field not declared in schema", nameof(RetryCause.None))]
    [InlineData(409, "Conflict", "Operation cannot be fulfilled on configmaps \"a\": the object has been modified; please apply your changes to the latest version", nameof(RetryCause.Race))]
    [InlineData(409, "Conflict", "Operation cannot be fulfilled on resourcequotas \"q\": the object has been modified", nameof(RetryCause.Race))]
    [InlineData(409, "AlreadyExists", "configmaps \"a\" already exists", nameof(RetryCause.None))]
    [InlineData(409, "Conflict", "Precondition failed: UID in precondition: a, UID in object meta: b", nameof(RetryCause.None))]
    [InlineData(403, "Forbidden", "unable to create new content in namespace shop because it is being terminated", nameof(RetryCause.None))]
    [InlineData(400, "BadRequest", "admission webhook \"policy.example.com\" denied the request", nameof(RetryCause.None))]
    public void CauseOf_Refusal_SaysWhetherItPasses(int status, string reason, string message, string cause) =>
        Assert.Equal(cause, $"{Retries.CauseOf(new ApiException((HttpStatusCode)status, reason, message, [], null))}");

    [Fact]
    public void CauseOf_FieldConflict_DoesNotPass() => Assert.Equal(RetryCause.None, Retries.CauseOf(
        new ApiException(HttpStatusCode.Conflict, "Conflict", "Apply failed with 1 conflict", [new ApiCause("FieldManagerConflict", "conflict with \"one\"", ".data.a")], null)));

    [Theory]
    [InlineData(nameof(RetryCause.ServerFault), 1, 0, 100)]
    [InlineData(nameof(RetryCause.ServerFault), 3, 1, 400)]
    [InlineData(nameof(RetryCause.ServerFault), 20, 40, 5000)]
    [InlineData(nameof(RetryCause.ServerFault), 20, 59, null)]
    [InlineData(nameof(RetryCause.Race), 3, 14, 400)]
    [InlineData(nameof(RetryCause.Race), 3, 15, null)]
    [InlineData(nameof(RetryCause.None), 1, 0, null)]
    public void DelayBefore_ByCause_GrowsAndEnds(string cause, int attempt, int elapsed, int? milliseconds) => Assert.Equal(
        milliseconds is { } delay ? TimeSpan.FromMilliseconds(delay) : null, Retries.DelayBefore(Enum.Parse<RetryCause>(cause), attempt, TimeSpan.FromSeconds(elapsed), null, true, 0));

    [Fact]
    public void DelayBefore_ServerSaysWhen_WaitsAsLongAndNoLongerThanThereIsTime()
    {
        Assert.Equal(TimeSpan.FromSeconds(30), Retries.DelayBefore(RetryCause.Throttled, 1, TimeSpan.Zero, TimeSpan.FromSeconds(30), true, 0));
        Assert.Null(Retries.DelayBefore(RetryCause.Throttled, 1, TimeSpan.Zero, TimeSpan.FromHours(1), true, 0));
    }

    [Fact]
    public void DelayBefore_ServerThatNeverAnswered_IsGivenUpSoon()
    {
        Assert.NotNull(Retries.DelayBefore(RetryCause.Connection, 5, TimeSpan.FromSeconds(10), null, isKnown: true, 0));
        Assert.Null(Retries.DelayBefore(RetryCause.Connection, 5, TimeSpan.FromSeconds(10), null, isKnown: false, 0));
    }

    [Fact]
    public void DelayBefore_ByChance_SpreadsTheRequests()
    {
        var delays = Enumerable.Range(0, 11).Select(tenth => Retries.DelayBefore(RetryCause.Throttled, 1, TimeSpan.Zero, TimeSpan.FromSeconds(10), true, tenth / 10.0)!.Value).ToList();

        Assert.Equal((TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(13), 11), (delays.Min(), delays.Max(), delays.Distinct().Count()));
    }
}
