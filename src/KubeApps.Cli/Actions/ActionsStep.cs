using KubeApps.Bundles;
using KubeApps.Deploy;
using KubeApps.Diagnostics;
using KubeApps.Events;

namespace KubeApps.Cli.Actions;

/// <summary>The step of a workflow of GitHub Actions that runs the command: what later steps and readers of its page get to know. There is none anywhere else.</summary>
internal sealed class ActionsStep(WorkflowLog log, Func<string, string?> readVariable)
{
    /// <summary>The commands that tell what came of them.</summary>
    private static readonly string[] Telling = ["deploy", "plan", "rollback", "promote", "abort", "destroy"];

    private bool _hasEnded;

    public WorkflowLog Log => log;

    /// <summary>The command ended with a result.</summary>
    public void End(DeployResult result)
    {
        _hasEnded = true;
        Append("GITHUB_OUTPUT", CommandFile.Of(StepOutputs.Of(result)));
    }

    /// <summary>The command ended well, and has nothing to tell but that.</summary>
    public void End(string outcome)
    {
        _hasEnded = true;
        Append("GITHUB_OUTPUT", CommandFile.Of(StepOutputs.Of(outcome, null)));
    }

    /// <summary>A bundle is published.</summary>
    public void Published(Bundle bundle, string folder) => Append("GITHUB_OUTPUT", CommandFile.Of(StepOutputs.Of(bundle, folder)));

    /// <summary>A command ended before it had a result.</summary>
    public void Fail(string command, DeployOutcome outcome, Diagnostic? cause)
    {
        if (_hasEnded || !Telling.Contains(command))
            return;
        _hasEnded = true;
        Append("GITHUB_OUTPUT", CommandFile.Of(StepOutputs.Of(Rendering.Json.Camel(outcome), cause)));
    }

    private void Append(string variable, string text)
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
            using var renderer = new Rendering.GitHubRenderer(log);
            renderer.Publish(new DeployEvent.DiagnosticRaised(DiagnosticDescriptors.StepFileNotWritable.Because($"The file of {variable} cannot be written: {failure.Message}")));
        }
    }
}
