using System.CommandLine;
using KubeApps.Cli.Rendering;
using KubeApps.Deploy;
using KubeApps.Deploy.Planning;
using KubeApps.Deploy.Revisions;
using KubeApps.Deploy.Switching;
using KubeApps.Deploy.Updates;
using KubeApps.Events;

namespace KubeApps.Cli.Commands;

/// <summary>What a blue/green deploy can be told besides what the specification says.</summary>
internal sealed class SlotOrderOptions
{
    private static readonly string SoakText = "Do not stay while the old version stands beside the new one: promote, or the next deploy, deletes it.";

    private readonly Option<bool> _hold = new("--hold") { Description = "End before the switch: the new version stands and is checked. Go on with promote or abort." };

    private readonly Option<bool> _resume = new("--resume") { Description = "Go on with a deploy of this very version that was cut; fail where there is none." };

    public static Option<bool> NoSoakOption() => new("--no-soak") { Description = SoakText };

    private readonly Option<bool> _noSoak = NoSoakOption();

    /// <param name="command">Gets the options.</param>
    /// <param name="resumes">Whether it can go on with what was cut.</param>
    public void AddTo(Command command, bool resumes = true)
    {
        command.Add(_hold);
        command.Add(_noSoak);
        if (resumes)
            command.Add(_resume);
    }

    public bool Holds(ParseResult parsed) => parsed.GetValue(_hold);

    public bool Soaks(ParseResult parsed) => !parsed.GetValue(_noSoak);

    public bool Resumes(ParseResult parsed) => parsed.GetValue(_resume);
}

/// <summary><c>promote</c> and <c>abort</c>: the two ends of a blue/green deploy that is held, or whose old version stands still.</summary>
internal static class SlotCommands
{
    public static Command CreatePromote(Terminal terminal)
    {
        var noSoak = SlotOrderOptions.NoSoakOption();
        var timeout = CommonOptions.Timeout();
        var hold = new Option<bool>("--hold") { Description = "With --scope cluster: only to the next share of the load." };
        return Create(
            terminal,
            "promote",
            "promoted",
            """
            Switch all services to the version that is held; or end the time in which the old version stands beside the new one.

            Examples:
              dotnet kubeapp deploy --strategy bluegreen --hold
              dotnet kubeapp promote
              dotnet kubeapp promote storefront --context prod-eu --no-soak
            """,
            [noSoak, timeout, hold],
            parsed => new UpdateOrder.Promote(parsed.GetValue(hold), !parsed.GetValue(noSoak)),
            (operations, app, parsed, wait, cancellationToken) => operations.PromoteAsync(
                app.Inventory, new SlotOptions(!parsed.GetValue(noSoak), parsed.GetValue(timeout), wait), cancellationToken));
    }

    public static Command CreateAbort(Terminal terminal) => Create(
        terminal,
        "abort",
        "aborted",
        """
        Take back a blue/green deploy: all services lead to the old version at once, as long as it stands, and the new one is deleted.

        Examples:
          dotnet kubeapp abort
          dotnet kubeapp abort storefront --context prod-eu
        """,
        [],
        _ => new UpdateOrder.Abort(),
        (operations, app, _, wait, cancellationToken) => operations.AbortAsync(app.Inventory, new SlotOptions(WaitForLock: wait), cancellationToken));

    /// <summary>What stands where, in one line; null for an app that is updated in place.</summary>
    public static string? Describe(Rollout? rollout, DateTimeOffset now) => rollout switch
    {
        null => null,
        { Phase: RolloutPhase.Steady, Live: { } live } => $"{SlotSteps.Name(live)} serves",
        { Phase: RolloutPhase.Preparing, Live: null, Next: { } next } => $"{SlotSteps.Name(next)} comes up",
        { Phase: RolloutPhase.Preparing } => $"{SlotSteps.Name(rollout.Live)} serves, {SlotSteps.Name(rollout.Next)} comes up beside it",
        { Phase: RolloutPhase.Held } => $"{SlotSteps.Name(rollout.Live)} serves, {SlotSteps.Name(rollout.Next)} is held since {Words.Age(now - rollout.Since)} (promote or abort)",
        { Phase: RolloutPhase.Switching } => $"services are being switched to {SlotSteps.Name(rollout.Next)} (deploy again, promote or abort)",
        { Phase: RolloutPhase.Soaking, SoaksUntil: { } until, Live: { } old } => $"{SlotSteps.Name(rollout.Next)} serves, {SlotSteps.Name(old)} stands beside it "
            + (until > now ? $"for another {Words.Age(until - now)} (promote ends that, abort returns to it)" : "though its time is over (promote deletes it)"),
        { Phase: RolloutPhase.Retiring, Live: { } old } => $"{SlotSteps.Name(rollout.Next)} serves, {SlotSteps.Name(old)} is being deleted (deploy again or promote)",
        { Phase: RolloutPhase.Soaking } => $"{SlotSteps.Name(rollout.Next)} serves",
        _ => $"{SlotSteps.Name(rollout.Live)} serves, {SlotSteps.Name(rollout.Next)} is being taken away (abort goes on)",
    };

    private static Command Create(
        Terminal terminal, string name, string wanted, string description, Option[] options, Func<ParseResult, UpdateOrder> orderOf,
        Func<SlotOperations, DeployedApp, ParseResult, TimeSpan?, CancellationToken, Task<DeployResult>> run)
    {
        var selection = new DeployedApp.Selection();
        var output = CommonOptions.Output("What stdout gets: nothing but the address, one document, or every event as a line of JSON.", "text", "json", "yaml", "jsonl");
        var waitForLock = CommonOptions.WaitForLock();
        var command = new Command(name, description);
        selection.AddTo(command);
        foreach (var option in (Option[])[.. options, waitForLock, output])
            command.Add(option);
        var scope = FullUpdateOptions.ScopeOption("What is meant: a version beside another in one cluster, or a full update.");
        command.Add(scope);
        var record = new RecordOptions(creates: false);
        record.AddTo(command);
        command.Validators.Add(result =>
        {
            var isFull = result.GetValue(scope) == "cluster";
            foreach (var option in (Option[])[selection.Target.Context, selection.Target.Kubeconfig, .. options.Where(option => option.Name == "--timeout")])
                if (isFull && result.GetResult(option) is { Implicit: false })
                    result.AddError($"{option.Name} does not go with --scope cluster.");
            if (!isFull && options.FirstOrDefault(option => option.Name == "--hold") is { } hold && result.GetResult(hold) is { Implicit: false })
                result.AddError("--hold is for a full update: say --scope cluster, too.");
        });
        command.SetAction(async (parsed, cancellationToken) =>
        {
            if (FullUpdateOptions.IsCluster(parsed, scope))
                return await EndFullUpdateAsync(terminal, selection, parsed, orderOf(parsed), record.Order(parsed), parsed.GetValue(waitForLock), parsed.GetValue(output)!, cancellationToken);
            using var app = await DeployedApp.FindAsync(selection, parsed, terminal, writes: true, cancellationToken);
            var format = parsed.GetValue(output)!;
            DeployResult result;
            using (var renderer = terminal.Events(format))
            {
                await using var records = await Recording.OpenAsync(terminal, record.Order(parsed), app.Connection, renderer, cancellationToken);
                var by = Author.OfThisProcess(terminal.ReadVariable);
                var operations = new SlotOperations(app.Connection, terminal.ReadVariable, records ?? (IEventSink)renderer)
                {
                    Following = records is null ? null : (inventory, token) => records.GoOnAsync(inventory, by, token),
                };
                result = await run(operations, app, parsed, parsed.GetValue(waitForLock), cancellationToken);
                if (records is not null)
                    result = await records.CompleteAsync(result);
            }

            DeployCommand.Show(terminal, result, format, wanted);
            terminal.Step?.End(result);
            return result.ExitCode;
        });
        return command;
    }

    private static async Task<int> EndFullUpdateAsync(
        Terminal terminal, DeployedApp.Selection selection, ParseResult parsed, UpdateOrder order, RecordOrder record, TimeSpan? waitForLock, string format, CancellationToken cancellationToken)
    {
        DeployResult result;
        using (var renderer = terminal.Events(format))
            result = await FullUpdates.EndAsync(terminal, selection, parsed, order, record, waitForLock, renderer, cancellationToken);
        DeployCommand.Show(terminal, result, format);
        terminal.Step?.End(result);
        return result.ExitCode;
    }
}
