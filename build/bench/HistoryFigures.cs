using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using KubeApps.Deploy.Targets;
using KubeApps.GitHub.StandIn;

namespace KubeApps.Bench;

/// <summary>
/// <c>history</c> of a repository with 10,000 deployments, beside its bare requests: sent as many at once, by a client that looks at nothing. What
/// the stand-in takes for them (it holds each against GitHub's description) is on both sides, and not ours.
/// </summary>
internal static class HistoryFigures
{
    private const int Deployments = 10_000;
    private const int Shown = 30;
    private const int AtOnce = 8;
    private const int Runs = 5;
    private const double Limit = 1;

    public static async Task<IEnumerable<Figure>> HistoryAsync()
    {
        await InstalledTool.PrepareAsync();
        await using var github = new GitHubStandIn();
        using var repository = await github.NewRepositoryAsync();
        Fill(repository);
        var home = Directory.CreateTempSubdirectory("kubeapps-bench-history-");
        try
        {
            return await MeasureAsync(repository, home.FullName);
        }
        finally
        {
            home.Delete(recursive: true);
        }
    }

    private static async Task<IEnumerable<Figure>> MeasureAsync(StandInRepository repository, string home)
    {
        Dictionary<string, string> environment = new(repository.Variables) { [SandboxLocation.HomeVariable] = home };
        Task RunAsync() => InstalledTool.RunAsync(["history", "--source", "github"], environment);
        using var client = new HttpClient { BaseAddress = repository.Api };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", repository.Token);
        client.DefaultRequestHeaders.UserAgent.ParseAdd("bench");

        // Both once, so that neither is the first.
        await AskAsync(client, repository);
        await RunAsync();
        List<double> bare = [], first = [], again = [];
        for (var run = 0; run < Runs; run++)
        {
            bare.Add(await Programs.SecondsAsync(() => AskAsync(client, repository)));
            Directory.Delete(Path.Combine(home, "cache"), recursive: true);
            first.Add(await Programs.SecondsAsync(RunAsync));
            again.Add(await Programs.SecondsAsync(RunAsync));
        }

        var asked = repository.Requests.Count;
        await RunAsync();
        var last = repository.Requests.Skip(asked).ToList();
        return
        [
            Figure.Below($"History: the first page of {Deployments} deployments, less its bare requests ({Figure.Median(bare):0.00} s)", Figure.Median(first) - Figure.Median(bare), Limit, "s"),
            Figure.Below("… the same again, with what was kept", Figure.Median(again) - Figure.Median(bare), Limit, "s"),
            Figure.AtMost("… its requests: a page, and the states of what is shown", last.Count, 1 + Shown, ""),
            Figure.AtMost("… of them answered with more than that nothing changed", last.Count(request => request.Status != 304), 0, ""),
        ];
    }

    private static async Task AskAsync(HttpClient client, StandInRepository repository)
    {
        var page = (JsonArray)JsonNode.Parse(await client.GetStringAsync($"repos/{repository.FullName}/deployments?per_page=100"))!;
        await Parallel.ForEachAsync(page.Take(Shown), new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (deployment, cancellationToken) =>
            await client.GetStringAsync($"repos/{repository.FullName}/deployments/{(long)deployment!["id"]!}/statuses?per_page=100", cancellationToken));
    }

    private static void Fill(StandInRepository repository)
    {
        for (var number = 1; number <= Deployments; number++)
        {
            repository.Add(new StandInDeployment($"{number:x40}", "prod")
            {
                CreatedAt = DateTimeOffset.UtcNow.AddMinutes(number - Deployments),
                Payload = new JsonObject
                {
                    ["schema"] = "kubeapps.dev/deployment/v1",
                    ["app"] = "shop",
                    ["environment"] = "prod",
                    ["namespace"] = "shop",
                    ["rollout"] = $"rollout-{number}",
                    ["revision"] = number,
                    ["images"] = new JsonArray([.. Enumerable.Range(0, 5).Select(image => (JsonNode)new JsonObject
                    {
                        ["workload"] = $"Deployment web-{image}",
                        ["container"] = "web",
                        ["image"] = $"registry.example.com/shop/web-{image}@sha256:{number:x64}",
                    })]),
                },
                Statuses = [new StandInStatus("queued"), new StandInStatus("in_progress"), new StandInStatus("success")],
            });
        }
    }
}
