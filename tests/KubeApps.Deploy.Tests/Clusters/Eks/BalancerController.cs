using System.Text;
using System.Text.Json.Nodes;
using KubeApps.Aws.StandIn;
using KubeApps.Deploy.Aws;

namespace KubeApps.Deploy.Tests.Clusters.Eks;

/// <summary>Makes the balancer of a service and takes it down with it, as AWS's controller does.</summary>
internal sealed class BalancerController(StandInAccount account, string cluster) : DelegatingHandler
{
    private readonly Lock _lock = new();
    private (string Arn, string Host)? _balancer;

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var response = await base.SendAsync(request, cancellationToken);
        if (!response.IsSuccessStatusCode || !request.RequestUri!.AbsolutePath.EndsWith("/services/web", StringComparison.Ordinal))
            return response;
        if (request.Method == HttpMethod.Delete)
            await DeleteAsync(cancellationToken);
        if (request.Method != HttpMethod.Get)
            return response;
        var service = JsonNode.Parse(await response.Content.ReadAsStringAsync(cancellationToken))!;
        service["status"] = new JsonObject { ["loadBalancer"] = new JsonObject { ["ingress"] = new JsonArray(new JsonObject { ["hostname"] = Host() }) } };
        response.Content = new StringContent(service.ToJsonString(), Encoding.UTF8, "application/json");
        return response;
    }

    private string Host()
    {
        lock (_lock)
        {
            if (_balancer is { } made)
                return made.Host;
            var vpc = account.Ledger.ThereOf("ec2:vpc")[^1];
            List<string> subnets = [.. account.Ledger.ThereOf("ec2:subnet").Where(item => (string)item.Content["VpcId"]! == vpc.Key).Select(item => item.Key)];
            var arn = account.PlantLoadBalancer($"k8s-{cluster}", new StandInNetwork(vpc.Key, subnets, subnets), new Dictionary<string, string> { ["elbv2.k8s.aws/cluster"] = cluster }, "network");
            _balancer = (arn, (string)account.Ledger.ThereOf("elasticloadbalancing:loadbalancer").Single(item => item.Key == arn).Content["DNSName"]!);
            return _balancer.Value.Host;
        }
    }

    private async Task DeleteAsync(CancellationToken cancellationToken)
    {
        if (_balancer is not { } made)
            return;
        _balancer = null;
        using var access = await AwsAccess.OpenAsync(account.Settings, cancellationToken);
        await access.LoadBalancing.DeleteLoadBalancerAsync(new(made.Arn), cancellationToken);
    }
}
