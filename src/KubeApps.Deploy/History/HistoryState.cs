using KubeApps.Deploy.GitHub;
using KubeApps.Deploy.Revisions;

namespace KubeApps.Deploy.History;

/// <summary>How a deploy ended, in GitHub's words: they are the ones that every tool's records have.</summary>
internal enum HistoryState
{
    /// <summary>Nothing is known of it, or a state that this version does not know.</summary>
    Unknown,
    Queued,
    Pending,
    InProgress,
    Success,
    Failure,

    /// <summary>It ended without an answer: cancelled, or its run was killed.</summary>
    Error,

    /// <summary>It was given up before it got load.</summary>
    Inactive,
}

internal static class HistoryStates
{
    /// <summary>As they are written, on the command line, in documents, and by GitHub.</summary>
    public static IReadOnlyList<string> Words { get; } = [.. Enum.GetValues<HistoryState>().Select(Word)];

    public static string Word(this HistoryState state) => state == HistoryState.InProgress ? "in_progress" : state.ToString().ToLowerInvariant();

    public static HistoryState Of(string word) => Enum.GetValues<HistoryState>().FirstOrDefault(state => Word(state) == word);

    public static HistoryState Of(RevisionOutcome outcome) => outcome switch
    {
        RevisionOutcome.Deploying => HistoryState.InProgress,
        RevisionOutcome.Deployed => HistoryState.Success,
        RevisionOutcome.Failed or RevisionOutcome.RolledBack => HistoryState.Failure,
        RevisionOutcome.Aborted => HistoryState.Inactive,
        _ => HistoryState.Error,
    };

    public static RevisionOutcome Outcome(this HistoryState state) => state switch
    {
        HistoryState.Success => RevisionOutcome.Deployed,
        HistoryState.Failure => RevisionOutcome.Failed,
        HistoryState.Error => RevisionOutcome.Interrupted,
        HistoryState.Inactive => RevisionOutcome.Aborted,
        _ => RevisionOutcome.Deploying,
    };

    /// <summary>
    /// What a deployment came to. That a later one took its place (<c>inactive</c>) is no end of it: one that succeeded did so for ever. Where nothing
    /// else is known of it, it was given up.
    /// </summary>
    public static HistoryState Of(IEnumerable<GitHubDeploymentStatus> newestFirst)
    {
        var words = newestFirst.Select(status => status.State).ToList();
        if (words.Count == 0)
            return HistoryState.Pending;
        if (words[0] != "inactive")
            return Of(words[0]);
        var ended = words.Select(Of).FirstOrDefault(state => state is HistoryState.Success or HistoryState.Failure or HistoryState.Error);
        return ended == HistoryState.Unknown ? HistoryState.Inactive : ended;
    }
}
