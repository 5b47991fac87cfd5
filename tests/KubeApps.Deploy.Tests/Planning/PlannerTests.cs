using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using KubeApps.Bundles;
using KubeApps.Deploy.Api;
using KubeApps.Deploy.Apps;
using KubeApps.Deploy.Planning;
using KubeApps.Deploy.Planning.Fields;
using KubeApps.Yaml;
using static KubeApps.Deploy.Tests.SandboxCluster;

namespace KubeApps.Deploy.Tests.Planning;

/// <summary>A plan by somebody who may only read: what it says is what the server would say, and nothing is asked of the server but to read.</summary>
public sealed class PlannerTests(SandboxCluster cluster) : IClassFixture<SandboxCluster>
{
    private const string Namespace = "storefront";
    private const string User = "planner";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Plan_WithTheRoleOfTheReadme_SaysAllAndThatItIsEstimatedOnce()
    {
        var before = Release("one", cluster.Web(1));
        Assert.Equal(DeployOutcome.Deployed, (await As(null, before, dryRun: false)).Outcome);
        await BindAsync();
        var next = Release("two", cluster.Web(2));
        var (planner, log) = await PlanAsync(next);
        var asked = await As(null, next, dryRun: true);

        Assert.Equal((DeployOutcome.Planned, ExitCodes.Done), (planner.Outcome, planner.ExitCode));
        Assert.Equal(Fields(asked), Fields(planner));
        Assert.Equal(["KUBEAPP2014"], planner.Plan!.Warnings.Select(warning => warning.Code));
        Assert.Empty(planner.Plan.Obstacles);
        // It asks what it may, and has the server try; nothing else is no reading.
        Assert.All(log, request => Assert.Matches("^(GET|POST /apis/authorization.k8s.io/v1/selfsubject[a-z]+|PATCH .*dryRun=All)", request));
        Assert.Equal(DeployOutcome.Unchanged, (await As(User, before, dryRun: true)).Outcome);
        var refused = await As(User, next, dryRun: false);
        Assert.Equal((DeployOutcome.Failed, false, "KUBEAPP2010"), (refused.Outcome, refused.HasApplied, refused.Diagnostics[0].Code));
    }

    [Fact]
    public async Task Status_WithTheRoleOfTheReadme_FindsWhatTheServerWouldFind()
    {
        Assert.NotEqual(DeployOutcome.Failed, (await As(null, Release("one", cluster.Web(1)), dryRun: false)).Outcome);
        await BindAsync();
        using var reading = cluster.Connect(TimeProvider.System, Roles.As(User));
        var untouched = await StatusAsync(reading.Client);
        await cluster.KubectlAsync($"patch configmap settings -n {Namespace} --type=json -p [{{\"op\":\"remove\",\"path\":\"/data/greeting\"}}]");

        var (estimated, asked) = (await StatusAsync(reading.Client), await StatusAsync(cluster.Client));

        Assert.Equal((true, FieldSight.Estimated), (untouched.IsHealthy, untouched.Drift!.Fields));
        Assert.Equal(["ConfigMap storefront/settings data {\"greeting\":\"one\"} "], Drifted(estimated));
        Assert.Equal(Drifted(asked), Drifted(estimated));
        Assert.Equal((FieldSight.Server, FieldSight.Estimated), (asked.Drift!.Fields, estimated.Drift!.Fields));
    }

    private static async Task<AppStatus> StatusAsync(KubeClient client) =>
        await AppStatus.ReadAsync(client, await new AppLocator(client).FindAsync(Namespace, null, null, Namespace, "sandbox", Token), "sandbox", Token);

    private static List<string> Drifted(AppStatus status) =>
        [.. status.Drift!.Objects.SelectMany(item => item.Fields.Select(field => $"{item.Id} {field.Path} {field.Deployed?.ToJsonString()} {field.Live?.ToJsonString()}"))];

    [Fact]
    public async Task Estimate_OfManyChanges_SaysWhatTheServerWouldSay()
    {
        await cluster.Client.SendAsync(HttpMethod.Post, "/api/v1/namespaces", Parse("""{"metadata":{"name":"many"}}"""), Token);
        await Roles.GrantAsync(cluster.Client, "many", "reader", """[{"verbs":["get","list","watch"],"apiGroups":["*"],"resources":["*"]}]""");
        using var reading = cluster.Connect(TimeProvider.System, Roles.As("reader"));
        var catalog = new ResourceCatalog(cluster.Client);
        await catalog.RefreshAsync(["v1", "apps/v1", "networking.k8s.io/v1"], Token);
        var different = new List<string>();
        var changed = 0;
        for (var seed = 0; seed < 80; seed++)
        {
            var made = new AnyObject(seed);
            var (before, after) = (made.Next(), made.Next());
            var type = catalog.Find(before.Id.ApiVersion, before.Id.Kind)!;
            await cluster.Client.ApplyAsync(type, before.Content, dryRun: false, Token);
            // Somebody else has a hand in it, too.
            await cluster.Client.ApplyAsync(type, Foreign(before.Id), dryRun: false, Token, manager: "somebody");

            var told = await ObserveAsync(cluster.Client, after, type);
            var estimated = await ObserveAsync(reading.Client, after, type);

            Assert.True(estimated.IsEstimated && !told.IsEstimated);
            var (server, own) = (Changes(told), Changes(estimated));
            changed += server.Count > 0 ? 1 : 0;
            if (!server.SequenceEqual(own))
                different.Add($"{seed}: the server says [{string.Join(", ", server.Except(own))}], the estimate [{string.Join(", ", own.Except(server))}]\n{before.Content.ToJsonString()}\n{after.Content.ToJsonString()}");
        }

        Assert.True(different.Count == 0, string.Join("\n\n", different));
        Assert.InRange(changed, 60, 80);
    }

    private static Task<ObservedObject> ObserveAsync(KubeClient client, ReleaseObject item, ResourceType type) =>
        new ObjectObserver(client, ApplyPolicy.Careful with { Adopt = true }, null, "id").ObserveAsync(item, type, Token);

    // What controllers write between the two looks, which is nobody's decision.
    private static bool IsOfController(FieldChange change) =>
        ((string[])["sandbox.kubeapps.dev/", "kubeapps.dev/url", "deployment.kubernetes.io/"]).Any(name => change.Path.Contains($"annotations[\"{name}", StringComparison.Ordinal));

    // Of a whole that is new the server shows its defaults, too; and amounts in its own way.
    private static List<string> Changes(ObservedObject observed) =>
        [.. FieldDiff.Of(observed.Live!, observed.DryRun!).Where(change => !IsOfController(change)).Select(change => $"{change.Path} {change.Kind} {(change.New is JsonValue value ? Written(change.Path, value) : null)}").Order(StringComparer.Ordinal)];

    private static string Written(string path, JsonValue value) => path.Contains(".resources.", StringComparison.Ordinal) ? $"{QuantityRules.Parse(value.ToString())}" : value.ToString();

    private static JsonObject Foreign(ObjectId id) => Parse(
        $$"""{"apiVersion":"{{id.ApiVersion}}","kind":"{{id.Kind}}","metadata":{"name":"{{id.Name}}","namespace":"{{id.Namespace}}","labels":{"theirs":"yes"},"annotations":{"theirs":"yes"} } }""");

    private static List<string> Fields(DeployResult result) =>
        [.. result.Plan!.Objects.SelectMany(item => item.Fields.Select(field => $"{item.Id} {item.Change} {field.Path} {field.Old} {field.New}").Append($"{item.Id} {item.Change}"))];

    private static Bundle Release(string greeting, (string, JsonObject) web) => Bundle(
        Namespace, Patience,
        ("main", Parse($$"""{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"{{Namespace}}"} }""")),
        ("main", Parse($$"""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"settings"},"data":{"greeting":"{{greeting}}"} }""")),
        ("main", Parse("""{"apiVersion":"v1","kind":"ServiceAccount","metadata":{"name":"web"}}""")),
        ("main", Parse("""{"apiVersion":"v1","kind":"Secret","metadata":{"name":"made","annotations":{"kubeapps.dev/generated":"[\"password\"]"}}}""")),
        ("main", Parse("""{"apiVersion":"policy/v1","kind":"PodDisruptionBudget","metadata":{"name":"web"},"spec":{"minAvailable":0,"selector":{"matchLabels":{"app":"web"} } } }""")),
        web,
        WebService);

    /// <summary>Applies the role that the README states, and gives it to the planner.</summary>
    private async Task BindAsync()
    {
        foreach (var (content, _) in YamlReader.ReadAll(ReadmeRole(), "README.md"))
        {
            var item = content.AsObject();
            var type = (string)item["kind"]! switch
            {
                "Role" => new ResourceType("rbac.authorization.k8s.io", "v1", "Role", "roles", true),
                "RoleBinding" => new ResourceType("rbac.authorization.k8s.io", "v1", "RoleBinding", "rolebindings", true),
                var other => throw new InvalidOperationException(other),
            };
            if (item["subjects"] is JsonArray subjects)
                Assert.Equal(User, (string?)subjects[0]!["name"]);
            await cluster.Client.ApplyAsync(type, item, dryRun: false, Token);
        }
    }

    private static string ReadmeRole([CallerFilePath] string file = "")
    {
        var text = File.ReadAllText(Path.GetFullPath("../../../src/KubeApps.Cli/README.md", Path.GetDirectoryName(file)!)).ReplaceLineEndings("\n");
        var start = text.IndexOf("```yaml\n# The planner's role", StringComparison.Ordinal);
        return text[(start + 8)..text.IndexOf("\n```", start, StringComparison.Ordinal)];
    }

    private async Task<(DeployResult Result, IReadOnlyCollection<string> Requests)> PlanAsync(Bundle bundle)
    {
        var seen = new ConcurrentQueue<string>();
        using var connection = cluster.Connect(TimeProvider.System, new Noted(seen));
        return (await new Deployer(connection, _ => null).RunAsync(new DeployRequest(bundle, "local", DryRun: true), new EventLog(), Token), seen);
    }

    private async Task<DeployResult> As(string? user, Bundle bundle, bool dryRun)
    {
        using var connection = user is null ? cluster.Connect(TimeProvider.System) : cluster.Connect(TimeProvider.System, Roles.As(user));
        return await new Deployer(connection, _ => null).RunAsync(new DeployRequest(bundle, "local", DryRun: dryRun), new EventLog(), Token);
    }

    /// <summary>Sends as the planner, and keeps what was asked.</summary>
    private sealed class Noted(ConcurrentQueue<string> seen) : DelegatingHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            request.Headers.Add("Impersonate-User", User);
            seen.Enqueue($"{request.Method} {request.RequestUri!.PathAndQuery}");
            return base.SendAsync(request, cancellationToken);
        }
    }
}
