using System.Text.Json.Nodes;
using KubeApps.Deploy.Locking;
using static KubeApps.Deploy.Tests.SandboxCluster;

namespace KubeApps.Deploy.Tests.Planning;

/// <summary>A role that lacks any one verb: the deploy says which before its first write, or does without.</summary>
public sealed class MissingVerbTests(SandboxCluster cluster) : IClassFixture<SandboxCluster>
{
    private static readonly (string Group, string Resource, string Verbs)[] Whole =
    [
        ("", "configmaps", "get list create patch delete"),
        ("", "services", "get create patch"),
        ("", "pods", "list watch"),
        ("", "pods/log", "get"),
        ("", "events", "list watch"),
        ("", "resourcequotas", "list"),
        ("apps", "deployments", "get list watch create patch"),
        ("apps", "replicasets", "list watch"),
        ("apps", "controllerrevisions", "list"),
        ("coordination.k8s.io", "leases", "get list watch create update delete"),
    ];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Deploy_RoleLacksAnyOneVerb_NamesItBeforeItWritesOrDoesWithout()
    {
        List<(string Group, string Resource, string Verb)> verbs = [.. Whole.SelectMany(item => item.Verbs.Split(' ').Select(verb => (item.Group, item.Resource, verb)))];
        await cluster.Client.SendAsync(HttpMethod.Post, "/api/v1/namespaces", Parse("""{"metadata":{"name":"verbs"} }"""), Token);
        await Roles.GrantAsync(cluster.Client, "verbs", "whole", Rules(verbs));
        Assert.Equal(DeployOutcome.Deployed, (await DeployAsync("whole", 0)).Outcome);
        var without = new List<string>();
        for (var index = 0; index < verbs.Count; index++)
        {
            var (_, resource, verb) = verbs[index];
            await Roles.GrantAsync(cluster.Client, "verbs", $"lacks-{index}", Rules([.. verbs.Where((_, other) => other != index)]));

            var result = await DeployAsync($"lacks-{index}", index + 1);

            if (result.Outcome == DeployOutcome.Deployed)
                without.Add($"{verb} {resource}");
            else
                Assert.True(
                    !result.HasApplied && result.Diagnostics.Any(item => item.Cause.Contains(verb, StringComparison.Ordinal) && item.Cause.Contains(resource.TrimEnd('s'), StringComparison.OrdinalIgnoreCase)),
                    $"{verb} {resource}: {result.Outcome} {string.Join(' ', result.Diagnostics)}");
        }

        // Nothing of the kinds that stand is created again; the rest tells more, or earlier.
        Assert.Equal(["list configmaps", "create services", "list resourcequotas", "create deployments"], without);
    }

    [Fact]
    public async Task Deploy_RoleMayNotWatchLeases_SaysSoWhereAnotherRunHoldsTheLockToo()
    {
        await cluster.Client.SendAsync(HttpMethod.Post, "/api/v1/namespaces", Parse("""{"metadata":{"name":"blind"} }"""), Token);
        await Roles.GrantAsync(cluster.Client, "blind", "blind", """
            [{"verbs":["*"],"apiGroups":["","apps"],"resources":["*"]},{"verbs":["get","create","update","delete"],"apiGroups":["coordination.k8s.io"],"resources":["leases"]}]
            """);
        await using var held = await new AppLock(cluster.Client, new EventLog(), new LockHolder("jane@laptop/1", null, "deploy")).TakeAsync("blind", "blind", null, Token);
        using var connection = cluster.Connect(TimeProvider.System, Roles.As("blind"));

        var result = await new Deployer(connection, _ => null).RunAsync(
            new DeployRequest(Bundle("blind", TimeSpan.FromSeconds(60), Config("settings")), "local") { WaitForLock = TimeSpan.FromMinutes(1) }, new EventLog(), Token);

        Assert.Equal("The plan needs what the role does not allow: list, watch leases.coordination.k8s.io in the namespace blind.", Assert.Single(result.Diagnostics).Cause);
    }

    private async Task<DeployResult> DeployAsync(string user, int version)
    {
        using var connection = cluster.Connect(TimeProvider.System, Roles.As(user));
        var web = ("main", Parse($$"""
            {"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web","annotations":{"version":"{{version}}"} },"spec":{"replicas":0,
             "selector":{"matchLabels":{"app":"web"} },"template":{"metadata":{"labels":{"app":"web"} },"spec":{"containers":[{"name":"web","image":"registry.example/web:1"}]} } } }
            """));
        return await new Deployer(connection, _ => null).RunAsync(
            new DeployRequest(Bundle("verbs", TimeSpan.FromSeconds(60), Config($"settings-{version}"), web, WebService), "local") { RollbackOnFailure = false }, new EventLog(), Token);
    }

    private static string Rules(IReadOnlyList<(string Group, string Resource, string Verb)> verbs) => new JsonArray([.. verbs.Select(item => new JsonObject
    {
        ["verbs"] = new JsonArray(item.Verb),
        ["apiGroups"] = new JsonArray(item.Group),
        ["resources"] = new JsonArray(item.Resource),
    })]).ToJsonString();
}
