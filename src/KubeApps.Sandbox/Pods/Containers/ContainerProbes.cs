namespace KubeApps.Sandbox.Pods.Containers;

/// <summary>Who is told what the probes of a container find out.</summary>
/// <param name="Started">The startup probe succeeded, or there is none.</param>
/// <param name="Ready">The container became ready, or stopped being so.</param>
/// <param name="Unhealthy">A probe (Startup, Readiness, Liveness) failed with this output, whether or not that has consequences yet.</param>
internal sealed record ProbeListener(Action Started, Action<bool> Ready, Action<string, string> Unhealthy);

/// <summary>The probes of one run of a container: first startup, then readiness and liveness side by side.</summary>
internal sealed class ContainerProbes(
    ContainerSpec container, ContainerActions actions, ProbeListener listener, KubeletOptions options, TimeProvider clock)
{
    private readonly DateTimeOffset _start = clock.GetUtcNow();

    /// <summary>Runs until cancelled, or until the container has to be killed: then says for which probe.</summary>
    public async Task<(string Name, ProbeSpec Probe)> RunAsync(CancellationToken cancellationToken)
    {
        if (container.Startup is { } startup && !await SucceedsAsync(startup, cancellationToken))
            return ("startup", startup);
        listener.Started();

        // Linked, so that nobody probes any more once one of the two has decided.
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var readiness = ReadinessAsync(both.Token);
        try
        {
            if (container.Liveness is not { } liveness)
                await readiness;
            else
            {
                await StaysAliveAsync(liveness, both.Token);
                return ("liveness", liveness);
            }
        }
        finally
        {
            await both.CancelAsync();
            await readiness.ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        }

        await Task.Delay(Timeout.Infinite, cancellationToken);
        throw new OperationCanceledException(cancellationToken);
    }

    private async Task<bool> SucceedsAsync(ProbeSpec probe, CancellationToken cancellationToken)
    {
        await InitialDelayAsync(probe, cancellationToken);
        var (successes, failures) = (0, 0);
        while (true)
        {
            var result = await ProbeAsync(probe, cancellationToken);
            if (result.Succeeded)
            {
                failures = 0;
                if (++successes >= probe.SuccessThreshold)
                    return true;
            }
            else
            {
                successes = 0;
                listener.Unhealthy("Startup", result.Output);
                if (++failures >= probe.FailureThreshold)
                    return false;
            }

            if (await EagerAsync(probe, cancellationToken) && ++successes >= probe.SuccessThreshold)
                return true;
        }
    }

    private async Task ReadinessAsync(CancellationToken cancellationToken)
    {
        if (container.Readiness is not { } probe)
        {
            listener.Ready(true);
            return;
        }

        await InitialDelayAsync(probe, cancellationToken);
        var (successes, failures, ready, ever) = (0, 0, false, false);
        while (true)
        {
            var result = await ProbeAsync(probe, cancellationToken);
            if (result.Succeeded)
            {
                failures = 0;
                successes++;
            }
            else
            {
                successes = 0;
                failures++;
                listener.Unhealthy("Readiness", result.Output);
            }

            Decide();
            if (ever)
                await Task.Delay(Period(probe), clock, cancellationToken);
            else if (await EagerAsync(probe, cancellationToken))
            {
                (successes, failures) = (successes + 1, 0);
                Decide();
            }
        }

        void Decide()
        {
            if (!ready && successes >= probe.SuccessThreshold)
                listener.Ready(ready = ever = true);
            else if (ready && failures >= probe.FailureThreshold)
                listener.Ready(ready = false);
        }
    }

    private async Task StaysAliveAsync(ProbeSpec probe, CancellationToken cancellationToken)
    {
        await InitialDelayAsync(probe, cancellationToken);
        for (var failures = 0; failures < probe.FailureThreshold; await Task.Delay(Period(probe), clock, cancellationToken))
        {
            var result = await ProbeAsync(probe, cancellationToken);
            failures = result.Succeeded ? 0 : failures + 1;
            if (!result.Succeeded)
                listener.Unhealthy("Liveness", result.Output);
            if (failures >= probe.FailureThreshold)
                return;
        }
    }

    /// <summary>Waits for the next regular probe and asks quietly in between; true as soon as one of those succeeds.</summary>
    private async Task<bool> EagerAsync(ProbeSpec probe, CancellationToken cancellationToken)
    {
        var next = clock.GetUtcNow() + Period(probe);
        while (next - clock.GetUtcNow() is var left && left > options.EagerProbePeriod)
        {
            await Task.Delay(options.EagerProbePeriod, clock, cancellationToken);
            if ((await ProbeAsync(probe, cancellationToken)).Succeeded)
                return true;
        }

        if (next - clock.GetUtcNow() is var rest && rest > TimeSpan.Zero)
            await Task.Delay(rest, clock, cancellationToken);
        return false;
    }

    private Task<ActionResult> ProbeAsync(ProbeSpec probe, CancellationToken cancellationToken) =>
        actions.RunAsync(probe.Action, TimeSpan.FromSeconds(probe.TimeoutSeconds), cancellationToken);

    private async Task InitialDelayAsync(ProbeSpec probe, CancellationToken cancellationToken)
    {
        if (_start + TimeSpan.FromSeconds(probe.InitialDelaySeconds) - clock.GetUtcNow() is var left && left > TimeSpan.Zero)
            await Task.Delay(left, clock, cancellationToken);
    }

    private static TimeSpan Period(ProbeSpec probe) => TimeSpan.FromSeconds(probe.PeriodSeconds);
}
