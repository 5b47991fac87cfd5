using KubeApps.GitHub.StandIn;

namespace KubeApps.Cli.Tests.Histories;

/// <summary>One app and one environment of the specification in several places: which is which is said, wherever a person asks.</summary>
public sealed class HistoryPlacesTests(GitHubStandIn github)
{
    [Fact]
    public async Task History_OfTwoPullRequests_SaysTheirNamespaces()
    {
        using var repository = await github.NewRepositoryAsync();
        var records = new Records(repository);
        foreach (var number in new[] { 7, 8 })
            Place(records.Add(environment: $"preview-pr-{number}"), "preview", $"shop-pr-{number}", "cluster-1", "context prod-eu");

        var (exit, output, error) = await RunAsync(repository, "history", "--app", "shop");
        var live = (await RunAsync(repository, "history", "--sha", $"{1:x12}{0:x28}")).Out;

        Assert.True(exit == 0, error);
        Assert.Matches(@"^REVISION +DEPLOYMENT +WHERE +AGE [\s\S]*\n1 \* +\d+ +shop-pr-7 [\s\S]*\n2 \* +\d+ +shop-pr-8 ", output);
        Assert.Contains("shop in preview (shop-pr-7): 000000000001 is live since", live, StringComparison.Ordinal);
    }

    [Fact]
    public async Task HistoryAndBadge_OfTwoClusters_SayTheirNames()
    {
        using var repository = await github.NewRepositoryAsync();
        var records = new Records(repository);
        Place(records.Add(), "prod", "shop", "cluster-1", "context prod-eu");
        Place(records.Add(), "prod", "shop", "cluster-2", "context prod-us");
        Place(records.Add(), "prod", "shop", "cluster-3", "context prod-us");

        var history = (await RunAsync(repository, "history", "--app", "shop")).Out;
        var table = (await RunAsync(repository, "badge", "-o", "markdown")).Out;
        var (exit, _, error) = await RunAsync(repository, "badge", "shop", "-e", "prod");
        var csv = (await RunAsync(repository, "history", "-o", "csv")).Out;

        foreach (var place in (string[])["context prod-eu", "context prod-us (cluster-2)", "context prod-us (cluster-3)"])
        {
            Assert.Contains($" {place} ", history, StringComparison.Ordinal);
            Assert.Contains($"| prod, {place} (", table, StringComparison.Ordinal);
            Assert.Contains(place, error, StringComparison.Ordinal);
        }

        // One picture of several would be of any of them.
        Assert.NotEqual(0, exit);
        Assert.Contains("stands in several places", error, StringComparison.Ordinal);
        Assert.Contains(",cluster-1,context prod-eu", csv, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Badge_AppHasMovedToAnotherCluster_IsOfTheOneItIsInNow()
    {
        using var repository = await github.NewRepositoryAsync();
        var records = new Records(repository);
        Place(records.Add("queued in_progress success inactive"), "prod", "shop", "cluster-1", "context prod-1");
        Place(records.Add(), "prod", "shop", "cluster-2", "context prod-2");

        var (exit, output, error) = await RunAsync(repository, "badge", "shop", "-e", "prod");

        Assert.True(exit == 0, error);
        Assert.Contains("000000000002 since", output, StringComparison.Ordinal);
    }

    private static Task<(int Exit, string Out, string Error)> RunAsync(StandInRepository repository, params string[] arguments) =>
        Tool.RunInAsync(Path.GetTempPath(), repository.Variables, [.. arguments, "--source", "github"]);

    private static void Place(StandInDeployment record, string environment, string ns, string cluster, string name)
    {
        var payload = record.Payload!;
        (payload["environment"], payload["namespace"], payload["cluster"]!["uid"], payload["cluster"]!["name"]) = (environment, ns, cluster, name);
    }
}
