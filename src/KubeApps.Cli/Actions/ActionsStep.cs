using KubeApps.Bundles;
using KubeApps.Cli.Rendering;
using KubeApps.Deploy;
using KubeApps.Deploy.GitHub;
using KubeApps.Deploy.Images;
using KubeApps.Deploy.Records;
using KubeApps.Diagnostics;
using KubeApps.Events;

namespace KubeApps.Cli.Actions;

/// <summary>The step of a workflow of GitHub Actions that runs the command: what later steps and readers of its page get to know. There is none anywhere else.</summary>
internal sealed class ActionsStep(WorkflowLog log, Func<string, string?> readVariable, string directory, TimeProvider clock)
{
    public const string OutputVariable = "GITHUB_OUTPUT";
    public const string SummaryVariable = "GITHUB_STEP_SUMMARY";

    /// <summary>The commands that tell what came of them.</summary>
    private static readonly string[] Telling = ["deploy", "plan", "rollback", "promote", "abort", "destroy", "publish", "publish-bundle"];

    private readonly StepTimes _times = new();
    private string _command = "";
    private bool _hasEnded;

    /// <summary>The secrets that are known.</summary>
    public SecretMasks Masks { get; } = new(log);

    private Annotations Annotations { get; } = new(log, readVariable("GITHUB_WORKSPACE"), directory);

    /// <summary>A command begins. What its environment keeps secret is masked before anything can show it.</summary>
    public void Begin(string command)
    {
        _command = command;
        Masks.Add([.. GitHubLookup.TokenVariables.Select(readVariable), .. DockerCredentials.Passwords(readVariable)]);
    }

    /// <summary>Shows events in the log.</summary>
    public EventRenderer Events() => Watched(new GitHubRenderer(log, Annotations));

    /// <summary>The same renderer; how long each step takes is remembered, and secrets are masked.</summary>
    public EventRenderer Watched(EventRenderer renderer) => new Watching(renderer, this);

    /// <summary>The command ended with a result.</summary>
    public void End(DeployResult result) => End(result, []);

    /// <summary>A plan is made.</summary>
    public void EndPlan(DeployResult result, string? comment) => End(result, StepOutputs.OfPlan(result.Plan, comment));

    private void End(DeployResult result, IEnumerable<(string Name, string Value)> more)
    {
        var masked = MaskedResults.Of(result, Masks.Masked);
        var times = _times.Ended().Select(step => step with { Summary = step.Summary is { } summary ? Masks.Masked(summary) : null }).ToList();
        // Addresses are for later steps: the runner hides them where it must.
        Tell([.. StepOutputs.Of(masked with { Urls = result.Urls, PreviewUrls = result.PreviewUrls }), .. more], taken => masked.Plan is { } plan && (_command == "plan" || result.Outcome == DeployOutcome.Planned)
            ? SummaryTemplate.Fitting(plan, taken)
            : SummaryTemplate.Fitting(StepSummary.Of(_command, masked, times, clock.GetUtcNow()), taken));
    }

    /// <summary>An app, or environments of one, are destroyed, or would be.</summary>
    public void Destroyed(bool isDry, Func<IReadOnlyList<Diagnostic>, StepSummary> summary, DeployRecord? record, params IReadOnlyList<Diagnostic> failures)
    {
        failures = Masked(failures);
        Tell(StepOutputs.Of(failures.Count > 0 ? "failed" : isDry ? "planned" : "destroyed", failures.Count > 0 ? failures[0] : null, record), taken => SummaryTemplate.Fitting(summary(failures), taken));
    }

    /// <summary>A bundle is published. Where it is deployed next, the summary is left to that.</summary>
    public void Published(Bundle bundle, string folder, bool isAll)
    {
        var outputs = StepOutputs.Of(bundle, folder);
        if (isAll)
            Tell(outputs, taken => SummaryTemplate.Fitting(StepSummary.Of(bundle), taken));
        else
            Append(OutputVariable, _ => CommandFile.Of(outputs));
    }

    /// <summary>The command ended before it had a result.</summary>
    public void Fail(DeployOutcome outcome, IReadOnlyList<Diagnostic> causes)
    {
        causes = Masked(causes);
        if (!_hasEnded && Telling.Contains(_command))
            Tell(StepOutputs.Of(Json.Camel(outcome), causes.Count > 0 ? causes[0] : null), taken => SummaryTemplate.Fitting(StepSummary.Of(_command, outcome, causes), taken));
    }

    private IReadOnlyList<Diagnostic> Masked(IReadOnlyList<Diagnostic> diagnostics) => [.. diagnostics.Select(diagnostic => MaskedResults.Of(diagnostic, Masks.Masked))];

    private void Tell(IEnumerable<(string Name, string Value)> outputs, Func<long, string> summary)
    {
        _hasEnded = true;
        Append(OutputVariable, _ => CommandFile.Of(outputs));
        Append(SummaryVariable, summary);
    }

    private void Append(string variable, Func<long, string> text)
    {
        if (readVariable(variable) is not { Length: > 0 } file)
            return;
        try
        {
            CommandFile.Append(file, text);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            // The command did what it was to do.
            Annotations.Write(DiagnosticDescriptors.StepFileNotWritable.Because($"The file of {variable} cannot be written: {failure.Message}"));
        }
    }

    private sealed class Watching(EventRenderer inner, ActionsStep step) : EventRenderer
    {
        public override void Publish(DeployEvent deployEvent)
        {
            if (deployEvent is DeployEvent.SecretsLearned learned)
            {
                step.Masks.Add(learned.Values);
                return;
            }

            step._times.Take(deployEvent);
            inner.Publish(deployEvent);
        }

        public override void Dispose() => inner.Dispose();
    }
}
