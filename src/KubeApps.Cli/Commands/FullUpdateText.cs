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
        $"full update{(update.From is { } old ? $" from {old}" : "")} to {update.To}: {(update.Phase == UpdatePhase.Preparing ? "under way" : FullUpdateObject.Word(update.Phase))} for {Words.Age(now - update.Since)}"
            + $"{(update.Terms.Commit is { } commit ? $", commit {Printable.Commit(commit)}" : "")}";

    private static IEnumerable<string> Plan(UpdateResult update)
    {
        foreach (var step in update.Steps)
            yield return $"  {step.Title}";
        if (update.Cluster is not { } cluster)
            yield break;
        yield return $"The cluster {cluster.Change.Name} takes about {Words.Age(ClusterSteps.Expected(cluster.Steps))}:";
        foreach (var step in cluster.Steps)
            yield return $"  {step.Title}";
        if (cluster.Cost is { } cost)
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"It costs {cost.Hourly:0.00} {cost.Currency} an hour (prices of {cost.PricesOf:yyyy-MM-dd}); {cost.Overlap:0.00} of that come on top for as long as the old one stands beside it.");
    }
}
