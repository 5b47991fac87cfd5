using System.Globalization;
using KubeApps.Cli.Rendering;
using KubeApps.Deploy;
using KubeApps.Deploy.Clusters;
using KubeApps.Deploy.Updates;
using KubeApps.Events;

namespace KubeApps.Cli.Commands;

/// <summary>How a full update ended, in words. Pure.</summary>
internal static class FullUpdateText
{
    public static IEnumerable<string> Of(DeployResult result, UpdateResult update)
    {
        var (app, elapsed) = (result.App, Words.Seconds(result.Elapsed));
        var serving = update.Shares is { Count: > 0 } shares ? string.Join(", ", shares.Where(share => share.Value > 0).Select(share => $"{share.Key} has {share.Value} % of the load")) : "no cluster has load";
        return result.Outcome switch
        {
            DeployOutcome.Planned => [.. Plan(update)],
            DeployOutcome.Deployed when update.Standing is { } standing =>
                [$"{app} is deployed to {standing.To} ({elapsed}), and {standing.From} stands beside it: 'dotnet kubeapp promote --scope cluster' deletes it, 'dotnet kubeapp abort --scope cluster' returns to it."],
            DeployOutcome.Deployed => [$"{app} is deployed to {update.Update?.To} ({elapsed})."],
            DeployOutcome.Held => [$"{app} is held ({elapsed}): {serving}. Go on with 'dotnet kubeapp promote --scope cluster', or return with 'dotnet kubeapp abort --scope cluster'."],
            DeployOutcome.Aborted => [$"The full update of {app} is aborted ({elapsed}): {serving}."],
            DeployOutcome.RolledBack => [$"{app} was not updated ({elapsed}): {serving}."],
            DeployOutcome.Cancelled => [$"Cancelled: {serving}. Deploy again to go on, or 'dotnet kubeapp abort --scope cluster'."],
            _ => [$"{app} was not updated ({elapsed}): {serving}."],
        };
    }

    /// <summary>What is under way, for those who look at a cluster.</summary>
    public static string Standing(FullUpdate update, DateTimeOffset now) =>
        $"full update{(update.From is { } old ? $" from {old}" : "")} to {update.To}: {FullUpdateObject.Word(update.Phase)} for {Words.Age(now - update.Since)}"
            + $"{(update.Terms.Commit is { } commit ? $", commit {Printable.Commit(commit)}" : "")}";

    private static IEnumerable<string> Plan(UpdateResult update)
    {
        foreach (var step in update.Steps)
            yield return $"  {step.Title}";
        if (update.Cluster is not { } cluster)
            yield break;
        yield return $"The cluster {cluster.Change.Name} takes about {Words.Age(Longest(cluster.Steps))}:";
        foreach (var step in cluster.Steps)
            yield return $"  {step.Title}";
        if (cluster.Cost is { } cost)
            yield return string.Create(CultureInfo.InvariantCulture, $"It costs {cost.Hourly:0.00} {cost.Currency} an hour (prices of {cost.PricesOf:yyyy-MM-dd}), beside the old one for as long as both stand.");
    }

    // Steps that depend on nothing run side by side.
    private static TimeSpan Longest(IReadOnlyList<ClusterStep> steps)
    {
        var ends = new Dictionary<string, TimeSpan>(StringComparer.Ordinal);
        foreach (var step in steps)
            ends[step.Id] = step.Expected + step.After.Select(before => ends.GetValueOrDefault(before)).DefaultIfEmpty(TimeSpan.Zero).Max();
        return ends.Values.DefaultIfEmpty(TimeSpan.Zero).Max();
    }
}
