using System.Text.Json.Nodes;
using KubeApps.GitHub.StandIn;

namespace KubeApps.Cli.Tests.Histories;

/// <summary>Records of deploys in a repository of the stand-in, each a minute after the one before.</summary>
internal sealed class Records(StandInRepository repository)
{
    private int _count;

    public DateTimeOffset Start { get; init; } = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    public DateTimeOffset Now => Start.AddMinutes(_count);

    /// <summary>The states are the oldest first, and ten seconds lie between them.</summary>
    public StandInDeployment Add(
        string states = "queued in_progress success", string environment = "prod", string app = "shop", string? sha = null, JsonNode? payload = null, string task = "deploy",
        bool isOurs = true, string? said = null)
    {
        var number = ++_count;
        return repository.Add(new StandInDeployment(sha ?? $"{number:x12}{0:x28}", environment)
        {
            Task = task,
            CreatedAt = Now,
            Creator = "mona",
            Payload = isOurs ? Payload(number, app, environment) : payload,
            Statuses =
            [
                .. states.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select((state, index) => new StandInStatus(state)
                {
                    CreatedAt = Now.AddSeconds(10 * (index + 1)),
                    Description = said ?? "",
                    EnvironmentUrl = "https://shop.example.com",
                }),
            ],
        });
    }

    public static JsonObject Payload(int number, string app, string environment) => new()
    {
        ["schema"] = "kubeapps.dev/deployment/v1",
        ["app"] = app,
        ["environment"] = environment,
        ["namespace"] = $"{app}-{environment}",
        ["rollout"] = $"rollout-{number}",
        ["revision"] = number,
        ["strategy"] = "rolling",
        ["images"] = new JsonArray(new JsonObject { ["workload"] = "Deployment web", ["container"] = "web", ["image"] = $"registry.example.com/web@sha256:{number:x64}" }),
        ["bundle"] = new JsonObject { ["hash"] = "x", ["reference"] = $"oci://registry.example.com/shop@sha256:{number:x64}" },
        ["cluster"] = new JsonObject { ["name"] = "context prod-eu", ["uid"] = "cluster-1" },
        ["actor"] = number % 2 == 0 ? "joe" : "jane",
        ["run"] = "https://github.com/acme/shop/actions/runs/1",
    };
}
