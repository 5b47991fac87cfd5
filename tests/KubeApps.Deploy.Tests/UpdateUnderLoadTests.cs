using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using static KubeApps.Deploy.Tests.SandboxCluster;

namespace KubeApps.Deploy.Tests;

/// <summary>What the users of an app notice of its update: nothing.</summary>
[Collection(nameof(UnderLoad))]
public sealed partial class UpdateUnderLoadTests(SandboxCluster cluster) : IClassFixture<SandboxCluster>
{
    // Only what was lost counts, not what was slow.
    private static readonly string[] Load = ["-t1", "-c8", "-d4s", "--timeout", "30s"];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Deploy_NewVersionUnderLoad_LosesNoRequest()
    {
        var timeout = TimeSpan.FromMinutes(2);
        var before = await DeployAsync(Bundle("busy", timeout, cluster.Web(2), WebService));
        var url = cluster.Reach(before.Urls);
        using var wrk = Start(url);

        var update = DeployAsync(Bundle("busy", timeout, cluster.Web(2, null, null, "serve", "again"), WebService));
        var (requests, lost) = await ReadAsync(wrk);
        while (!update.IsCompleted)
        {
            using var more = Start(url);
            var result = await ReadAsync(more);
            (requests, lost) = (requests + result.Requests, lost + result.Lost);
        }

        Assert.Equal(DeployOutcome.Deployed, (await update).Outcome);
        Assert.True(requests > 100, $"There was hardly any load: {requests} requests.");
        Assert.Equal(0, lost);
    }

    private static async Task<(long Requests, long Lost)> ReadAsync(Process wrk)
    {
        var output = await wrk.StandardOutput.ReadToEndAsync(Token);
        await wrk.WaitForExitAsync(Token);
        Assert.True(wrk.ExitCode == 0, output);
        // "Socket errors: connect 0, read 0, write 0, timeout 0" and "Non-2xx or 3xx responses: 1": wrk prints them only if there are any.
        var lost = Failures().Matches(output).Sum(match => match.Groups["n"].Captures.Sum(capture => long.Parse(capture.Value, CultureInfo.InvariantCulture)));
        return (long.Parse(Total().Match(output).Groups["n"].Value, CultureInfo.InvariantCulture), lost);
    }

    private static Process Start(string url)
    {
        try
        {
            return Process.Start(new ProcessStartInfo("wrk", [.. Load, url]) { RedirectStandardOutput = true })!;
        }
        catch (Win32Exception)
        {
            Assert.Skip("wrk is not on this machine");
            throw;
        }
    }

    private Task<DeployResult> DeployAsync(Bundles.Bundle bundle) =>
        new Deployer(cluster.Connection, _ => null).RunAsync(new DeployRequest(bundle, "local"), new EventLog(), Token);

    [GeneratedRegex(@"Socket errors:(?: \w+ (?<n>\d+),?)+|Non-2xx or 3xx responses: (?<n>\d+)")]
    private static partial Regex Failures();

    [GeneratedRegex(@"(?<n>\d+) requests in")]
    private static partial Regex Total();
}
