using System.CommandLine;
using KubeApps.Deploy.Fleet;

namespace KubeApps.Cli.Commands;

/// <summary>Who comes first, and when it is enough: the same words in every command of the fleet that changes something.</summary>
/// <param name="isCareful">Whether one app comes first, and the first failure is the last, where nothing else is said.</param>
internal sealed class FleetWaveOptions(bool isCareful)
{
    private readonly Option<IReadOnlyList<FleetWave>> _waves = new("--waves")
    {
        Description = $"How many first, and how many then, as numbers or shares of all; the rest follows. Each wave waits for the one before it. Default: {(isCareful ? "1,10%" : "all in one")}.",
        HelpName = "N|N%,…",
        DefaultValueFactory = _ => isCareful ? FleetOrder.Canary : [],
        CustomParser = result =>
        {
            if (FleetWave.Parse(result.Tokens[0].Value) is { } parsed)
                return parsed;
            result.AddError($"'{result.Tokens[0].Value}' are no waves. Write numbers from 1, or shares from 1% to 100%: 1,10%.");
            return null;
        },
    };

    private readonly Option<int?> _failures = new("--max-failures")
    {
        Description = $"After so many failures nothing more begins; a cluster that cannot be read is one. What runs goes on to its end. Default: {(isCareful ? "1" : "whatever fails")}.",
        HelpName = "N",
        DefaultValueFactory = _ => isCareful ? 1 : null,
    };

    public void AddTo(Command command)
    {
        CommonOptions.Check(_failures, number => number is null or >= 1 ? null : "A number from 1.");
        command.Add(_waves);
        command.Add(_failures);
    }

    /// <summary>An order with the waves. Clusters that cannot be read have failed before the first begins.</summary>
    public FleetOrder Of(ParseResult parsed, FleetOrder order, FleetApps fleet) => Of(parsed, order, fleet.Unread);

    /// <param name="parsed">The command line.</param>
    /// <param name="order">How many at once, and how long.</param>
    /// <param name="failed">How many have failed before the first begins.</param>
    public FleetOrder Of(ParseResult parsed, FleetOrder order, int failed) => order with { Waves = parsed.GetValue(_waves)!, MostFailures = parsed.GetValue(_failures) - failed };
}
