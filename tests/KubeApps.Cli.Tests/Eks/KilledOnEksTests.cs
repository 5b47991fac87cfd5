using KubeApps.Aws.StandIn;
using KubeApps.Deploy.Tests.Clusters;
using KubeApps.Deploy.Tests.Clusters.Eks;
using KubeApps.Testing;

namespace KubeApps.Cli.Tests.Eks;

/// <summary>
/// The tool as users have it works on EKS, and its process is killed: what it has just asked for is done, but nobody hears of it, and nobody tidies up. Whoever runs
/// it again goes on, and nothing is doubled or left.
/// </summary>
public sealed class KilledOnEksTests(AwsStandIn aws, ToolProcess tool) : IClassFixture<ToolProcess>
{
    // So many writes a run gets done.
    private const int Writes = 15;

    private readonly AwsClock _clock = new();

    [Fact]
    public async Task ClusterCreateAndDelete_KilledAgainAndAgain_AreDoneAtLastAndOnce()
    {
        const string Name = "killed-prod-1";
        using var account = await NewAccountAsync();
        using var undisturbed = await NewAccountAsync();
        await using var clusters = await ManyClusters.StartAsync(TimeSpan.Zero);
        clusters.Add(Name, ClusterHealth.Healthy);
        await using var server = await EksServer.StartAsync(account, Name, new HttpClient(), clusters.AddressOf(Name));
        await using var other = await EksServer.StartAsync(undisturbed, Name, new HttpClient(), clusters.AddressOf(Name));
        (account.Endpoints, undisturbed.Endpoints) = (_ => server.Endpoint, _ => other.Endpoint);

        await DoAsync(undisturbed, ["cluster", "create", .. Where(undisturbed)]);
        Assert.InRange(await KilledUntilDoneAsync(account, ["cluster", "create", .. Where(account)]), 2, 10);
        Assert.Equal(undisturbed.Ledger.Tally, account.Ledger.Tally);
        await DoAsync(account, ["cluster", "doctor", .. Where(account)]);

        Assert.InRange(await KilledUntilDoneAsync(account, ["cluster", "delete", Name, "-y", .. Where(account)]), 1, 10);
        // A gateway that is deleted is still shown for an hour.
        _clock.Pass(TimeSpan.FromHours(1));
        Assert.Empty(account.Ledger.There);
        Assert.Equal(undisturbed.Ledger.Tally, account.Ledger.Tally);

        string[] Where(StandInAccount whose) => ["-e", "prod", "--bundle", EksTool.WriteBundle(tool.Home, whose, "killed")];
    }

    private async Task<StandInAccount> NewAccountAsync()
    {
        var account = await aws.NewAccountAsync(_clock);
        account.Delays = Delays.None;
        return account;
    }

    /// <returns>How often it was killed.</returns>
    private async Task<int> KilledUntilDoneAsync(StandInAccount account, params string[] arguments)
    {
        for (var kills = 0; ; kills++)
        {
            Assert.True(kills < 50, "It gets nowhere.");
            var (exit, error, isKilled) = await RunAsync(account, Writes, arguments);
            if (isKilled)
                continue;
            Assert.True(exit == 0, error);
            return kills;
        }
    }

    private async Task DoAsync(StandInAccount account, params string[] arguments)
    {
        var (exit, error, _) = await RunAsync(account, null, arguments);
        Assert.True(exit == 0, $"{string.Join(' ', arguments)} ended with {exit}: {error}");
    }

    private async Task<(int Exit, string Error, bool IsKilled)> RunAsync(StandInAccount account, int? killedAt, params string[] arguments)
    {
        using var process = tool.Start(account.Variables.ToDictionary(variable => variable.Key, variable => (string?)variable.Value), arguments);
        process.StandardInput.Close();
        var isKilled = account.KillAtWrite(process, killedAt);
        var (exit, _, error) = await ToolProcess.EndAsync(process);
        account.ForgetFaults();
        return (exit, error, isKilled());
    }
}
