using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace KubeApps.Cli;

/// <summary>Examples belong to a command's own help, not to the list of commands: they are cut off its description and printed below.</summary>
internal sealed class HelpWithExamples(SynchronousCommandLineAction help, IReadOnlyDictionary<Command, string> examples) : SynchronousCommandLineAction
{
    private const string Heading = "\n\nExamples:\n";

    public override bool ClearsParseErrors => true;

    public static void Install(RootCommand root)
    {
        var examples = new Dictionary<Command, string>();
        foreach (var command in All(root))
        {
            var parts = (command.Description ?? "").ReplaceLineEndings("\n").Split(Heading, 2);
            if (parts.Length != 2)
                continue;
            command.Description = parts[0];
            examples[command] = parts[1];
        }

        var option = root.Options.OfType<HelpOption>().Single();
        option.Action = new HelpWithExamples((SynchronousCommandLineAction)option.Action!, examples);
    }

    private static IEnumerable<Command> All(Command command) => command.Subcommands.SelectMany(child => All(child).Prepend(child));

    public override int Invoke(ParseResult parseResult)
    {
        var exit = help.Invoke(parseResult);
        if (examples.TryGetValue(parseResult.CommandResult.Command, out var text))
            parseResult.InvocationConfiguration.Output.WriteLine($"Examples:{Environment.NewLine}{text.ReplaceLineEndings()}{Environment.NewLine}");
        return exit;
    }
}
