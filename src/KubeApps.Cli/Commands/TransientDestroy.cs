using System.CommandLine;
using System.Text.Json.Nodes;
using KubeApps.Cli.Actions;
using KubeApps.Cli.Rendering;
using KubeApps.Deploy;
using KubeApps.Deploy.Api;
using KubeApps.Deploy.Apps;
using KubeApps.Deploy.Records;
using KubeApps.Diagnostics;

namespace KubeApps.Cli.Commands;

/// <summary><c>destroy --transient</c>: takes away an app's environments that were deployed as ones that are not there for long.</summary>
internal static class TransientDestroy
{
    /// <summary>The options that choose them.</summary>
    internal sealed class Selection
    {
        private readonly Option<bool> _transient = new("--transient")
        {
            Description = "All environments of the app that were deployed with --transient, each with its namespace and volume claims. It is no error if there is none.",
        };

        private readonly Option<TimeSpan?> _olderThan = new("--older-than")
        {
            Description = "With --transient: only those that nobody deployed for so long, 12h or 7d.",
            HelpName = "AGE",
            CustomParser = CommonOptions.ParseAge,
        };

        private readonly Option<bool> _unlessOpen = new("--unless-open") { Description = "With --transient, in GitHub Actions: destroy nothing where the pull request of the run is open." };

        public void AddTo(Command command)
        {
            command.Add(_transient);
            command.Add(_olderThan);
            command.Add(_unlessOpen);
            command.Validators.Add(result =>
            {
                if (result.GetResult(_olderThan) is not null && !result.GetValue(_transient))
                    result.AddError("--older-than goes with --transient.");
                if (result.GetValue(_unlessOpen) && !result.GetValue(_transient))
                    result.AddError("--unless-open goes with --transient.");
            });
        }

        public bool AreMeant(ParseResult parsed) => parsed.GetValue(_transient);

        public bool UnlessOpen(ParseResult parsed) => parsed.GetValue(_unlessOpen);

        public TimeSpan Age(ParseResult parsed) => parsed.GetValue(_olderThan) ?? TimeSpan.Zero;
    }

    public static async Task<int> RunAsync(DeployedApp.Place place, TimeSpan age, DestroyCommand.Order order, Terminal terminal, CancellationToken cancellationToken)
    {
        var client = place.Connection.Client;
        // Other apps of the cluster have previews, too.
        var app = place.App ?? ProjectFolder.TryFind(terminal.Directory)?.PublishedAppName()
            ?? throw new DiagnosticException(DiagnosticDescriptors.AppNotChosen.Because("--transient is about one app, and none was named."));
        var transients = new TransientApps(client);
        var all = await transients.ListAsync(app, place.Environment, place.Namespace, cancellationToken);
        var open = order.UnlessOpen ? await PullRequestNow.WhyNotDestroyAsync(order.Record, terminal, cancellationToken) : null;
        if (open is not null)
            terminal.Tell(open);
        var meant = all.Where(item => open is null && item.IsExpired(age, client.Now)).ToList();
        if (!order.IsDry && meant.Count > 0)
            await DestroyCommand.ConfirmAsync(
                $"{app} on {place.Connection.Description} with all data in {string.Join(", ", meant.Select(item => item.Inventory.Namespace))}", order, terminal, cancellationToken);
        var failures = new Dictionary<TransientApp, Diagnostic>();
        var records = new Dictionary<TransientApp, DeployRecord>();
        foreach (var item in order.IsDry ? [] : meant.ToList())
        {
            var (isDone, record) = (true, (DeployRecord?)null);
            // One that is just being deployed, say: the others need not wait for it.
            var failure = await FailureOfAsync(app, async () => (isDone, record) = await DestroyCommand.DestroyAsync(
                place.Connection, item.Inventory, order, async (current, token) => (await transients.WithAgeAsync(current, token)).IsExpired(age, client.Now), terminal, cancellationToken));
            if (record is not null)
                records[item] = record;
            if (failure is not null)
            {
                failures[item] = failure;
                terminal.Tell(failure);
            }
            else if (!isDone)
            {
                meant.Remove(item);
                terminal.Error.WriteLine($"{app} ({item.Inventory.Environment}), namespace {item.Inventory.Namespace}, stays: it was deployed anew in the meantime.");
            }
        }

        Show(terminal, app, place.Connection.Description, meant, failures, records, all.Count - meant.Count, order);
        terminal.Step?.Destroyed(
            order.IsDry, causes => StepSummary.Of(app, place.Connection.Description, [.. meant.Select(item => item.Inventory)], causes, order.IsDry),
            records.Count == 1 ? records.Values.First() : null, [.. failures.Values]);
        return failures.Count == 0 ? ExitCodes.Done : ExitCodes.Of(failures.Values.First());
    }

    /// <summary>Why one could not be destroyed; null where it was.</summary>
    internal static async Task<Diagnostic?> FailureOfAsync(string app, Func<Task> destroy)
    {
        try
        {
            await destroy();
            return null;
        }
        catch (DiagnosticException failure)
        {
            return failure.Diagnostics[0];
        }
        catch (StepTimedOutException failure)
        {
            return failure.Diagnostic;
        }
        catch (ApiException refusal)
        {
            return ApiDiagnostics.For(refusal, app);
        }
    }

    private static void Show(
        Terminal terminal, string app, string target, IReadOnlyList<TransientApp> meant, Dictionary<TransientApp, Diagnostic> failures, Dictionary<TransientApp, DeployRecord> records, int younger,
        DestroyCommand.Order order)
    {
        if (order.Format != "text")
        {
            var document = Json.Document("TransientDestroyResult");
            document["app"] = app;
            document["target"] = target;
            document["dryRun"] = order.IsDry;
            document["environments"] = Json.Array(meant, item => Of(item, failures.GetValueOrDefault(item), records.GetValueOrDefault(item)));
            document["younger"] = younger;
            Json.Write(terminal.Out, document, order.Format);
            return;
        }

        foreach (var item in meant.Where(item => !failures.ContainsKey(item)))
            (order.IsDry ? terminal.Out : terminal.Error).WriteLine(
                $"{(order.IsDry ? "deleted   " : "Gone: ")}{app} ({item.Inventory.Environment}), namespace {item.Inventory.Namespace}, last deployed {item.LastDeploy:yyyy-MM-dd HH:mm}");
        terminal.Error.WriteLine(
            $"{(meant.Count == 0 ? "No" : $"{meant.Count - failures.Count} of {meant.Count}")} transient environments of {app} on {target} {(order.IsDry ? "would be" : "were")} destroyed"
            + (younger == 0 ? "." : $"; {younger} younger {(younger == 1 ? "stays" : "stay")}."));
    }

    private static JsonObject Of(TransientApp item, Diagnostic? failure, DeployRecord? record)
    {
        var (deleted, kept) = AppDestroyer.Plan(item.Inventory, includesKept: true);
        return new JsonObject
        {
            ["environment"] = item.Inventory.Environment,
            ["namespace"] = item.Inventory.Namespace,
            ["lastDeployAt"] = item.LastDeploy is { } last ? KubeTime.Write(last) : null,
            ["deleted"] = Json.Array(deleted, DestroyCommand.Of),
            ["kept"] = Json.Array(kept, DestroyCommand.Of),
            ["failure"] = failure is null ? null : Json.Of(failure),
            ["record"] = record is null ? null : Json.Of(record),
        };
    }
}
