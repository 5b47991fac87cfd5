using KubeApps.Deploy.Clusters;
using KubeApps.Deploy.Updates;
using KubeApps.Diagnostics;
using KubeApps.Events;

namespace KubeApps.Deploy.Tests.Updates;

/// <summary>What a full update makes of what it is told of a new cluster's answers, or is not.</summary>
public sealed class WatchedLoadTests : IDisposable
{
    private const string Back = "shop-prod-1 Ready version 1, 100 %, Preparing shop-prod-1 → shop-prod-2\nshop-prod-2 Ready version 2, 0 %, Preparing shop-prod-1 → shop-prod-2";
    private const string Done = "shop-prod-2 Ready version 2, 100 %, alone";

    private readonly TwoClusters _clusters = new();
    private readonly EventLog _log = new();

    [Fact]
    public async Task Errors_ThatAreNeverCounted_GiveLoadBack()
    {
        _clusters.Tells = Nothing;

        var result = await DeployNextAsync();

        Assert.Equal((ExitCodes.RolledBack, "KUBEAPP7217"), (result.ExitCode, Assert.Single(result.Diagnostics).Code));
        Assert.Equal(Back, _clusters.Text());
        Assert.Equal(["watch-5: Nobody can say how many requests shop-prod-2 answers with an error. It is asked again."], Said());
    }

    [Theory]
    [InlineData(0, ExitCodes.Done, Done)]
    [InlineData(0.5, ExitCodes.RolledBack, Back)]
    public async Task Errors_ThatAreCountedOnlyAfterTheTime_AreWaitedFor(double rate, int exitCode, string standing)
    {
        _clusters.ErrorRates["2"] = rate;
        DateTimeOffset? asked = null;
        _clusters.Tells = load => _clusters.Clock.GetUtcNow() - (asked ??= _clusters.Clock.GetUtcNow()) < TimeSpan.FromMinutes(4) ? Nothing(load) : load;

        var result = await DeployNextAsync();

        Assert.True(result.ExitCode == exitCode, string.Join(Environment.NewLine, result.Diagnostics));
        Assert.Equal(standing, _clusters.Text());
    }

    [Fact]
    public async Task Errors_ThatAreNotCountedWhilePodsCrash_AreNotWaitedFor()
    {
        (_clusters.Tells, _clusters.CrashesAt) = (Nothing, 5);

        var result = await DeployNextAsync();

        Assert.Equal((ExitCodes.RolledBack, "It crashes."), (result.ExitCode, Assert.Single(result.Failures).Cause));
    }

    [Fact]
    public async Task Errors_ThatNothingCounts_LeaveItToPodsAndChecksAndAreTold()
    {
        _clusters.Tells = load => load with { CountsErrors = false };

        var result = await DeployNextAsync();

        Assert.Equal((ExitCodes.Done, Done), (result.ExitCode, _clusters.Text()));
        Assert.Contains("watch-5: Nothing counts the errors of shop-prod-2: its pods and the checks alone say whether it is good.", Said());
    }

    [Theory]
    [InlineData(3, ExitCodes.Done, Done)]
    [InlineData(30, ExitCodes.RolledBack, Back)]
    public async Task Question_ThatFails_IsAskedAgainForAWhile(int minutes, int exitCode, string standing)
    {
        DateTimeOffset? asked = null;
        _clusters.Tells = load => _clusters.Clock.GetUtcNow() - (asked ??= _clusters.Clock.GetUtcNow()) < TimeSpan.FromMinutes(minutes)
            ? throw new DiagnosticException(DiagnosticDescriptors.AwsThrottled.Because("Rate exceeded.")) : load;

        var result = await DeployNextAsync();

        Assert.Equal((exitCode, standing), (result.ExitCode, _clusters.Text()));
        Assert.Equal(["watch-5: Rate exceeded. It is asked again."], Said());
        if (exitCode != ExitCodes.Done)
            Assert.Equal("KUBEAPP8104", Assert.Single(result.Diagnostics).Code);
    }

    [Fact]
    public async Task Question_ThatIsNotAllowed_IsAskedOnce()
    {
        var asked = 0;
        _clusters.Tells = _ => ++asked > 0 ? throw new DiagnosticException(DiagnosticDescriptors.AwsForbidden.Because("cloudwatch:GetMetricData is not allowed.")) : null!;

        var result = await DeployNextAsync();

        Assert.Equal((ExitCodes.RolledBack, "KUBEAPP8103"), (result.ExitCode, Assert.Single(result.Diagnostics).Code));
        // Of both clusters, at once.
        Assert.Equal(2, asked);
    }

    [Fact]
    public async Task OldCluster_ThatGivesNoAnswerForAMomentOfTheSoak_EndsNothing()
    {
        _clusters.DuringSoak = (true, () =>
        {
            (_clusters.Silent, _clusters.AnswersAfter) = ("shop-prod-1", 20);
            return Task.CompletedTask;
        }
        );

        var result = await DeployNextAsync();

        Assert.True(result.ExitCode == ExitCodes.Done, string.Join(Environment.NewLine, result.Diagnostics));
        Assert.Equal(Done, _clusters.Text());
        Assert.Equal(["soak: The cluster shop-prod-1 does not answer. It is asked again."], Said());
    }

    [Fact]
    public async Task OldCluster_ThatGivesNoAnswerWhenLoadIsToComeBack_IsAskedAgain()
    {
        (_clusters.CrashesAt, _clusters.AnswersAfter) = (50, 5);
        _clusters.Tells = load =>
        {
            if (_clusters.Shares["shop-prod-1"] == 50)
                _clusters.Silent = "shop-prod-1";
            return load;
        };

        var result = await DeployNextAsync();

        Assert.Equal((ExitCodes.RolledBack, Back), (result.ExitCode, _clusters.Text()));
        Assert.Single(_log.Events.OfType<DeployEvent.Note>(), note => note.Text.Contains("Load is not given back to shop-prod-1 yet", StringComparison.Ordinal));
    }

    // The new version answers as the old one does.
    [Theory]
    [InlineData(3, nameof(DeployOutcome.Held), null)]
    [InlineData(300, nameof(DeployOutcome.RolledBack), "KUBEAPP7217")]
    public async Task Errors_OfTheOldClusterThatAreNotCounted_AreAskedForAgainForAWhile(int minutes, string outcome, string? code)
    {
        await _clusters.DeployAsync();
        (_clusters.Version, _clusters.ErrorRates["1"], _clusters.ErrorRates["2"]) = ("2", 0.02, 0.02);
        var terms = _clusters.Terms with { Shares = [50, 100], Watch = TimeSpan.FromHours(1) };
        await _clusters.Updater(_log).RunAsync(new UpdateOrder.Deploy(terms, Holds: true, Soaks: true), TestContext.Current.CancellationToken);
        var started = _clusters.Clock.GetUtcNow();
        _clusters.Tells = load => _clusters.Measured[^1].Cluster == "shop-prod-1" && _clusters.Clock.GetUtcNow() - started < TimeSpan.FromMinutes(minutes) ? Nothing(load) : load;

        var result = await _clusters.Updater(_log).RunAsync(new UpdateOrder.Promote(Holds: true, Soaks: true), TestContext.Current.CancellationToken);

        Assert.Equal((outcome, code), (result.Outcome.ToString(), result.Diagnostics.SingleOrDefault()?.Code));
        Assert.Equal(["watch-50: shop-prod-2 answers requests with an error, and nobody can say how many of them shop-prod-1 does. It is asked again."], Said());
        if (code is not null)
            Assert.InRange(_clusters.Clock.GetUtcNow() - started, ClusterWatch.Patience, terms.Watch / 2);
    }

    // There is nothing to compare it with any more in the same time.
    [Theory]
    [InlineData(0.02, ExitCodes.Done, Done)]
    [InlineData(0.05, ExitCodes.RolledBack, Back)]
    public async Task Errors_WithAllLoad_AreComparedWithThoseThatTheOldClusterGaveWhenItHadLoad(double rate, int exitCode, string standing)
    {
        _clusters.ErrorRates["1"] = _clusters.ErrorRates["2"] = 0.02;
        _clusters.Tells = load =>
        {
            if (_clusters.Shares.GetValueOrDefault("shop-prod-2") == 100)
                _clusters.ErrorRates["2"] = rate;
            return load;
        };

        var result = await DeployNextAsync();

        Assert.True(exitCode == result.ExitCode, string.Join(Environment.NewLine, result.Diagnostics));
        Assert.Equal(standing, _clusters.Text());
    }

    // Whatever time is over: nobody knows what the run that is gone saw.
    [Theory]
    [InlineData(1, 0, ExitCodes.Done, Done)]
    [InlineData(1, 0.5, ExitCodes.RolledBack, Back)]
    [InlineData(20, 0, ExitCodes.Done, Done)]
    [InlineData(20, 0.5, ExitCodes.RolledBack, Back)]
    public async Task Soak_ThatWasCut_IsMeasuredFromItsBegin(int minutes, double rate, int exitCode, string standing)
    {
        _clusters.KilledAfter = "shop-prod-1 says Soaking";
        await Assert.ThrowsAsync<KilledException>(DeployNextAsync);
        _clusters.KilledAfter = null;
        for (var passed = TimeSpan.Zero; passed < TimeSpan.FromMinutes(minutes); passed += TimeSpan.FromSeconds(30))
            await Task.Delay(TimeSpan.FromSeconds(30), _clusters.Clock, TestContext.Current.CancellationToken);
        _clusters.ErrorRates["2"] = rate;
        _clusters.Measured.Clear();

        var result = await DeployAsync(_clusters.Terms);

        Assert.Equal((exitCode, standing), (result.ExitCode, _clusters.Text()));
        Assert.Contains(_clusters.Measured, asked => asked.Cluster == "shop-prod-2" && asked.Window >= (rate > 0 ? TimeSpan.FromMinutes(minutes) : _clusters.Terms.Soak));
    }

    [Theory]
    [InlineData(0, ExitCodes.Done, Done)]
    [InlineData(0.5, ExitCodes.RolledBack, Back)]
    public async Task Share_ThatIsWatchedForNoTime_IsMeasuredOnce(double rate, int exitCode, string standing)
    {
        await _clusters.DeployAsync();
        (_clusters.Version, _clusters.ErrorRates["2"]) = ("2", rate);

        var result = await DeployAsync(_clusters.Terms with { Watch = TimeSpan.Zero, Soak = TimeSpan.Zero });

        Assert.Equal((exitCode, standing), (result.ExitCode, _clusters.Text()));
        Assert.Contains(_clusters.Measured, asked => asked.Cluster == "shop-prod-2");
    }

    public void Dispose() => _clusters.Dispose();

    private static ArrivingLoad Nothing(ArrivingLoad load) => load with { Window = TimeSpan.Zero, Requests = 0, Errors = 0 };

    private async Task<UpdateResult> DeployNextAsync()
    {
        await _clusters.DeployAsync();
        _clusters.Version = "2";
        return await DeployAsync(_clusters.Terms);
    }

    private Task<UpdateResult> DeployAsync(UpdateTerms terms) =>
        _clusters.Updater(_log).RunAsync(new UpdateOrder.Deploy(terms, Holds: false, Soaks: true), TestContext.Current.CancellationToken);

    private List<string> Said() => [.. _log.Events.OfType<DeployEvent.StepSaid>().Where(said => said.StepId != "drain").Select(said => $"{said.StepId}: {said.Line}")];
}
