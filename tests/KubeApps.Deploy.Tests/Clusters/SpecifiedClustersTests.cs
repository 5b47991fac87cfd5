using System.Text.Json.Nodes;
using KubeApps.Bundles;
using KubeApps.Deploy.Clusters;

namespace KubeApps.Deploy.Tests.Clusters;

/// <summary>What a bundle says about the cluster that it needs.</summary>
public class SpecifiedClustersTests
{
    [Fact]
    public void Of_NothingSaid_TakesTwoMachinesInTwoZones() => Assert.Equal([SpecifiedClusters.DefaultPool], SpecifiedClusters.Of(Environment(null)).Pools);

    [Fact]
    public void Of_NodePools_TakesThemAsTheyAre()
    {
        var pool = Assert.Single(SpecifiedClusters.Of(Environment(
            """
            { "nodePools": [ { "name": "arm", "instanceTypes": ["m7g.large"], "architecture": "arm64", "capacity": "spot", "min": 0, "max": 6,
              "labels": { "kubeapps.dev/node-pool": "arm" }, "taints": [ { "key": "dedicated", "value": "batch", "effect": "NoExecute" } ] } ] }
            """)).Pools);

        Assert.Equal(("arm", "arm64", true, 0, 6, 0), (pool.Name, pool.Architecture, pool.IsSpot, pool.Min, pool.Max, pool.Desired));
        Assert.Equal("arm", pool.Labels["kubeapps.dev/node-pool"]);
        Assert.Equal([new NodeTaint("dedicated", "batch", "NoExecute")], pool.Taints);
    }

    [Fact]
    public void Of_SettingsOfTheCluster_TakesThemAsTheyAre()
    {
        var specification = SpecifiedClusters.Of(Environment(
            """
            { "cluster": { "version": "1.34", "administrators": ["arn:aws:iam::123456789012:role/platform"], "encryptionKey": "arn:aws:kms:eu-central-1:123456789012:key/1",
              "allowedRanges": ["203.0.113.0/24"], "network": "vpc-0a1b2c3d" } }
            """));

        Assert.Equal(("1.34", "arn:aws:kms:eu-central-1:123456789012:key/1", false, "vpc-0a1b2c3d"), (specification.Version, specification.EncryptionKey, specification.IsPrivate, specification.Network));
        Assert.Equal(["arn:aws:iam::123456789012:role/platform"], specification.Administrators);
        Assert.Equal(["203.0.113.0/24"], specification.AllowedRanges);
        Assert.Equal([SpecifiedClusters.DefaultPool], specification.Pools);
    }

    [Fact]
    public void Of_FargateAlone_GivesTheClustersOwnPodsAPlace()
    {
        var specification = SpecifiedClusters.Of(Environment("""{ "fargateProfiles": [ { "name": "all", "selectors": [ { "namespace": "shop", "labels": { "app": "shop" } } ] } ] }"""));

        Assert.Empty(specification.Pools);
        Assert.Equal(["all", "kube-system"], specification.Fargate.Select(profile => profile.Name));
    }

    [Fact]
    public void Of_ServiceAccountWithRole_GivesItsPodsTheRole()
    {
        var account = JsonNode.Parse(
            """{ "kind": "ServiceAccount", "metadata": { "name": "web", "annotations": { "eks.amazonaws.com/role-arn": "arn:aws:iam::123456789012:role/storefront" } } }""")!.AsObject();

        Assert.Equal([new CloudRoleSpecification("shop", "web", "arn:aws:iam::123456789012:role/storefront")], SpecifiedClusters.Of(Environment(null, account)).CloudRoles);
    }

    [Theory]
    [InlineData("""{ "kind": "Ingress", "spec": { "ingressClassName": "alb" } }""", true)]
    [InlineData("""{ "kind": "Ingress", "spec": { "ingressClassName": "nginx" } }""", false)]
    [InlineData("""{ "kind": "Service", "metadata": { "name": "web", "annotations": { "service.beta.kubernetes.io/aws-load-balancer-type": "external" } }, "spec": { "type": "LoadBalancer" } }""", true)]
    [InlineData("""{ "kind": "Service", "metadata": { "name": "web" }, "spec": { "type": "LoadBalancer", "loadBalancerClass": "service.k8s.aws/nlb" } }""", true)]
    [InlineData("""{ "kind": "Service", "metadata": { "name": "web" }, "spec": { "type": "LoadBalancer", "loadBalancerClass": "tailscale" } }""", false)]
    [InlineData("""{ "kind": "Service", "metadata": { "name": "web" }, "spec": { "type": "ClusterIP" } }""", false)]
    public void Of_WhatAsksForABalancer_GetsTheControllerThatMakesIt(string content, bool isBalanced)
    {
        var asks = JsonNode.Parse(content)!.AsObject();
        var brought = JsonNode.Parse("""{ "kind": "Deployment", "metadata": { "name": "aws-load-balancer-controller" } }""")!.AsObject();

        Assert.Equal(isBalanced, SpecifiedClusters.Of(Environment(null, asks)).HasLoadBalancers);
        Assert.False(SpecifiedClusters.Of(Environment(null, asks, brought)).HasLoadBalancers);
        Assert.False(SpecifiedClusters.Of(Environment("""{ "cluster": { "loadBalancerController": false } }""", asks)).HasLoadBalancers);
        Assert.True(SpecifiedClusters.Of(Environment("""{ "cluster": { "loadBalancerController": true } }""", asks, brought)).HasLoadBalancers);
    }

    [Theory]
    [InlineData("""{ "nodePools": [ { "name": "web", "instanceTypes": ["m7i.large"], "min": 2, "max": 4 } ] }""", true)]
    [InlineData("""{ "nodePools": [ { "name": "web", "instanceTypes": ["m7i.large"], "min": 2, "max": 2 } ] }""", false)]
    [InlineData("""{ "cluster": { "clusterAutoscaler": false }, "nodePools": [ { "name": "web", "instanceTypes": ["m7i.large"], "min": 2, "max": 4 } ] }""", false)]
    [InlineData("""{ "fargateProfiles": [ { "name": "all", "selectors": [ { "namespace": "shop" } ] } ] }""", false)]
    public void Of_PoolThatCanGrow_GetsWhatLetsItGrow(string hardware, bool hasAutoscaler) => Assert.Equal(hasAutoscaler, SpecifiedClusters.Of(Environment(hardware)).HasAutoscaler);

    private static BundleEnvironment Environment(string? hardware, params IReadOnlyList<JsonObject> objects) => new(
        "prod", new BundleTarget("eks"), "shop", new BundleStrategy("rolling", TimeSpan.FromMinutes(5)), [.. objects.Select(content => new BundleObject("x.yaml", "main", content))])
    {
        Hardware = hardware is null ? null : JsonNode.Parse(hardware)!.AsObject(),
    };
}
