using System.CommandLine;
using System.CommandLine.Invocation;
using KubeApps.Cli.Actions;
using KubeApps.Cli.Commands;
using KubeApps.Deploy;
using KubeApps.Deploy.Api;
using KubeApps.Diagnostics;

namespace KubeApps.Cli;

/// <summary>The composition root: the tree of commands, and what becomes of their failures.</summary>
internal static class CommandLine
{
    public const string Name = "dotnet kubeapp";

    public static async Task<int> RunAsync(string[] args, Terminal terminal, CancellationToken cancellationToken = default)
    {
        terminal = terminal.ForItsReaders();
        try
        {
            return await RunInAsync(terminal, args, cancellationToken);
        }
        finally
        {
            foreach (var stream in new[] { terminal.Out, terminal.Error }.OfType<WorkflowLog>())
                stream.EndLine();
        }
    }

    private static async Task<int> RunInAsync(Terminal terminal, string[] args, CancellationToken cancellationToken)
    {
        var parsed = Root(terminal).Parse(args);
        if (Switches.Mistake(args, parsed.CommandResult.Command) is { } mistake)
            return Usage(parsed, terminal, mistake);
        if (parsed.Action is ParseErrorAction)
            return Usage(parsed, terminal);
        terminal.Step?.Begin(parsed.CommandResult.Command.Name);
        var configuration = new InvocationConfiguration
        {
            Output = terminal.Out,
            Error = terminal.Error,
            EnableDefaultExceptionHandler = false,
            // Signals come in with the token.
            ProcessTerminationTimeout = null,
        };
        try
        {
            return await parsed.InvokeAsync(configuration, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            terminal.Error.WriteLine("Cancelled.");
            Fail(DeployOutcome.Cancelled);
            return ExitCodes.Cancelled;
        }
        catch (PublishFailedException failure)
        {
            Fail(DeployOutcome.Failed, [.. failure.Diagnostics]);
            return ExitCodes.Of(failure.Diagnostics[0]);
        }
        catch (DiagnosticException failure)
        {
            foreach (var diagnostic in failure.Diagnostics)
                terminal.Tell(diagnostic);
            Fail(DeployOutcome.Failed, [.. failure.Diagnostics]);
            return ExitCodes.Of(failure.Diagnostics[0]);
        }
        catch (ApiException refusal)
        {
            var diagnostic = ApiDiagnostics.For(refusal, "The request");
            terminal.Tell(diagnostic);
            Fail(DeployOutcome.Failed, diagnostic);
            return ExitCodes.Failed;
        }
        catch (StepTimedOutException failure)
        {
            terminal.Tell(failure.Diagnostic);
            Fail(DeployOutcome.TimedOut, failure.Diagnostic);
            return ExitCodes.TimedOut;
        }
        catch (Exception failure) when (terminal.ReadVariable("KUBEAPPS_DEBUG") is null or "")
        {
            var diagnostic = DiagnosticDescriptors.Unexpected.Because($"{failure.GetType().Name}: {failure.Message}");
            terminal.Tell(diagnostic);
            Fail(DeployOutcome.Failed, diagnostic);
            return ExitCodes.Failed;
        }

        void Fail(DeployOutcome outcome, params Diagnostic[] causes) => terminal.Step?.Fail(outcome, causes);
    }

    public static RootCommand Root(Terminal terminal)
    {
        var root = new RootCommand(
            """
            Deploys .NET apps to Kubernetes: from a C# specification, with nothing but the .NET SDK.

            Start here:
              dotnet kubeapp init       write a specification beside the project
              dotnet kubeapp deploy     build, push and deploy, by default to the sandbox on this machine
              dotnet kubeapp status -w  watch the app
            """)
        {
            HelpName = Name,
        };
        foreach (var command in (Command[])
        [
            InitCommand.Create(terminal),
            DoctorCommand.Create(terminal),
            RenderCommand.Create(terminal),
            PublishCommand.Create(terminal),
            PlanCommand.Create(terminal),
            DeployCommand.Create(terminal),
            SlotCommands.CreatePromote(terminal),
            SlotCommands.CreateAbort(terminal),
            RollbackCommand.Create(terminal),
            HistoryCommand.Create(terminal),
            BadgeCommand.Create(terminal),
            RecordCommand.Create(terminal),
            StatusCommand.Create(terminal),
            LogsCommand.Create(terminal),
            OpenCommand.Create(terminal),
            DestroyCommand.Create(terminal),
            FleetCommands.Create(terminal),
            SandboxCommands.Create(terminal),
            ClusterCommands.Create(terminal),
            CompletionCommand.Create(terminal),
            PublishBundleCommand.Create(terminal),
        ])
            root.Add(command);
        HelpWithExamples.Install(root);
        return root;
    }

    private static int Usage(ParseResult parsed, Terminal terminal, string? mistake = null)
    {
        // An unknown word has consequences ("Required command was not provided") that are no news.
        var errors = mistake is not null ? [mistake]
            : parsed.UnmatchedTokens.Count > 0 ? [$"'{parsed.UnmatchedTokens[0]}' is neither a command nor an option here."]
            : parsed.Errors.Select(error => string.Join(' ', error.Message.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)));
        var path = new List<string>();
        for (Symbol? symbol = parsed.CommandResult.Command; symbol is not null and not RootCommand; symbol = symbol.Parents.FirstOrDefault())
            path.Insert(0, symbol.Name);
        var help = $"Try '{string.Join(' ', path.Prepend(Name))} --help'.";
        if (terminal.Step is { } step)
        {
            var diagnostic = DiagnosticDescriptors.WrongUsage.Because(string.Join(' ', errors), nextStep: help);
            step.Begin(parsed.CommandResult.Command.Name);
            terminal.Tell(diagnostic);
            step.Fail(DeployOutcome.Failed, [diagnostic]);
        }
        else
        {
            terminal.Error.WriteLine(string.Join(' ', errors.Append(help)));
        }

        return ExitCodes.Usage;
    }
}
