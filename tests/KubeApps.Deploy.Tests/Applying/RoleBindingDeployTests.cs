using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using KubeApps.Deploy.Api;
using KubeApps.Deploy.Targets;
using KubeApps.Deploy.Tests.Planning;
using KubeApps.Events;
using static KubeApps.Deploy.Tests.SandboxCluster;

namespace KubeApps.Deploy.Tests.Applying;

/// <summary>A role and its binding, deployed by somebody who has the rights that they give, but may not <c>bind</c> roles.</summary>
public sealed class RoleBindingDeployTests(SandboxCluster cluster) : IClassFixture<SandboxCluster>
{
    private const string Rules = """
        [{"verbs":["get","list","watch","create","update","patch","delete"],"apiGroups":["","apps","rbac.authorization.k8s.io","coordination.k8s.io"],"resources":["*"]}]
        """;

    private static readonly ResourceType Binding = new("rbac.authorization.k8s.io", "v1", "RoleBinding", "rolebindings", true);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Deploy_RoleAndBindingForTheFirstTime_AreAppliedOneAfterTheOther()
    {
        await AllowAsync("ci");
        // Requests for the role are slow: nothing but the order makes it stand before its binding.
        using var connection = cluster.Connect(TimeProvider.System, new SlowRole { User = "ci" });

        var planned = await DeployAsync(connection, "ci", Role(), dryRun: true);
        var deployed = await DeployAsync(connection, "ci", Role());
        var again = await DeployAsync(connection, "ci", Role());

        Assert.True(planned.Outcome == DeployOutcome.Planned, string.Join("\n", planned.Diagnostics));
        Assert.Equal(ResourceChange.Created, planned.Plan!.Objects.Single(item => item.Id.Kind == "RoleBinding").Change);
        Assert.DoesNotContain(planned.Plan.Steps, step => step.Id == "check");
        Assert.True(deployed.Outcome == DeployOutcome.Deployed, string.Join("\n", deployed.Diagnostics));
        Assert.Equal(DeployOutcome.Unchanged, again.Outcome);
        Assert.NotNull(await cluster.Client.GetAsync(Binding, "ci", "reader", Token));
    }

    [Fact]
    public async Task Deploy_IntoANamespaceThatIsNotThereYet_IsNotStoppedByTheBindingAfterItsFirstWrite()
    {
        const string Rbac = "/apis/rbac.authorization.k8s.io/v1";
        await cluster.Client.SendAsync(HttpMethod.Post, $"{Rbac}/clusterroles", Parse($$"""{"metadata":{"name":"everywhere"},"rules":{{Rules}}}"""), Token);
        await cluster.Client.SendAsync(
            HttpMethod.Post, $"{Rbac}/clusterrolebindings",
            Parse("""{"metadata":{"name":"everywhere"},"roleRef":{"kind":"ClusterRole","name":"everywhere"},"subjects":[{"kind":"User","name":"everywhere"}]}"""), Token);
        using var connection = cluster.Connect(TimeProvider.System, Roles.As("everywhere"));

        var result = await DeployAsync(connection, "fresh", Role());

        Assert.True(result.Outcome == DeployOutcome.Deployed, string.Join("\n", result.Diagnostics));
        Assert.NotNull(await cluster.Client.GetAsync(Binding, "fresh", "reader", Token));
    }

    [Fact]
    public async Task Deploy_RoleWasDeletedButItsBindingStands_BringsItBackAndChangesTheBinding()
    {
        await AllowAsync("lost");
        using var connection = cluster.Connect(TimeProvider.System, Roles.As("lost"));
        Assert.Equal(DeployOutcome.Deployed, (await DeployAsync(connection, "lost", Role())).Outcome);
        await cluster.KubectlAsync("delete role reader -n lost");
        using var refusing = cluster.Connect(TimeProvider.System, new UntriedBinding());

        var result = await DeployAsync(refusing, "lost", Role(), subject: "worker");

        Assert.True(result.Outcome == DeployOutcome.Deployed, string.Join("\n", result.Diagnostics));
        Assert.Equal(
            ["Role Created", "RoleBinding Changed"],
            result.Plan!.Objects.Where(item => item.Id.Group == Binding.Group).Select(item => $"{item.Id.Kind} {item.Change}").Order(StringComparer.Ordinal));
        Assert.Equal("worker", (string?)(await cluster.Client.GetAsync(Binding, "lost", "reader", Token))!["subjects"]![0]!["name"]);
    }

    [Fact]
    public async Task Deploy_BindingOfARoleThatNobodyBrings_IsRefusedBeforeTheFirstWrite()
    {
        await AllowAsync("nobody");
        using var connection = cluster.Connect(TimeProvider.System, Roles.As("nobody"));

        var result = await DeployAsync(connection, "nobody");

        Assert.Equal((DeployOutcome.Failed, false), (result.Outcome, result.HasApplied));
        Assert.Contains("roles.rbac.authorization.k8s.io \"reader\" not found", Assert.Single(result.Diagnostics).Cause, StringComparison.Ordinal);
    }

    private static (string, JsonObject) Role() => ("main", Parse(
        """{"apiVersion":"rbac.authorization.k8s.io/v1","kind":"Role","metadata":{"name":"reader"},"rules":[{"apiGroups":[""],"resources":["configmaps"],"verbs":["get"]}]}"""));

    private static Task<DeployResult> DeployAsync(ClusterConnection connection, string app, (string, JsonObject)? role = null, bool dryRun = false, string subject = "web")
    {
        (string, JsonObject) binding = ("main", Parse($$"""
            {"apiVersion":"rbac.authorization.k8s.io/v1","kind":"RoleBinding","metadata":{"name":"reader"},
             "roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"Role","name":"reader"},"subjects":[{"kind":"ServiceAccount","name":"{{subject}}","namespace":"{{app}}"}]}
            """));
        return new Deployer(connection, _ => null).RunAsync(
            new DeployRequest(Bundle(app, TimeSpan.FromSeconds(60), [binding, .. role is { } item ? [item] : Array.Empty<(string, JsonObject)>()]), "local") { DryRun = dryRun },
            new EventLog(), Token);
    }

    private async Task AllowAsync(string app)
    {
        await cluster.Client.SendAsync(HttpMethod.Post, "/api/v1/namespaces", Parse($$"""{"metadata":{"name":"{{app}}"} }"""), Token);
        await Roles.GrantAsync(cluster.Client, app, app, Rules);
    }

    /// <summary>Refuses to try the binding, as a server does that finds something changed of one whose role is missing.</summary>
    private sealed class UntriedBinding : DelegatingHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            request.RequestUri!.PathAndQuery is var path && path.Contains("/rolebindings/reader?", StringComparison.Ordinal) && path.Contains("dryRun=All", StringComparison.Ordinal)
                ? Task.FromResult(new HttpResponseMessage(HttpStatusCode.NotFound)
                {
                    RequestMessage = request,
                    Content = new StringContent(
                        """
                        {"kind":"Status","apiVersion":"v1","status":"Failure","message":"roles.rbac.authorization.k8s.io \"reader\" not found","reason":"NotFound",
                         "details":{"name":"reader","group":"rbac.authorization.k8s.io","kind":"roles"},"code":404}
                        """,
                        Encoding.UTF8, "application/json"),
                })
                : base.SendAsync(request, cancellationToken);
    }

    private sealed class SlowRole : DelegatingHandler
    {
        public required string User { get; init; }

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            request.Headers.Add("Impersonate-User", User);
            if (request.Method == HttpMethod.Patch && request.RequestUri!.AbsolutePath.EndsWith("/roles/reader", StringComparison.Ordinal))
                await Task.Delay(300, cancellationToken);
            return await base.SendAsync(request, cancellationToken);
        }
    }
}
