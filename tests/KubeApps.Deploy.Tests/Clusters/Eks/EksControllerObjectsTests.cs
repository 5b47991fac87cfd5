using System.Text.Json.Nodes;
using KubeApps.Deploy.Clusters.Eks;

namespace KubeApps.Deploy.Tests.Clusters.Eks;

/// <summary>What is installed in clusters is what an API server takes, field by field.</summary>
public sealed class EksControllerObjectsTests(SandboxCluster sandbox) : IClassFixture<SandboxCluster>
{
    private static readonly Dictionary<string, string> Values = new()
    {
        ["cluster"] = "shop-prod-1",
        ["region"] = "eu-central-1",
        ["vpc"] = "vpc-1",
        ["tags"] = "kubeapps.dev/managed-by=kubeapps,kubeapps.dev/app=shop",
        ["version"] = "v1.34.5",
        ["authority"] = "YQ==",
        ["certificate"] = "YQ==",
        ["key"] = "YQ==",
    };

    // The sandbox has no webhooks: those configurations are held against the service that they name.
    [Fact]
    public async Task Objects_OfEachController_AreTakenByAnApiServer()
    {
        using var connection = sandbox.Connect(TimeProvider.System);
        foreach (var controller in EksController.All)
        {
            var objects = controller.Objects(Values);
            Assert.DoesNotContain(objects, item => item.ToJsonString().Contains("${", StringComparison.Ordinal));
            await connection.Catalog.EnsureAsync([.. objects.Select(item => (string)item["apiVersion"]!).Distinct()], TestContext.Current.CancellationToken);
            foreach (var item in objects.Where(item => !((string)item["kind"]!).EndsWith("WebhookConfiguration", StringComparison.Ordinal)))
            {
                var type = connection.Catalog.Find((string)item["apiVersion"]!, (string)item["kind"]!);
                Assert.NotNull(type);
                await connection.Client.ApplyAsync(type, item, dryRun: true, TestContext.Current.CancellationToken, force: true);
            }
        }
    }

    [Fact]
    public void Webhooks_OfTheLoadBalancerController_CallTheServiceThatIsThere()
    {
        var objects = EksController.LoadBalancers.Objects(Values);
        var service = (string)objects.Single(item => (string)item["kind"]! == "Service")["metadata"]!["name"]!;

        var webhooks = objects.Where(item => ((string)item["kind"]!).EndsWith("WebhookConfiguration", StringComparison.Ordinal)).SelectMany(item => item["webhooks"]!.AsArray()).ToList();

        Assert.Equal(8, webhooks.Count);
        Assert.All(webhooks, webhook => Assert.Equal((service, "kube-system"), ((string)webhook!["clientConfig"]!["service"]!["name"]!, (string)webhook["clientConfig"]!["service"]!["namespace"]!)));
    }

    [Fact]
    public void Pods_OfEachController_HaveTheServiceAccountThatHasTheRole()
    {
        foreach (var controller in EksController.All)
        {
            var objects = controller.Objects(Values);
            var pods = objects.Single(item => (string)item["kind"]! == "Deployment")["spec"]!["template"]!["spec"]!;
            Assert.Equal(controller.Name, (string)pods["serviceAccountName"]!);
            Assert.Contains(objects, item => (string)item["kind"]! == "ServiceAccount" && (string)item["metadata"]!["name"]! == controller.Name && (string)item["metadata"]!["namespace"]! == EksController.Namespace);
        }
    }

    [Fact]
    public void Certificate_OfASecret_IsKeptWhileItIsGood()
    {
        var now = DateTimeOffset.UtcNow;
        var made = WebhookCertificate.New("webhook", "kube-system", now);
        JsonObject Secret(string certificate) => new() { ["data"] = new JsonObject { ["ca.crt"] = made.Authority, ["tls.crt"] = certificate, ["tls.key"] = made.Key } };

        Assert.Equal(made, WebhookCertificate.Read(Secret(made.Certificate), now));
        Assert.Null(WebhookCertificate.Read(Secret(made.Certificate), now.AddDays(3600)));
        Assert.Null(WebhookCertificate.Read(Secret(WebhookCertificate.New("webhook", "kube-system", now).Certificate), now));
        Assert.Null(WebhookCertificate.Read(Secret("no base64"), now));
        Assert.Null(WebhookCertificate.Read(null, now));
    }
}
