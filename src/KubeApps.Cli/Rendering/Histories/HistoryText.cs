using KubeApps.Cli.Rendering.Plans;
using KubeApps.Deploy.Api;
using KubeApps.Deploy.History;
using KubeApps.Deploy.Planning;
using KubeApps.Deploy.Revisions;
using KubeApps.Events;

namespace KubeApps.Cli.Rendering.Histories;

/// <summary>The history of an app for a person. What stands in a cluster is written by others: no control character of it gets to a terminal.</summary>
internal static class HistoryText
{
    private const int CommitLength = 12;

    public static IEnumerable<string> Details(Inventory inventory, string target, Revision revision, DateTimeOffset now)
    {
        yield return $"{revision.App} ({revision.Environment}) on {target}, namespace {revision.Namespace}: revision {revision.Number}{(revision.Number == inventory.Revision ? ", which is what stands" : "")}";
        yield return $"  outcome    {Outcome(revision)}{(revision.State.Elapsed is { } elapsed ? $" after {Words.Seconds(elapsed)}" : "")}";
        if (revision.State.Cause is { } cause)
            yield return $"  cause      {PlanWords.Printable(cause)}";
        yield return $"  begun      {revision.StartedAt.UtcDateTime:yyyy-MM-dd HH:mm:ss}Z ({Words.Age(now - revision.StartedAt)} ago) by {PlanWords.Printable(revision.By.Name)}";
        if (revision.By.RunUrl is { } url)
            yield return $"  run        {PlanWords.Printable(url)}";
        yield return $"  commit     {(revision.Commit is { } commit ? PlanWords.Printable(commit) : "unknown")}";
        if (revision.Bundle is { } bundle)
            yield return $"  bundle     {PlanWords.Printable(bundle)}";
        yield return $"  strategy   {PlanWords.Printable(revision.Strategy)}";
        yield return $"  plan       {revision.Plan.Created} created, {revision.Plan.Changed} changed, {(revision.Plan.Replaced > 0 ? $"{revision.Plan.Replaced} replaced, " : "")}"
            + $"{revision.Plan.Deleted} deleted, {revision.Plan.Unchanged} unchanged";
        foreach (var (number, step) in revision.Plan.Steps.Index())
            yield return $"             {number + 1}. {PlanWords.Printable(step.Title)}{(step.Timeout is { } limit ? $" (at most {Words.Limit(limit)})" : "")}";
        yield return "";
        foreach (var line in PlainTable.Of(
            ["WORKLOAD", "CONTAINER", "IMAGE"], revision.Images.Select(image => (string[])[PlanWords.Printable(image.Workload), PlanWords.Printable(image.Container), PlanWords.Printable(image.Image)])))
            yield return line;
        if (revision.State.Checks is { Count: > 0 } checks)
        {
            yield return "";
            foreach (var line in PlainTable.Of(
                ["CHECK", "RESULT", "MESSAGE"], checks.Select(check => (string[])[PlanWords.Printable(check.Name), check.IsPassed ? "passed" : "failed", PlanWords.Printable(check.Message)])))
                yield return line;
        }

        yield return "";
        if (revision.Content is null)
            yield return "Its objects were not kept: it cannot be returned to.";
        else
            foreach (var line in PlainTable.Of(["OBJECT", "VERSION"], revision.Content.Environment.Objects.Select(item => ObjectId.Of(item.Content))
                .Select(id => (string[])[PlanWords.Printable(id.ToString()), PlanWords.Printable(id.ApiVersion)])))
                yield return line;
    }

    public static string Diff(RevisionDiff diff)
    {
        string Name(Revision revision) => $"revision {revision.Number} (commit {(revision.Commit is null ? "unknown" : Commit(revision.Commit))})";
        return $"From {Name(diff.From)} to {Name(diff.To)}";
    }

    /// <summary>The commits between two deploys: what came, and what is gone.</summary>
    public static IEnumerable<string> Commits(CommitRange commits) =>
        [.. Commits("added", '+', commits.Added, commits.AddedCount), .. Commits("gone", '-', commits.Removed, commits.RemovedCount)];

    private static IEnumerable<string> Commits(string word, char sign, IReadOnlyList<RangeCommit> commits, int count)
    {
        if (count == 0)
            yield break;
        yield return "";
        yield return $"{count} {(count == 1 ? "commit" : "commits")} {word}:";
        foreach (var commit in commits)
            yield return $"  {sign} {Commit(commit.Sha)} {Printable.Line(commit.Subject, 100)} ({Printable.Line(commit.Author, 40)})";
        if (count > commits.Count)
            yield return $"  {sign} … {count - commits.Count} more";
    }

    /// <summary>An outcome in words.</summary>
    public static string Outcome(Revision revision)
    {
        var words = revision.State.Outcome == RevisionOutcome.RolledBack ? "rolled back" : Json.Camel(revision.State.Outcome);
        return revision.Restores is { } origin ? $"{words}, rollback to {origin}" : words;
    }

    /// <summary>As much of a hash as people need.</summary>
    public static string Commit(string? commit) => commit is null ? "" : PlanWords.Printable(commit[..Math.Min(CommitLength, commit.Length)]);

    // registry/repository@sha256:0123456789abcdef… → repository@0123456789ab
    public static string Image(string image)
    {
        var name = image[(image.LastIndexOf('/') + 1)..];
        var digest = name.IndexOf("@sha256:", StringComparison.Ordinal);
        return PlanWords.Printable(digest < 0 ? name : $"{name[..digest]}@{name[(digest + 8)..Math.Min(name.Length, digest + 8 + CommitLength)]}");
    }
}
