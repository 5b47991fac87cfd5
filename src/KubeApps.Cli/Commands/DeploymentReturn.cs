using System.CommandLine;
using KubeApps.Cli.Rendering;
using KubeApps.Deploy;
using KubeApps.Deploy.History;
using KubeApps.Deploy.Revisions;
using KubeApps.Diagnostics;
using KubeApps.Events;

namespace KubeApps.Cli.Commands;

/// <summary><c>rollback --to-deployment</c>: finds what a record on GitHub names.</summary>
internal static class DeploymentReturn
{
    public static Option<long?> Option()
    {
        var option = new Option<long?>("--to-deployment")
        {
            Description = "The revision to return to, by the number of its deployment on GitHub; where it is not kept any more, its bundle from the registry.",
            HelpName = "ID",
        };
        option.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && long.TryParse(token.Value, out var id) && id < 1)
                result.AddError($"'{token.Value}' is not the number of a deployment.");
        });
        return option;
    }

    /// <summary>By what the cluster knows of its records, else by what GitHub says.</summary>
    public static async Task<DeploymentTarget> FindAsync(long id, DeployedApp app, GitHubOptions gitHub, ParseResult parsed, Terminal terminal, CancellationToken cancellationToken)
    {
        var revisions = await new RevisionStore(app.Connection.Client).ListAsync(app.Inventory, cancellationToken);
        return DeploymentTarget.Find(id, revisions) is { } known
            ? known
            : DeploymentTarget.Of(await ReadAsync(id, app, gitHub, parsed, terminal, cancellationToken), app.Inventory, revisions);
    }

    /// <summary>The revision of a deployment, to be compared: as the cluster keeps it, else as much as the record says.</summary>
    public static async Task<Revision> FindRevisionAsync(
        long id, DeployedApp app, IReadOnlyList<Revision> revisions, GitHubOptions gitHub, ParseResult parsed, Terminal terminal, CancellationToken cancellationToken)
    {
        if (DeploymentTarget.Find(id, revisions) is { } known)
            return revisions.First(revision => revision.Number == known.Number);
        var record = await ReadAsync(id, app, gitHub, parsed, terminal, cancellationToken);
        var payload = DeploymentTarget.RequireOwn(record, app.Inventory, revisions);
        return DeploymentTarget.Kept(payload, revisions) ?? record.ToRevision(payload);
    }

    private static async Task<RecordedDeployment> ReadAsync(long id, DeployedApp app, GitHubOptions gitHub, ParseResult parsed, Terminal terminal, CancellationToken cancellationToken)
    {
        var (access, missing) = await gitHub.FindAsync(parsed, terminal, cancellationToken);
        if (access is null)
            throw new DiagnosticException(DiagnosticDescriptors.DeploymentNotFound.Because($"No revision of {app.Inventory.App} has deployment {id} as its record, and GitHub is not asked. {missing}"));
        using var client = HistorySources.Open(access, mustAnswer: true, terminal);
        return await client.GetDeploymentAsync(id, cancellationToken) is { } deployment
            ? (await new GitHubHistory(client).CompleteAsync([RecordedDeployment.Of(deployment)], cancellationToken))[0]
            : throw new DiagnosticException(DiagnosticDescriptors.DeploymentNotFound.Because($"{access.Repository} has no deployment {id}."));
    }

    /// <summary>The deploy of a bundle in the place of a revision that is not kept: after a question, for it may bring what no revision had here.</summary>
    /// <param name="target">What the record names.</param>
    /// <param name="app">What stands.</param>
    /// <param name="terminal">Where to ask.</param>
    /// <param name="isConfirmed">Whether there is nothing to ask.</param>
    /// <param name="canAsk">Whether somebody can be asked.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public static async Task<DeployRequest> OpenAsync(
        DeploymentTarget.OfBundle target, DeployedApp app, Terminal terminal, bool isConfirmed, bool canAsk, CancellationToken cancellationToken)
    {
        var (inventory, payload) = (app.Inventory, target.Record.Payload!);
        var what = $"The cluster does not keep revision {payload.Revision} of {inventory.App} any more; deployment {target.Record.Deployment.Id} names its bundle, {target.Bundle}, whose Jobs before the rollout run";
        if (!isConfirmed && !canAsk)
        {
            throw new DiagnosticException(DiagnosticDescriptors.ConfirmationNeeded.Because(
                $"Nothing was changed. {what}.", nextStep: "Confirm with -y that this bundle is to be deployed, or run it in a terminal."));
        }

        if (!isConfirmed && !await terminal.ConfirmAsync(
            $"{what}. Deploy it to {inventory.Environment} on {app.Connection.Description}, namespace {inventory.Namespace}?", cancellationToken))
            throw new DiagnosticException(DiagnosticDescriptors.ConfirmationNeeded.Because("Not confirmed; nothing was changed.", nextStep: "Answer y to deploy the bundle, or confirm with -y."));
        var bundle = await BundleSource.OpenAsync(target.Bundle.ToString(), terminal, startsSandbox: false, new PlainRenderer(terminal.Error), cancellationToken);
        // Whoever may write records does not decide what is deployed under an app's name.
        if (bundle.App != inventory.App)
            throw new DiagnosticException(DiagnosticDescriptors.DeploymentOfAnother.Because($"The bundle of deployment {target.Record.Deployment.Id} is of the app {Printable.Line(bundle.App, 80)}, not of {inventory.App}."));
        return new DeployRequest(bundle, BundleSource.EnvironmentOf(bundle, inventory.Environment).Name, inventory.Namespace)
        {
            By = Author.OfThisProcess(terminal.ReadVariable),
            InPlaceOf = target.Number,
        };
    }
}
