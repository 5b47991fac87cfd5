using System.Text.Json.Nodes;
using KubeApps.Bundles;
using KubeApps.Deploy.Planning;
using KubeApps.Deploy.Revisions;
using KubeApps.Events;

namespace KubeApps.Deploy.Tests.Revisions;

/// <summary>Revisions and inventories for the pure tests.</summary>
internal static class Sample
{
    public static readonly DateTimeOffset Start = new(2026, 3, 1, 12, 0, 0, 123, TimeSpan.Zero);

    public static Revision Revision(
        int number, RevisionOutcome outcome = RevisionOutcome.Deployed, string? hash = null, int? restores = null, bool isKept = true, params JsonObject[] objects) =>
        new(
            number, "shop", "prod", "shop-prod", "0123456789abcdef0123456789abcdef01234567", hash ?? $"hash-{number}", "rolling", new Author("jane@laptop", "https://example.com/run/1"),
            Start, [new RevisionImage("Deployment web", "web", "registry.example.com/web@sha256:00")],
            new RevisionPlan([new PlannedStep("intend", "Write down what will be created", TimeSpan.FromMinutes(2))], 1, 2, 3, 4, 5), isKept ? RevisionContent.Of(Content(objects)) : null)
        {
            Bundle = "oci://registry.example.com/shop@sha256:11",
            Restores = restores,
            State = new RevisionState(outcome, TimeSpan.FromSeconds(12.345), outcome == RevisionOutcome.Failed ? "It fails." : null, [new RevisionCheck("smoke", true, "200 OK")]),
            Uid = $"uid-{number}",
        };

    public static BundleEnvironment Content(params JsonObject[] objects) => new(
        "prod", new BundleTarget("context", "prod-eu"), "shop-prod", new BundleStrategy("rolling", TimeSpan.FromMinutes(5)) { StabilityWindow = TimeSpan.FromSeconds(3) },
        [.. objects.Select((item, index) => new BundleObject($"env/prod/{index}.yaml", "main", item))])
    {
        EntryService = "web",
        Checks = [new BundleCheck("http", "http web /", TimeSpan.FromSeconds(30)) { Service = "web", Path = "/" }],
    };

    public static Inventory Inventory(int? revision, string hash = "now", bool isComplete = true, params OneWayJob[] oneWay) =>
        new("shop", "prod", "shop-prod", null, hash, isComplete, null, [], []) { Revision = revision, OneWayJobs = oneWay };

    public static JsonObject Object(string json) => (JsonObject)JsonNode.Parse(json)!;
}
