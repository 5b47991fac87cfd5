using System.CommandLine;
using KubeApps.Bundles;
using KubeApps.Cli.Rendering;
using KubeApps.Deploy;
using KubeApps.Deploy.Api;
using KubeApps.Deploy.Clusters;
using KubeApps.Deploy.Planning;
using KubeApps.Deploy.Planning.Saved;
using KubeApps.Deploy.Revisions;
using KubeApps.Deploy.Targets;
using KubeApps.Diagnostics;
using KubeApps.Events;

namespace KubeApps.Cli.Commands;

/// <summary><c>deploy</c>: of a bundle, or of a project that is published to one first.</summary>
internal static class DeployCommand
{
    public static Command Create(Terminal terminal)
    {
        var target = new TargetOptions();
        var sources = new SourceOptions();
        var output = CommonOptions.Output("What stdout gets: nothing but the address, one document, or every event as a line of JSON.", "text", "json", "yaml", "jsonl");
        var timeout = CommonOptions.Timeout();
        var dryRun = new Option<bool>("--dry-run") { Description = "Say what would be done, as the cluster sees it; change nothing." };
        var strategy = CommonOptions.Strategy();
        var plan = new Option<string?>("--plan") { Description = "Do what a plan of 'plan --out FILE' says, or nothing.", HelpName = "FILE" };
        var waitForLock = CommonOptions.WaitForLock();
        var rollbackOnFailure = new Option<bool>("--rollback-on-failure")
        {
            Description = "Return to the last good revision when the new version does not come up. This is the default.",
        };
        var noRollback = new Option<bool>("--no-rollback") { Description = "Leave a version that does not come up as it is." };
        var transient = new Option<bool>("--transient") { Description = "The environment shall not be there for long, as that of a pull request: destroy --transient finds it." };
        var unlessNewer = new Option<bool>("--unless-newer") { Description = "In GitHub Actions: change nothing where a run has deployed that was started after this one." };
        var unlessClosed = new Option<bool>("--unless-closed") { Description = "In GitHub Actions: change nothing where the pull request of the run is closed by now." };
        var sameCommit = new Option<bool>("--same-commit") { Description = "Deploy anew what stands, with other base images say: change nothing where another commit stands." };
        var slots = new SlotOrderOptions();
        var full = new FullUpdateOptions();
        var record = new RecordOptions();
        var policy = new PolicyOptions();
        var yes = CommonOptions.Yes("On a terminal: do not ask before parts of the app are deleted that the new version does not have, or are made anew.");
        var nonInteractive = CommonOptions.NonInteractive("Never ask, as where there is no terminal.");
        var command = new Command(
            "deploy",
            """
            Build, push and deploy the project, and wait until it is really ready.

            Examples:
              dotnet kubeapp deploy                                   to the sandbox on this machine
              dotnet kubeapp deploy -e prod                           to where the environment 'prod' lives
              dotnet kubeapp deploy -e prod --dry-run                 only say what would change
              dotnet kubeapp deploy --bundle oci://registry.example.com/shop@sha256:… -e prod    what dotnet publish -p:KubeAppPush=true pushed
              dotnet kubeapp deploy --bundle out --plan plan.json     only if the plan still holds
              dotnet kubeapp deploy --strategy bluegreen --hold       beside the version that serves; promote or abort it then
              dotnet kubeapp deploy --commit 1a2b3c4 -e prod          the project as it was at that commit
              dotnet kubeapp deploy --scope cluster -e prod           to a new cluster that takes the place of the old one
            """);
        target.AddTo(command);
        sources.AddTo(command);
        foreach (var option in (Option[])[output, timeout, dryRun, plan, strategy, waitForLock, rollbackOnFailure, noRollback, transient, unlessNewer, unlessClosed, sameCommit, yes, nonInteractive])
            command.Add(option);
        command.Validators.Add(result =>
        {
            if (result.GetValue(transient) && result.GetValue(record.Production))
                result.AddError("An environment is either --transient or --production.");
            if (full.IsRollingInNewCluster(result, strategy))
                result.AddError("A full update moves load to another cluster: --scope cluster is --strategy bluegreen.");
            if (result.GetValue(rollbackOnFailure) && result.GetValue(noRollback))
                result.AddError("Say either --rollback-on-failure or --no-rollback.");
        });
        slots.AddTo(command);
        full.AddTo(command, target.Context, target.Kubeconfig, plan, unlessNewer, unlessClosed, sameCommit, transient);
        record.AddTo(command);
        policy.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var format = parsed.GetValue(output)!;
            var order = new DeployOrder(
                parsed.GetValue(target.Environment), parsed.GetValue(target.Namespace), target.Choice(parsed), parsed.GetValue(timeout), parsed.GetValue(dryRun),
                parsed.GetValue(strategy))
            {
                WaitForLock = parsed.GetValue(waitForLock),
                RollbackOnFailure = !parsed.GetValue(noRollback),
                Policy = policy.Policy(parsed),
                PlanFile = parsed.GetValue(plan) is { } file ? Path.GetFullPath(file, terminal.Directory) : null,
                Hold = slots.Holds(parsed),
                Soak = slots.Soaks(parsed),
                Resume = slots.Resumes(parsed),
                IsTransient = parsed.GetValue(transient),
                IsFull = full.IsAsked(parsed),
                UnlessNewer = parsed.GetValue(unlessNewer),
                UnlessClosed = parsed.GetValue(unlessClosed),
                SameCommit = parsed.GetValue(sameCommit),
                Record = record.Order(parsed) with { IsTransient = parsed.GetValue(transient) },
            };
            var source = sources.Chosen(parsed, terminal);
            DeployResult result;
            using (var renderer = new InterruptedEvents(() => terminal.Events(format)))
            {
                // A saved plan was looked at when it was made.
                if (terminal.CanAsk && order.PlanFile is null && !parsed.GetValue(yes) && !parsed.GetValue(nonInteractive))
                    order = order with { Confirm = (losses, token) => renderer.WhileHiddenAsync(() => ConfirmAsync(terminal, losses, token)) };
                result = order.IsFull
                    ? await FullUpdates.DeployAsync(terminal, source, order, full.Terms(parsed), full.CleansUp(parsed), renderer, cancellationToken)
                    : await RunAsync(terminal, source, order, renderer, cancellationToken);
            }

            Show(terminal, result, format);
            terminal.Step?.End(result);
            return result.ExitCode;
        });
        return command;
    }

    private static async Task<bool> ConfirmAsync(Terminal terminal, IReadOnlyList<ObjectId> losses, CancellationToken cancellationToken) =>
        await terminal.ConfirmAsync($"This deletes {string.Join(", ", losses)}. Go on?", cancellationToken)
            ? true
            : throw new DiagnosticException(DiagnosticDescriptors.ConfirmationNeeded.Because("Not confirmed; nothing was changed.", nextStep: "Answer y to deploy, or confirm with -y."));

    /// <summary>Deploys, or plans where the order is a dry run: one way for both.</summary>
    public static async Task<DeployResult> RunAsync(Terminal terminal, DeploySource source, DeployOrder order, IEventSink sink, CancellationToken cancellationToken)
    {
        var started = terminal.Clock.GetTimestamp();
        var result = DeployResult.Nothing(DeployOutcome.Failed, ExitCodes.Failed, "", order.Environment ?? "local") with
        {
            Namespace = order.Namespace ?? "",
        };
        string? reference = null;
        IReadOnlyList<PublishedImage> images = [];
        try
        {
            var run = !order.UnlessNewer ? null : WorkflowRun.Of(Author.RunUrlOf(terminal.ReadVariable))
                ?? throw new DiagnosticException(DiagnosticDescriptors.RunUnknown.Because("--unless-newer was given, and this is no run of a workflow."));
            var saved = order.PlanFile is { } file ? SavedPlanFile.Read(file) : null;
            order = saved is null ? order : order.By(saved);
            result = result with { App = source.FindProject()?.AppName ?? "" };
            // A folder is read while the connection is made: neither needs the other.
            var reading = source is DeploySource.OfBundle { IsFolder: true } ? Task.Run(() => source.OpenAsync(terminal, order, sink, cancellationToken), cancellationToken) : null;
            // One that is not there is told before anything is built.
            using var named = order.Target.IsExplicit
                ? await TargetSelector.ConnectAsync(order.Target, null, null, writes: true, startsSandbox: false, sink, terminal.Clock, cancellationToken)
                : null;
            if (reading is not null)
                named?.Catalog.Begin(cancellationToken);
            var bundle = (await (reading ?? source.OpenAsync(terminal, order, sink, cancellationToken))).WithStrategy(order.Strategy);
            (reference, images) = (bundle.Reference, bundle.Published);
            result = result with { App = bundle.App, Commit = bundle.Commit };
            var environment = BundleSource.EnvironmentOf(bundle, order.Environment);
            result = result with { Environment = environment.Name, Namespace = order.Namespace ?? environment.Namespace };
            using var own = named is null
                ? await TargetSelector.ConnectAsync(
                    order.Target, environment.Target, new ClusterOwner(bundle.App, environment.Name), writes: !order.DryRun, source.StartsSandbox, sink, terminal.Clock, cancellationToken)
                : null;
            var cluster = (named ?? own)!;
            if (order.UnlessClosed && await PullRequestNow.WhyNotDeployAsync(order.Record, bundle.App, terminal, cancellationToken) is { } closed)
            {
                sink.Publish(new DeployEvent.DiagnosticRaised(closed));
                result = result with { Outcome = DeployOutcome.Superseded, ExitCode = ExitCodes.Done, Target = cluster.Description, Diagnostics = [closed] };
            }
            else
                result = await ToAsync(terminal, cluster, bundle, environment.Name, order, run, saved, sink, cancellationToken);
        }
        catch (PublishFailedException failure)
        {
            result = result with { ExitCode = ExitCodes.Of(failure.Diagnostics[0]), Diagnostics = failure.Diagnostics };
        }
        catch (DiagnosticException failure)
        {
            foreach (var diagnostic in failure.Diagnostics)
                sink.Publish(new DeployEvent.DiagnosticRaised(diagnostic));
            result = result with { ExitCode = ExitCodes.Of(failure.Diagnostics[0]), Diagnostics = failure.Diagnostics };
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            result = result with { Outcome = DeployOutcome.Cancelled, ExitCode = ExitCodes.Cancelled };
        }

        return result with { Bundle = reference, Images = images, Elapsed = terminal.Clock.GetElapsedTime(started) };
    }

    /// <summary>Deploys a bundle to a cluster, and has it recorded.</summary>
    public static async Task<DeployResult> ToAsync(
        Terminal terminal, ClusterConnection cluster, Bundle bundle, string environment, DeployOrder order, WorkflowRun? run, SavedPlan? saved, IEventSink sink,
        CancellationToken cancellationToken)
    {
        await using var records = order.DryRun ? null : await Recording.OpenAsync(terminal, order.Record, cluster, sink, cancellationToken);
        var result = await new Deployer(cluster, terminal.ReadVariable) { Follower = records }.RunAsync(
            new DeployRequest(bundle, environment, order.Namespace, order.Timeout, order.DryRun)
            {
                WaitForLock = order.WaitForLock,
                By = Author.OfThisProcess(terminal.ReadVariable),
                UnlessNewer = run,
                SameCommit = order.SameCommit,
                RollbackOnFailure = order.RollbackOnFailure,
                Policy = order.Policy,
                SavedPlan = saved,
                SavesPlan = order.SavesPlan,
                Hold = order.Hold ? true : null,
                Soak = order.Soak,
                Resume = order.Resume,
                IsTransient = order.IsTransient,
                Confirm = order.Confirm,
            },
            records ?? sink,
            cancellationToken);
        return records is null ? result : await records.CompleteAsync(result);
    }

    /// <summary>What stands when a command was told to end, and how it goes on, also where it was cut before and this time there was only something to watch.</summary>
    public static string Cancelled(Terminal terminal, DeployResult result, string again) => (result.HasApplied, result.Rollout) switch
    {
        (var hasApplied, { IsUnderWay: true } rollout) =>
            $"Cancelled{(hasApplied ? "" : ". Nothing was applied")}: {SlotCommands.Describe(rollout, terminal.Clock.GetUtcNow())}; {again} to go on, or 'dotnet kubeapp abort'.",
        (true, _) => $"Cancelled. What was applied stays; {again} to go on.",
        _ => "Cancelled. Nothing was applied.",
    };

    /// <summary>What a deploy, or the end of one, leaves on stdout and stderr.</summary>
    public static void Show(Terminal terminal, DeployResult result, string output, string wanted = "deployed")
    {
        if (output != "text")
        {
            Json.Write(terminal.Out, Json.Of(result), output == "yaml" ? "yaml" : "json", isLine: output == "jsonl");
            return;
        }

        if (result.Update is { } update)
        {
            FullUpdates.Show(terminal, result, update);
            return;
        }

        var elapsed = Words.Seconds(result.Elapsed);
        var slots = SlotCommands.Describe(result.Rollout, terminal.Clock.GetUtcNow());
        switch (result.Outcome)
        {
            case DeployOutcome.Planned:
                PlanCommand.Show(terminal, result.Plan!, output);
                break;
            case DeployOutcome.Deployed or DeployOutcome.Unchanged:
                terminal.Error.WriteLine(
                    $"{result.App} is {(result.Outcome == DeployOutcome.Deployed ? "deployed" : "up to date")} on {result.Target}, namespace {result.Namespace} ({elapsed}).");
                if (slots is not null)
                    terminal.Error.WriteLine($"{slots}.");
                foreach (var url in result.Urls)
                    terminal.Out.WriteLine(url);
                break;
            case DeployOutcome.Superseded:
                terminal.Error.WriteLine($"{result.App} was left as it is on {result.Target}, namespace {result.Namespace} ({elapsed}).");
                foreach (var url in result.Urls)
                    terminal.Out.WriteLine(url);
                break;
            case DeployOutcome.Held:
                terminal.Error.WriteLine($"{result.App} is held on {result.Target}, namespace {result.Namespace} ({elapsed}): {slots}.");
                foreach (var url in result.PreviewUrls)
                    terminal.Out.WriteLine(url);
                break;
            case DeployOutcome.Aborted:
                terminal.Error.WriteLine($"The deploy of {result.App} is aborted on {result.Target}, namespace {result.Namespace} ({elapsed}): {slots ?? "the version before serves"}.");
                foreach (var url in result.Urls)
                    terminal.Out.WriteLine(url);
                break;
            case DeployOutcome.RolledBack:
                terminal.Error.WriteLine(result.RolledBackTo is { } number
                    ? $"{result.App} was not deployed: it is back at revision {number} ({elapsed})."
                    : $"{result.App} was not deployed ({elapsed}): {slots ?? "the version before serves"}.");
                break;
            case DeployOutcome.Cancelled:
                terminal.Error.WriteLine(Cancelled(terminal, result, "deploy again"));
                break;
            default:
                if (result.App.Length > 0)
                    terminal.Error.WriteLine($"{result.App} was not {wanted} ({elapsed}).");
                break;
        }
    }
}

/// <summary>What the command line asks for, of a bundle or of a project; null leaves it to the specification.</summary>
internal sealed record DeployOrder(string? Environment, string? Namespace, TargetChoice Target, TimeSpan? Timeout, bool DryRun, string? Strategy)
{
    public TimeSpan? WaitForLock { get; init; }

    public bool RollbackOnFailure { get; init; } = true;

    public ApplyPolicy Policy { get; init; } = ApplyPolicy.Careful;

    /// <summary>Asks before something is lost; null asks nobody.</summary>
    public Func<IReadOnlyList<ObjectId>, CancellationToken, Task>? Confirm { get; init; }

    /// <summary>A saved plan to hold to.</summary>
    public string? PlanFile { get; init; }

    /// <summary>Whether the plan is to be saved.</summary>
    public bool SavesPlan { get; init; }

    public bool Hold { get; init; }

    public bool Soak { get; init; } = true;

    public bool Resume { get; init; }

    public bool IsTransient { get; init; }

    /// <summary>Whether it is a full update: the version gets a cluster of its own.</summary>
    public bool IsFull { get; init; }

    /// <summary>Whether what a newer run of a workflow brought stays.</summary>
    public bool UnlessNewer { get; init; }

    /// <summary>Whether nothing is to be done where the pull request of the run is closed.</summary>
    public bool UnlessClosed { get; init; }

    /// <summary>Whether nothing is to be done where another commit stands.</summary>
    public bool SameCommit { get; init; }

    /// <summary>Whether and how it is recorded.</summary>
    public RecordOrder Record { get; init; } = new();

    /// <summary>The same in the way that a saved plan was asked for; what is said besides counts, too.</summary>
    public DeployOrder By(SavedPlan saved) => this with
    {
        Environment = Environment ?? saved.Environment,
        Namespace = Namespace ?? saved.Namespace,
        Strategy = Strategy ?? saved.Order.Strategy,
        Hold = Hold || saved.Order.Hold == true,
        Soak = Soak && saved.Order.Soak,
        Policy = saved.Order.Policy is { } policy
            ? new ApplyPolicy(Policy.ForceConflicts || policy.ForceConflicts, Policy.Adopt || policy.Adopt, Policy.Replace || policy.Replace)
            : Policy,
    };
}
