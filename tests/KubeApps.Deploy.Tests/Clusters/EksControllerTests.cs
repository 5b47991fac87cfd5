using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using KubeApps.Aws.StandIn;
using KubeApps.Deploy.Aws;
using KubeApps.Deploy.Clusters;
using KubeApps.Deploy.Clusters.Eks;
using KubeApps.Deploy.Tests.Clusters.Eks;
using KubeApps.Diagnostics;

namespace KubeApps.Deploy.Tests.Clusters;

/// <summary>What runs in a cluster and acts on the account has a role of the cluster's, which lives and ends with it.</summary>
public sealed class EksControllerTests(AwsStandIn aws)
{
    private static readonly ClusterSpecification Wanted = EksStandIn.Small with { HasLoadBalancers = true, HasAutoscaler = true };

    private readonly AwsClock _clock = new();

    [Fact]
    public async Task Create_ControllersWanted_GivesTheirPodsWhatTheirProjectsSayAndNoMore()
    {
        await using var made = await StartAsync();
        var (account, eks) = (made.Account, made.Eks);

        await eks.ExecuteAsync(await eks.PlanAsync(Wanted));

        Assert.True((await eks.PlanAsync(Wanted)).IsNoOp, EksCase.Text(await eks.PlanAsync(Wanted)));
        var identities = account.Ledger.ThereOf("eks:podidentity").ToDictionary(item => $"{item.Content["namespace"]}/{item.Content["serviceAccount"]}", item => (string)item.Content["roleArn"]!);
        Assert.Equal($"arn:aws:iam::{account.Id}:role/shop-prod-1-load-balancers-{account.Region}", identities["kube-system/aws-load-balancer-controller"]);
        Assert.Equal($"arn:aws:iam::{account.Id}:role/shop-prod-1-autoscaler-{account.Region}", identities["kube-system/cluster-autoscaler"]);
        Assert.Contains("elasticloadbalancing:CreateLoadBalancer", await PolicyOfAsync(account, "load-balancers", "aws-load-balancer-controller"), StringComparison.Ordinal);
        Assert.Contains("aws:ResourceTag/k8s.io/cluster-autoscaler/shop-prod-1", await PolicyOfAsync(account, "autoscaler", "cluster-autoscaler"), StringComparison.Ordinal);
    }

    // A run that was cut after the role was made, an older version of the tool, or somebody's own change.
    [Theory]
    [InlineData(null)]
    [InlineData("""{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}""")]
    public async Task Update_PolicyIsNotTheOne_IsWrittenAnew(string? document)
    {
        await using var made = await StartAsync();
        var (account, eks) = (made.Account, made.Eks);
        await eks.ExecuteAsync(await eks.PlanAsync(Wanted));
        var right = await PolicyOfAsync(account, "autoscaler", "cluster-autoscaler");
        using (var access = await AwsAccess.OpenAsync(account.Settings, TestContext.Current.CancellationToken))
            await (document is null
                ? access.Iam.DeleteRolePolicyAsync(new(Role(account, "autoscaler"), "cluster-autoscaler"), TestContext.Current.CancellationToken)
                : access.Iam.PutRolePolicyAsync(new(Role(account, "autoscaler"), "cluster-autoscaler", document), TestContext.Current.CancellationToken));

        var plan = await eks.PlanAsync(Wanted);
        Assert.Equal("role/autoscaler", Assert.Single(plan.Steps).Id);
        await eks.ExecuteAsync(plan);

        Assert.Equal(right, await PolicyOfAsync(account, "autoscaler", "cluster-autoscaler"));
    }

    [Fact]
    public async Task Update_StandingClusterWithoutThem_GetsThemWithNothingElseChanged()
    {
        await using var made = await StartAsync();
        var (account, eks) = (made.Account, made.Eks);
        await eks.ExecuteAsync(await eks.PlanAsync(EksStandIn.Small));

        var plan = await eks.PlanAsync(Wanted);
        await eks.ExecuteAsync(plan);

        Assert.All(plan.Steps, step => Assert.Equal(ClusterAction.Create, step.Action));
        Assert.True((await eks.PlanAsync(Wanted)).IsNoOp);
        Assert.True((await eks.PlanAsync(EksStandIn.Small)).IsNoOp);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Delete_RolesOfControllers_GoWithTheCluster(bool isWhole)
    {
        await using var made = await StartAsync();
        var (account, eks) = (made.Account, made.Eks);
        var plan = await eks.PlanAsync(Wanted);
        // Or what a run that was cut has made: roles alone, one of them without its policy.
        await eks.ExecuteAsync(isWhole ? plan : plan with { Steps = [.. plan.Steps.Where(step => step.Id.StartsWith("role/", StringComparison.Ordinal))] });
        if (!isWhole)
        {
            using var access = await AwsAccess.OpenAsync(account.Settings, TestContext.Current.CancellationToken);
            await access.Iam.DeleteRolePolicyAsync(new(Role(account, "load-balancers"), "aws-load-balancer-controller"), TestContext.Current.CancellationToken);
        }

        await eks.ExecuteAsync(await eks.PlanRemovalAsync());

        _clock.Pass(TimeSpan.FromHours(1));
        Assert.Empty(account.Ledger.There);
    }

    [Fact]
    public async Task Audit_RoleOfAControllerWhoseClusterIsGone_IsFoundAndCollected()
    {
        await using var made = await StartAsync();
        var (account, eks) = (made.Account, made.Eks);
        var plan = await eks.PlanAsync(Wanted);
        await eks.ExecuteAsync(plan with { Steps = [.. plan.Steps.Where(step => step.Id == "role/autoscaler")] });

        var left = await eks.Provider.AuditAsync(EksStandIn.Owner, TestContext.Current.CancellationToken);

        Assert.Equal(("Role", $"shop-prod-1-autoscaler-{account.Region}"), (Assert.Single(left).Kind, left[0].Id));
        Assert.Empty(await eks.Provider.CollectAsync(left, new EksStandIn.Listener(), TestContext.Current.CancellationToken));
        Assert.Empty(account.Ledger.There);
    }

    [Fact]
    public async Task Create_ControllersWanted_InstallsThemWithWhatTheyMustKnow()
    {
        await using var made = await StartAsync();
        var (account, eks, inside) = (made.Account, made.Eks, made.Inside);

        await eks.ExecuteAsync(await eks.PlanAsync(Wanted));

        var vpc = (string)account.Ledger.ThereOf("eks:cluster").Single().Content["resourcesVpcConfig"]!["vpcId"]!;
        Assert.Equal(
            [
                "--cluster-name=shop-prod-1", "--ingress-class=alb", $"--aws-region={account.Region}", $"--aws-vpc-id={vpc}",
                "--default-tags=kubeapps.dev/managed-by=kubeapps,kubeapps.dev/app=shop,kubeapps.dev/environment=prod,kubeapps.dev/cluster=shop-prod-1,kubeapps.dev/revision=1",
            ],
            Container(inside["Deployment", "aws-load-balancer-controller"]!)["args"]!.AsArray().Select(item => (string)item!));
        var autoscaler = Container(inside["Deployment", "cluster-autoscaler"]!);
        Assert.Equal($"registry.k8s.io/autoscaling/cluster-autoscaler:{EksController.Autoscaler.Version((string)account.Ledger.ThereOf("eks:cluster").Single().Content["version"]!)}", (string)autoscaler["image"]!);
        Assert.Contains("k8s.io/cluster-autoscaler/shop-prod-1", autoscaler["command"]!.AsArray().Select(item => (string)item!).Last(), StringComparison.Ordinal);
        // Whoever makes a Service or an Ingress meanwhile is not refused for want of a webhook.
        var order = inside.Applied.ToList();
        Assert.Equal(
            ["MutatingWebhookConfiguration aws-load-balancer-webhook", "ValidatingWebhookConfiguration aws-load-balancer-webhook"],
            order.Where(item => item.Contains("Webhook", StringComparison.Ordinal)));
        Assert.True(order.IndexOf("Deployment aws-load-balancer-controller") < order.IndexOf("MutatingWebhookConfiguration aws-load-balancer-webhook"));
    }

    [Fact]
    public async Task Create_Webhooks_AreCalledWithTheAuthorityThatSignedTheirCertificate()
    {
        await using var made = await StartAsync();

        await made.Eks.ExecuteAsync(await made.Eks.PlanAsync(Wanted));

        var secret = made.Inside["Secret", "aws-load-balancer-tls"]!["data"]!;
        Assert.All(
            new[] { made.Inside["MutatingWebhookConfiguration", "aws-load-balancer-webhook"]!, made.Inside["ValidatingWebhookConfiguration", "aws-load-balancer-webhook"]! }.SelectMany(item => item["webhooks"]!.AsArray()),
            webhook => Assert.Equal((string)secret["ca.crt"]!, (string)webhook!["clientConfig"]!["caBundle"]!));
        using var authority = X509Certificate2.CreateFromPem(Text(secret["ca.crt"]));
        using var certificate = X509Certificate2.CreateFromPem(Text(secret["tls.crt"]), Text(secret["tls.key"]));
        using var chain = new X509Chain { ChainPolicy = { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck, VerificationTime = _clock.GetUtcNow().DateTime } };
        chain.ChainPolicy.CustomTrustStore.Add(authority);
        Assert.True(chain.Build(certificate));
        Assert.True(certificate.MatchesHostname("aws-load-balancer-webhook-service.kube-system.svc"));
    }

    [Fact]
    public async Task Update_NewerVersionOfAController_ReplacesItAndKeepsTheCertificate()
    {
        await using var made = await StartAsync();
        await made.Eks.ExecuteAsync(await made.Eks.PlanAsync(Wanted));
        var certificate = (string)made.Inside["Secret", "aws-load-balancer-tls"]!["data"]!["tls.crt"]!;
        foreach (var identity in made.Account.Ledger.ThereOf("eks:podidentity").Where(item => (string)item.Content["serviceAccount"]! == "aws-load-balancer-controller"))
            identity.Content["tags"]!["kubeapps.dev/version"] = "v3.4.2";

        var plan = await made.Eks.PlanAsync(Wanted);
        await made.Eks.ExecuteAsync(plan);

        Assert.Equal(["v3.4.2 → v3.5.0+1"], Assert.Single(plan.Steps).Details);
        Assert.Equal(certificate, (string)made.Inside["Secret", "aws-load-balancer-tls"]!["data"]!["tls.crt"]!);
        Assert.True((await made.Eks.PlanAsync(Wanted)).IsNoOp);
    }

    // What it was told before said nothing of tags: what it makes is told from others' things only since then.
    [Fact]
    public async Task Update_LoadBalancerControllerOfAnOlderTool_IsToldAnewWhatItMustKnow()
    {
        await using var made = await StartAsync();
        await made.Eks.ExecuteAsync(await made.Eks.PlanAsync(Wanted));
        made.Account.Ledger.ThereOf("eks:podidentity").Single(item => (string)item.Content["serviceAccount"]! == "aws-load-balancer-controller").Content["tags"]!["kubeapps.dev/version"] = "v3.5.0";

        var plan = await made.Eks.PlanAsync(Wanted);
        await made.Eks.ExecuteAsync(plan);

        Assert.Equal(["controller/aws-load-balancer-controller"], plan.Steps.Select(step => step.Id));
        Assert.Equal("public.ecr.aws/eks/aws-load-balancer-controller:v3.5.0", (string)Container(made.Inside["Deployment", "aws-load-balancer-controller"]!)["image"]!);
        Assert.True((await made.Eks.PlanAsync(Wanted)).IsNoOp);
    }

    // Alone, its controller's own tags say a name, and nobody's.
    [Fact]
    public async Task Audit_NothingButABalancerIsLeft_FindsItWhosever()
    {
        await using var made = await StartAsync();
        await made.Eks.ExecuteAsync(await made.Eks.PlanAsync(Wanted));
        var given = Container(made.Inside["Deployment", "aws-load-balancer-controller"]!)["args"]!.AsArray().Select(item => (string)item!).FirstOrDefault(item => item.StartsWith("--default-tags=", StringComparison.Ordinal));
        var tags = (given?["--default-tags=".Length..] ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries).Select(tag => tag.Split('=')).Append(["elbv2.k8s.aws/cluster", EksStandIn.Name]).ToDictionary(tag => tag[0], tag => tag[1]);
        await made.Eks.ExecuteAsync(await made.Eks.PlanRemovalAsync());
        var balancer = made.Account.PlantLoadBalancer("k8s-left", made.Account.PlantNetwork(), tags);

        var left = await made.Eks.Provider.AuditAsync(null, TestContext.Current.CancellationToken);

        var found = Assert.Single(left, item => item.Kind == "LoadBalancer");
        Assert.Equal((balancer, EksStandIn.Owner, EksStandIn.Name), (found.Id, found.Owner, found.Cluster));
    }

    // A platform team's own, by Helm or by GitOps.
    [Fact]
    public async Task Update_SomebodyElsesControllerIsThere_IsLeftAsItIs()
    {
        await using var made = await StartAsync();
        await made.Eks.ExecuteAsync(await made.Eks.PlanAsync(EksStandIn.Small));
        made.Inside.Plant(JsonNode.Parse(
            """{ "apiVersion": "apps/v1", "kind": "Deployment", "metadata": { "name": "cluster-autoscaler", "namespace": "kube-system", "labels": { "app.kubernetes.io/managed-by": "Helm" } }, "spec": { "replicas": 1 } }""")!.AsObject());

        await made.Eks.ExecuteAsync(await made.Eks.PlanAsync(EksStandIn.Small with { HasAutoscaler = true }));

        Assert.Empty(made.Inside.Applied);
        Assert.True((await made.Eks.PlanAsync(EksStandIn.Small with { HasAutoscaler = true })).IsNoOp);
    }

    [Fact]
    public async Task Create_ControllerDoesNotComeUp_SaysWhyAndIsDoneAgainByTheNextRun()
    {
        await using var made = await StartAsync();
        made.Inside.Failing = "aws-load-balancer-controller";

        var failure = await Assert.ThrowsAsync<DiagnosticException>(async () => await made.Eks.ExecuteAsync(await made.Eks.PlanAsync(Wanted)));
        Assert.Equal("KUBEAPP8119", failure.Diagnostics[0].Code);
        Assert.Contains("timed out progressing", failure.Diagnostics[0].Cause, StringComparison.Ordinal);
        Assert.DoesNotContain(made.Inside.Applied, item => item.Contains("Webhook", StringComparison.Ordinal));

        made.Inside.Failing = null;
        await made.Eks.ExecuteAsync(await made.Eks.PlanAsync(Wanted));
        Assert.True((await made.Eks.PlanAsync(Wanted)).IsNoOp);
    }

    [Fact]
    public async Task Update_CutAnywhere_GoesOnAndDoublesNothing()
    {
        var whole = new EksStandIn.Listener();
        await using (var made = await StartAsync())
        {
            await made.Eks.ExecuteAsync(await made.Eks.PlanAsync(EksStandIn.Small));
            await made.Eks.ExecuteAsync(await made.Eks.PlanAsync(Wanted), whole);
        }

        for (var cut = 1; cut < whole.Events.Count; cut += 2)
        {
            await using var made = await StartAsync();
            await made.Eks.ExecuteAsync(await made.Eks.PlanAsync(EksStandIn.Small));
            try
            {
                await made.Eks.ExecuteAsync(await made.Eks.PlanAsync(Wanted), new EksStandIn.Listener(cut));
            }
            catch (OperationCanceledException)
            {
                // Killed.
            }

            await made.Eks.ExecuteAsync(await made.Eks.PlanAsync(Wanted));

            Assert.True((await made.Eks.PlanAsync(Wanted)).IsNoOp, $"Cut after {cut} events.");
            // The app's, those of two add-ons, and these.
            Assert.Equal(5, made.Account.Ledger.ThereOf("eks:podidentity").Count());
            Assert.Equal(2, made.Account.Ledger.ThereOf("iam:role").Count(role => role.Key.Contains("load-balancers", StringComparison.Ordinal) || role.Key.Contains("autoscaler", StringComparison.Ordinal)));
        }
    }

    [Theory]
    [InlineData("1.29", "v1.30.7")]
    [InlineData("1.33", "v1.33.6")]
    [InlineData("1.99", "v1.36.1")]
    public void Version_OfTheAutoscaler_IsTheClustersOrTheNearest(string kubernetes, string version) => Assert.Equal(version, EksController.Autoscaler.Version(kubernetes));

    // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html: all policies in a role together, without white space.
    [Fact]
    public void Policy_OfEachRole_FitsIntoIt()
    {
        foreach (var role in EksRole.All.Where(role => role.Own is not null))
            Assert.InRange(role.Own!.Document(EksCase.Empty.Identity, new string('a', 100)).Length, 100, 10_240);
    }

    /// <summary>An account whose clusters have an API that keeps what is applied.</summary>
    private async Task<MadeCluster> StartAsync()
    {
        var (account, inside) = (await aws.NewAccountAsync(_clock), new RememberedCluster());
        var server = await EksServer.StartAsync(account, EksStandIn.Name, new HttpClient(inside), "http://localhost");
        account.Endpoints = _ => server.Endpoint;
        return new MadeCluster(account, server, new EksStandIn(account, _clock), inside);
    }

    private static JsonNode Container(JsonObject deployment) => deployment["spec"]!["template"]!["spec"]!["containers"]![0]!;

    private static string Text(JsonNode? base64) => Encoding.ASCII.GetString(Convert.FromBase64String((string)base64!));

    private static string Role(StandInAccount account, string part) => $"shop-prod-1-{part}-{account.Region}";

    private static async Task<string> PolicyOfAsync(StandInAccount account, string part, string policy)
    {
        using var access = await AwsAccess.OpenAsync(account.Settings, TestContext.Current.CancellationToken);
        return (await access.Iam.GetRolePolicyAsync(new(Role(account, part), policy), TestContext.Current.CancellationToken)).PolicyDocument;
    }

    private sealed record MadeCluster(StandInAccount Account, EksServer Server, EksStandIn Eks, RememberedCluster Inside) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            Eks.Dispose();
            await Server.DisposeAsync();
            Account.Dispose();
        }
    }
}
