using KubeApps.Bundles;
using KubeApps.Deploy.Api;
using KubeApps.Deploy.Planning;
using KubeApps.Diagnostics;
using KubeApps.Events;

namespace KubeApps.Deploy.Checks;

/// <summary>
/// Runs the checks of a specification against chosen pods, all at the same time. What fails is tried again, with pauses that grow, until
/// the check's time is up: then the last answer is what the report tells.
/// </summary>
/// <param name="client">The cluster.</param>
/// <param name="sink">Gets what programs write, and each result.</param>
/// <param name="folder">Where programs run: the folder of the deploy.</param>
internal sealed class CheckRunner(KubeClient client, IEventSink sink, string folder)
{
    private const int LogLines = 30;
    private const int LongestTail = 12;

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    /// <summary>See <see cref="JobCheck.LockLost"/>.</summary>
    public CancellationToken LockLost { get; init; }

    /// <param name="stepId">The step that the checks are part of.</param>
    /// <param name="checks">What to run.</param>
    /// <param name="url">The app's address where it has one already; otherwise programs get one that leads to the pods.</param>
    /// <param name="cancellationToken">Ends all of them, with what they started.</param>
    public async Task<IReadOnlyList<CheckOutcome>> RunAsync(string stepId, IReadOnlyList<PlannedCheck> checks, string? url, CancellationToken cancellationToken) =>
        await Task.WhenAll(checks.Select(async planned =>
        {
            var outcome = await RunAsync(stepId, planned, url, cancellationToken);
            sink.Publish(new DeployEvent.CheckFinished(outcome.Name, outcome.Passed, outcome.Attempts, outcome.Elapsed));
            return outcome;
        }));

    private async Task<CheckOutcome> RunAsync(string stepId, PlannedCheck planned, string? url, CancellationToken cancellationToken)
    {
        var check = planned.Check;
        var started = client.Clock.GetTimestamp();
        CheckOutcome Ended(int attempts, FailureReport? report) => new(check.Name, check.Kind, attempts, client.Clock.GetElapsedTime(started), report);
        if (check.Kind == "job")
            return Ended(1, planned.Job is { } job
                ? Named(await new JobCheck(client, sink) { LockLost = LockLost }.RunAsync(job, check.Timeout, cancellationToken), check)
                : Report(DiagnosticDescriptors.CheckWithoutPods, planned, new CheckAnswer(false, $"the bundle has no Job '{check.Job}'"), []));
        if (check.Kind != "command" && planned.Target is null)
            return Ended(0, Report(
                DiagnosticDescriptors.CheckWithoutPods, planned, new CheckAnswer(false, $"the service {check.Service} picks no pods, so that there is nothing to ask"), []));

        await using var tunnel = check.Kind == "command" && url is null && planned.Target is { } target ? PodTunnel.Open(client, target) : null;
        using var limit = new LimitedToken(check.Timeout, client.Clock, cancellationToken);
        var last = new CheckAnswer(false, $"there was no answer within {check.Timeout.TotalSeconds:0.###} s");
        var attempts = 0;
        try
        {
            for (var pause = FirstPause; ; pause = pause * 2 < LongestPause ? pause * 2 : LongestPause)
            {
                attempts++;
                var answer = await AttemptAsync(stepId, planned, url ?? tunnel?.Url, check.Timeout - client.Clock.GetElapsedTime(started), limit.Token);
                if (answer.Passed)
                    return Ended(attempts, null);
                // An attempt that had no time left says less than the one before it.
                if (!answer.IsCut || attempts == 1)
                    last = answer;
                await Task.Delay(pause, client.Clock, limit.Token);
            }
        }
        catch (OperationCanceledException) when (limit.TimedOut && !cancellationToken.IsCancellationRequested)
        {
            // Its last answer stands.
        }

        var descriptor = check.Kind == "command" ? DiagnosticDescriptors.CheckCommandFailed : DiagnosticDescriptors.CheckFailed;
        return Ended(attempts, Report(descriptor, planned, last, await TailAsync(planned, last, cancellationToken)));
    }

    private async Task<CheckAnswer> AttemptAsync(string stepId, PlannedCheck planned, string? url, TimeSpan left, CancellationToken cancellationToken)
    {
        if (planned.Check.Kind == "command")
            return await CommandCheck.RunAsync(
                planned.Check, folder, url, left > TimeSpan.Zero ? left : TimeSpan.FromMilliseconds(1),
                line => sink.Publish(new DeployEvent.StepSaid(stepId, $"  {planned.Check.Name}: {line}")), cancellationToken);
        try
        {
            return await new ServiceChecks(client).AskAsync(planned.Check, planned.Target!, cancellationToken);
        }
        catch (ApiException refusal) when (refusal.IsNotFound)
        {
            // The pod went between the look and the question.
            return new CheckAnswer(false, refusal.Message);
        }
    }

    private async Task<IReadOnlyList<string>> TailAsync(PlannedCheck planned, CheckAnswer last, CancellationToken cancellationToken)
    {
        if (last.Output.Count > 0)
            return last.Output;
        if (last.Pod is not { Container: { } container } pod)
            return [];
        var log = await client.LogTailAsync(planned.Target!.Namespace, pod.Name, container, previous: false, LogLines, cancellationToken);
        return [.. (log ?? "").ReplaceLineEndings("\n").Split('\n').Where(line => line.Trim().Length > 0).TakeLast(LongestTail)];
    }

    private static FailureReport Report(DiagnosticDescriptor descriptor, PlannedCheck planned, CheckAnswer answer, IReadOnlyList<string> tail) => new(
        descriptor.Code, SubjectOf(planned.Check),
        answer.Pod is { } pod ? $"Pod {planned.Target!.Namespace}/{pod.Name}" : planned.Target is { } target ? $"Service {target.Namespace}/{target.Service}" : SubjectOf(planned.Check),
        answer.Pod?.Container, "CheckFailed", answer.Said.TrimEnd('.') + ".", tail, descriptor.NextStep);

    // The Job's own cause, under the name that the user gave the check.
    private static FailureReport? Named(FailureReport? report, BundleCheck check) => report is null ? null : report with { Workload = SubjectOf(check) };

    private static string SubjectOf(BundleCheck check) => $"Check '{check.Name}'";
}
