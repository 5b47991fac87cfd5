using System.Net;
using System.Text;
using KubeApps.Aws.StandIn;
using KubeApps.Deploy.Clusters;
using KubeApps.Deploy.Tests.Clusters.Eks;

namespace KubeApps.Deploy.Tests.Clusters;

/// <summary>A cluster that stands on AWS's stand-in, with an API in which nothing runs.</summary>
internal sealed record EksMadeCluster(StandInAccount Account, EksServer Server, EksStandIn Eks) : IAsyncDisposable
{
    public static async Task<EksMadeCluster> MakeAsync(AwsStandIn aws, AwsClock clock, ClusterSpecification? specification = null, string? region = null, HttpMessageHandler? api = null)
    {
        var made = await StartAsync(aws, clock, region, api);
        await made.Eks.ExecuteAsync(await made.Eks.PlanAsync(specification ?? EksStandIn.Small));
        return made;
    }

    /// <summary>An account in which it is not made yet.</summary>
    public static async Task<EksMadeCluster> StartAsync(AwsStandIn aws, AwsClock clock, string? region = null, HttpMessageHandler? api = null)
    {
        var account = await aws.NewAccountAsync(clock);
        account.Region = region ?? account.Region;
        return await InAsync(account, clock, api);
    }

    /// <summary>An account of the test's.</summary>
    public static async Task<EksMadeCluster> InAsync(StandInAccount account, AwsClock clock, HttpMessageHandler? api = null)
    {
        var server = await EksServer.StartAsync(account, EksStandIn.Name, new HttpClient(api ?? new EmptyCluster()), "http://localhost");
        account.Endpoints = _ => server.Endpoint;
        return new EksMadeCluster(account, server, new EksStandIn(account, clock));
    }

    public async ValueTask DisposeAsync()
    {
        Eks.Dispose();
        await Server.DisposeAsync();
        Account.Dispose();
    }

    /// <summary>The API of a cluster in which nothing runs.</summary>
    private sealed class EmptyCluster : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) => Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK)
        {
            Content = new StringContent("""{"kind":"List","apiVersion":"v1","metadata":{"resourceVersion":"1"},"items":[]}""", Encoding.UTF8, "application/json"),
        });
    }
}
