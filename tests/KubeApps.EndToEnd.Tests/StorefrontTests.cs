using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace KubeApps.EndToEnd.Tests;

/// <summary>The first command of the README, and what a user does next.</summary>
[Collection(nameof(ReleaseBuild))]
public sealed partial class StorefrontTests(Workplace workplace) : IClassFixture<Workplace>
{
    [Fact]
    public async Task Publish_WithDeployFromNothing_PrintsAUrlThatAnswers()
    {
        var cancellationToken = TestContext.Current.CancellationToken;

        var published = await Deploy();
        var url = UrlIn(published);
        using var http = new HttpClient { BaseAddress = url };

        Assert.Contains("Wool rug", await http.GetStringAsync("/", cancellationToken), StringComparison.Ordinal);
        // The order passes web → the shared store that the migration Job made → the worker.
        using var ordered = await http.PostAsJsonAsync("/orders", new { product = "mug", quantity = 2 }, cancellationToken);
        Assert.Equal(HttpStatusCode.Created, ordered.StatusCode);
        var order = ordered.Headers.Location!;
        await Eventually(async () => (string?)(await http.GetFromJsonAsync<JsonNode>(order, cancellationToken))!["state"] == "Shipped");

        var status = JsonNode.Parse((await workplace.Tool("status", "-o", "json", "storefront")).Expect(0).Output)!;
        Assert.Equal(url.ToString().TrimEnd('/'), ((string?)status["urls"]![0])?.TrimEnd('/'));

        var again = await Deploy();
        Assert.Contains("nothing to do", again.All, StringComparison.Ordinal);
        Assert.Equal(url, UrlIn(again));
    }

    private async Task<Outcome> Deploy() =>
        (await workplace.DotNet("publish", Workplace.Sample("Storefront"), "-p:KubeAppDeploy=true", "--tl:off")).Expect(0);

    private static Uri UrlIn(Outcome outcome)
    {
        var match = UrlPattern().Match(outcome.All);
        Assert.True(match.Success, $"No URL in:\n{outcome.All}");
        return new Uri(match.Value);
    }

    private static async Task Eventually(Func<Task<bool>> condition)
    {
        var giveUp = DateTime.UtcNow.AddSeconds(30);
        while (!await condition())
        {
            Assert.True(DateTime.UtcNow < giveUp, "The condition did not come true within 30 s.");
            await Task.Delay(100, TestContext.Current.CancellationToken);
        }
    }

    [GeneratedRegex(@"http://127\.0\.0\.1:\d+")]
    private static partial Regex UrlPattern();
}
