using System.Text.Json.Nodes;
using KubeApps.Events;

namespace KubeApps.Cli.Rendering;

/// <summary>Every event as one line of JSON on stdout, as it happens.</summary>
internal sealed class JsonLinesRenderer(TextWriter output) : EventRenderer
{
    private readonly Lock _gate = new();

    public override void Publish(DeployEvent deployEvent)
    {
        // Of a secret not even that it was read is told.
        if (deployEvent is DeployEvent.SecretsLearned)
            return;
        var line = Of(deployEvent);
        lock (_gate)
        {
            Json.Write(output, line, "json", isLine: true);
            output.Flush();
        }
    }

    internal static JsonObject Of(DeployEvent deployEvent)
    {
        var line = Json.Document("Event");
        switch (deployEvent)
        {
            case DeployEvent.PlanReady plan:
                line["event"] = "planReady";
                line["app"] = plan.App;
                line["environment"] = plan.Environment;
                line["target"] = plan.Target;
                line["steps"] = Json.Array(plan.Steps, Json.Of);
                break;
            case DeployEvent.StepStarted step:
                line["event"] = "stepStarted";
                line["step"] = step.StepId;
                line["title"] = step.Title;
                break;
            case DeployEvent.StepFinished step:
                line["event"] = "stepFinished";
                line["step"] = step.StepId;
                line["title"] = step.Title;
                line["summary"] = step.Summary;
                line["elapsedSeconds"] = Json.Seconds(step.Elapsed);
                break;
            case DeployEvent.ResourceChanged change:
                line["event"] = "resourceChanged";
                line["objectKind"] = change.Kind;
                line["namespace"] = change.Namespace;
                line["name"] = change.Name;
                line["change"] = Json.Camel(change.Change);
                break;
            case DeployEvent.RolloutProgress progress:
                line["event"] = "rolloutProgress";
                line["objectKind"] = progress.Kind;
                line["namespace"] = progress.Namespace;
                line["name"] = progress.Name;
                line["ready"] = progress.Ready;
                line["updated"] = progress.Updated;
                line["desired"] = progress.Desired;
                line["message"] = progress.LastEvent;
                break;
            case DeployEvent.CheckFinished check:
                line["event"] = "checkFinished";
                line["name"] = check.Name;
                line["passed"] = check.Passed;
                line["attempts"] = check.Attempts;
                line["elapsedSeconds"] = Json.Seconds(check.Elapsed);
                break;
            case DeployEvent.WorkloadFailed failed:
                line["event"] = "workloadFailed";
                line["failure"] = Json.Of(failed.Report);
                break;
            case DeployEvent.DiagnosticRaised raised:
                line["event"] = "diagnosticRaised";
                line["diagnostic"] = Json.Of(raised.Diagnostic);
                break;
            case DeployEvent.StepSaid said:
                line["event"] = "note";
                line["text"] = said.Line;
                break;
            case DeployEvent.Note note:
                line["event"] = "note";
                line["text"] = note.Text;
                break;
        }

        return line;
    }
}
