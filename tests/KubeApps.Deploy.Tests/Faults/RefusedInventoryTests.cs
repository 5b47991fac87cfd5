using System.Net;
using System.Text;
using KubeApps.Deploy.Planning;
using KubeApps.Deploy.Revisions;
using KubeApps.Deploy.Tests.BlueGreen;

namespace KubeApps.Deploy.Tests.Faults;

/// <summary>The server takes the record of a new revision, and not the inventory that names it: then nothing of it is applied.</summary>
public sealed class RefusedInventoryTests(SandboxCluster cluster) : IClassFixture<SandboxCluster>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("rolling")]
    [InlineData("blueGreen")]
    public async Task Deploy_InventoryIsRefused_LeavesTheVersionThatServes(string strategy)
    {
        var name = $"refused-{strategy.ToLowerInvariant()}";
        var app = new SlottedApp(cluster, name);
        foreach (var version in (string[])["one", "two"])
            Assert.Equal(DeployOutcome.Deployed, (await app.DeployAsync(app.Resting(version).Deployed(strategy))).Outcome);
        using var connection = cluster.Connect(TimeProvider.System, new RefusingLine(Inventory.NameOf(name)));

        var result = await new SlottedApp(cluster, name) { Connection = connection }.DeployAsync(app.Resting("three").Deployed(strategy));

        Assert.Equal((DeployOutcome.Failed, 1, null), (result.Outcome, result.ExitCode, result.RolledBackTo));
        Assert.Contains("denied the request", Assert.Single(result.Diagnostics).Cause, StringComparison.Ordinal);
        var revisions = await new RevisionStore(cluster.Client).ListAsync(name, name, Token);
        Assert.Equal([RevisionOutcome.Deployed, RevisionOutcome.Deployed, RevisionOutcome.Failed], revisions.Select(item => item.State.Outcome));
        Assert.Equal(2, (await app.InventoryAsync()).Revision);
        await app.RequireAloneAsync(app.Resting("two").Deployed(strategy), "refused");
    }

    /// <summary>Refuses to write one ConfigMap, once.</summary>
    private sealed class RefusingLine(string name) : DelegatingHandler
    {
        private int _writes;

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            FaultyLine.IsWrite(request) && request.RequestUri!.AbsolutePath.EndsWith($"/configmaps/{name}", StringComparison.Ordinal) && Interlocked.Increment(ref _writes) == 1
                ? new HttpResponseMessage(HttpStatusCode.Forbidden)
                {
                    RequestMessage = request,
                    Content = new StringContent(
                        """{"kind":"Status","apiVersion":"v1","status":"Failure","message":"admission webhook \"size.example\" denied the request: too large","reason":"Forbidden","code":403}""",
                        Encoding.UTF8, "application/json"),
                }
                : await base.SendAsync(request, cancellationToken);
    }
}
