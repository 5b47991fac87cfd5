using KubeApps.Aws.StandIn;
using KubeApps.Deploy.Clusters;

namespace KubeApps.Deploy.Tests.Clusters;

/// <summary>AWS's lists do not show yet what was just made, and show what was just deleted still: nothing is doubled for that, nothing stays, and nothing is told that is not so.</summary>
/// <seealso cref="EksAdversityTests"/>
public sealed class EksLateListTests(AwsStandIn aws)
{
    private readonly AwsClock _clock = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(15)]
    [InlineData(40)]
    public async Task Remove_ListsLate_LeavesNothingAndTheAuditNamesNothing(int seconds)
    {
        await using var made = await MakeAsync(EksLife.Old, seconds);
        var (account, eks, before) = (made.Account, made.Eks, made.Account.Ledger.Tally);

        await eks.ExecuteAsync(await eks.PlanRemovalAsync());
        var audited = await AuditedAsync(eks);

        Assert.Empty(audited);
        _clock.Pass(TimeSpan.FromHours(1));
        Assert.Empty(account.Ledger.There);
        Assert.Equal(before, account.Ledger.Tally);
    }

    [Fact]
    public async Task Remove_ListsLateAndSomethingStays_TheAuditNamesThatAlone()
    {
        await using var made = await MakeAsync(EksLife.Old, 40);
        var (account, eks) = (made.Account, made.Eks);
        var volume = account.PlantVolume(new Dictionary<string, string> { [$"kubernetes.io/cluster/{EksStandIn.Name}"] = "owned" });

        await eks.ExecuteAsync(await eks.PlanRemovalAsync());
        var audited = await AuditedAsync(eks);

        Assert.Equal(volume, Assert.Single(audited).Id);
    }

    // What a run that was cut has just made is not listed yet when the next one begins.
    [Fact]
    public async Task Remove_CreationWasCutAndListsLate_LeavesNothing()
    {
        for (var cut = 5; cut < 60; cut += 9)
        {
            await using var made = await EksMadeCluster.StartAsync(aws, _clock, EksLife.Region);
            var (account, eks) = (made.Account, made.Eks);
            account.Delays = Delays.Real with { Lists = TimeSpan.FromSeconds(15) };
            try
            {
                await eks.ExecuteAsync(await eks.PlanAsync(EksLife.Young), new EksStandIn.Listener(cut));
            }
            catch (OperationCanceledException)
            {
                // Killed.
            }

            await eks.ExecuteAsync(await eks.PlanRemovalAsync());

            // What was made in the very last moment no plan could know of; the audit does.
            _clock.Pass(TimeSpan.FromMinutes(1));
            if (account.Ledger.ThereOf("ec2:vpc") is [_, ..])
                Assert.NotEmpty(await eks.Provider.AuditAsync(EksStandIn.Owner, Token));
            await eks.ExecuteAsync(await eks.PlanRemovalAsync());
            _clock.Pass(TimeSpan.FromHours(1));
            Assert.True(account.Ledger.There.Count == 0, $"{cut}: {string.Join(", ", account.Ledger.There)}");
        }
    }

    [Theory]
    [InlineData(15)]
    [InlineData(40)]
    public async Task Change_ListsLate_MakesAllOfItOnce(int seconds)
    {
        await using var made = await MakeAsync(EksLife.Young, seconds);
        var (account, eks) = (made.Account, made.Eks);

        await eks.ExecuteAsync(await eks.PlanAsync(EksLife.Old));

        _clock.Pass(TimeSpan.FromMinutes(2));
        await EksLife.AssertDoneOnceAsync(account, eks, EksLife.Old, "ever-changed.txt");
        Assert.Empty(await eks.Provider.AuditAsync(EksStandIn.Owner, Token));
    }

    private async Task<EksMadeCluster> MakeAsync(ClusterSpecification specification, int seconds)
    {
        var made = await EksMadeCluster.MakeAsync(aws, _clock, specification, EksLife.Region);
        made.Account.Delays = Delays.Real with { Lists = TimeSpan.FromSeconds(seconds) };
        return made;
    }

    // As commands do it.
    private Task<IReadOnlyList<ClusterLeftover>> AuditedAsync(EksStandIn eks) => ClusterAudit.OfDeletedAsync(eks.Provider, EksStandIn.Name, EksStandIn.Owner, _clock, Token);
}
