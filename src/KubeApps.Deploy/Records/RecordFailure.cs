using KubeApps.Deploy.Api;
using KubeApps.Deploy.GitHub;
using KubeApps.Diagnostics;
using KubeApps.Events;

namespace KubeApps.Deploy.Records;

/// <summary>Why GitHub (or the cluster, of what it keeps for it) did not take something. Whatever it is, a deploy goes on.</summary>
/// <param name="Reason">For people, without a point at its end.</param>
/// <param name="IsOfThisRecord">Whether others may well be taken.</param>
/// <param name="MayPass">Whether the same may be taken in a moment.</param>
internal sealed record RecordFailure(string Reason, bool IsOfThisRecord, bool MayPass)
{
    private const int LongestReason = 300;

    /// <summary>What to do about it, where that is known better than usual.</summary>
    public string? NextStep { get; init; }

    public static RecordFailure Of(Exception failure) => failure switch
    {
        OperationCanceledException => new("it did not answer in time", false, true),
        GitHubException told => new(Line(told.Reason), told.IsOfRequest, told.MayPass) { NextStep = told.Kind == GitHubFailure.Forbidden ? told.Diagnostics[0].NextStep : null },
        ApiException refusal => new(Line(refusal.Message), false, false),
        DiagnosticException told => new(Line(told.Diagnostics[0].Cause), false, false),
        _ => new(Line($"{failure.GetType().Name}: {failure.Message}"), false, false),
    };

    private static string Line(string text) => Printable.Line(text.Trim().TrimEnd('.'), LongestReason);
}
