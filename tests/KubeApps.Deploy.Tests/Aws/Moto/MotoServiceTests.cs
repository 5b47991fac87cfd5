using System.Text.Json.Nodes;
using KubeApps.Aws.StandIn;
using KubeApps.Aws.StandIn.Models;
using KubeApps.Deploy.Aws;
using KubeApps.Deploy.Aws.Ecr;
using KubeApps.Deploy.Aws.Route53;
using KubeApps.Deploy.Tests.Aws.StandIn;
using KubeApps.Deploy.Tests.Clusters;
using KubeApps.Deploy.Tests.Clusters.Eks;

namespace KubeApps.Deploy.Tests.Aws.Moto;

/// <summary>Repositories and names on moto.</summary>
public sealed class MotoServiceTests(AwsStandIn aws, MotoServer moto) : IClassFixture<MotoServer>
{
    [Fact]
    public async Task Repository_Ensured_IsThereOnceWithTagsThatStay()
    {
        moto.RequirePresent();
        var token = TestContext.Current.CancellationToken;
        using var account = await aws.NewAccountAsync();
        account.Behind = moto.Aws;
        var access = await OpenAsync(account);
        using var repositories = new EcrRepositories(access, MotoServer.Account, "shop", "shop/", null, new EksStandIn.Listener(), TimeProvider.System);

        await repositories.EnsureAsync("shop/web", token);
        await repositories.EnsureAsync("shop/web", token);

        var made = Assert.Single((await access.Ecr.DescribeRepositoriesAsync(new DescribeRepositoriesRequest(), token)).Repositories);
        Assert.Equal(("shop/web", "IMMUTABLE"), (made.RepositoryName, made.ImageTagMutability));
        Assert.Contains("untagged", (await access.Ecr.GetLifecyclePolicyAsync(new GetLifecyclePolicyRequest("shop/web"), token)).LifecyclePolicyText, StringComparison.Ordinal);
        Assert.NotEmpty((await access.Ecr.GetAuthorizationTokenAsync(token)).AuthorizationData);
        Assert.Single(account.Requests, request => request.Action == "ecr:CreateRepository");
    }

    [Fact]
    public async Task Records_WithWeights_ChangeInOneRequest()
    {
        moto.RequirePresent();
        var token = TestContext.Current.CancellationToken;
        using var account = await aws.NewAccountAsync();
        account.Behind = moto.Aws;
        using var access = await OpenAsync(account);
        using var raw = new RawAws(ServiceModel.Of("route53"), account);
        await raw.AskAsync("CreateHostedZone", new JsonObject { ["Name"] = "shop.example.com", ["CallerReference"] = "1" });
        var zone = Assert.Single((await access.Route53.ListHostedZonesByNameAsync(new ListHostedZonesByNameRequest { DNSName = "shop.example.com" }, token)).HostedZones!);

        await WriteAsync(100, 0);
        await WriteAsync(50, 50);

        var records = (await access.Route53.ListResourceRecordSetsAsync(new ListResourceRecordSetsRequest(zone.Id), token)).ResourceRecordSets!;
        Assert.Equal(
            [("shop-1", 50L), ("shop-2", 50L)], records.Where(record => record.SetIdentifier is not null).Select(record => (record.SetIdentifier!, record.Weight!.Value)).Order());

        Task WriteAsync(long one, long two) => access.Route53.ChangeResourceRecordSetsAsync(new(zone.Id, new ChangeBatch(null, [Change("shop-1", one), Change("shop-2", two)])), token);
    }

    private static Change Change(string cluster, long weight) => new(
        ChangeAction.Upsert, new ResourceRecordSet("www.shop.example.com", "CNAME") { SetIdentifier = cluster, Weight = weight, TTL = 60, ResourceRecords = [new($"{cluster}.example.net")] });

    private static Task<AwsAccess> OpenAsync(StandInAccount account) =>
        AwsAccess.OpenAsync(account.Settings with { Account = MotoServer.Account }, TestContext.Current.CancellationToken);
}
