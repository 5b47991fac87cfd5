using KubeApps.Deploy.GitHub;
using KubeApps.Diagnostics;
using KubeApps.Events;

namespace KubeApps.Deploy.Records;

/// <summary>Why GitHub did not take something. Whatever it is, a deploy goes on.</summary>
/// <param name="Reason">For people, without a point at its end.</param>
/// <param name="IsOfThisRecord">Whether others may well be taken.</param>
/// <param name="MayPass">Whether the same may be taken in a moment.</param>
internal sealed record RecordFailure(string Reason, bool IsOfThisRecord, bool MayPass)
{
    private const int LongestReason = 300;

    public static RecordFailure Of(Exception failure) => failure switch
    {
        OperationCanceledException => new("it did not answer in time", false, true),
        GitHubException told => new(Line(told.Reason), told.IsOfRequest, told.MayPass),
        DiagnosticException told => new(Line(told.Diagnostics[0].Cause), false, false),
        _ => new(Line($"{failure.GetType().Name}: {failure.Message}"), false, false),
    };

    private static string Line(string text) => Printable.Line(text.Trim().TrimEnd('.'), LongestReason);
}
