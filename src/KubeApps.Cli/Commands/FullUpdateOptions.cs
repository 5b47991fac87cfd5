using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using KubeApps.Deploy.Updates;

namespace KubeApps.Cli.Commands;

/// <summary>What a full update can be told.</summary>
internal sealed class FullUpdateOptions
{
    private const string Cluster = "cluster";

    private readonly Option<string> _scope = ScopeOption("What is new: the app's pods in the cluster that it has, or a cluster of its own (a full update).");

    private readonly Option<IReadOnlyList<int>?> _shares = new("--shares")
    {
        Description = "With --scope cluster: the shares of the load that the new cluster gets, in percent, one after the other. Default: 5,50,100. 100 is at once.",
        HelpName = "N,N,100",
        CustomParser = ParseShares,
    };

    private readonly Option<TimeSpan?> _watch = Duration("--watch", "With --scope cluster: how long each share but the last is watched. Default: 2m.");

    private readonly Option<TimeSpan?> _silence = Duration("--silence", "With --scope cluster: for how long nothing must have arrived at the old cluster before it is deleted. Default: 1m.");

    private readonly Option<TimeSpan?> _drain = Duration("--drain-timeout", "With --scope cluster: how long that is waited for. Default: 1h.");

    private readonly Option<bool> _cleansUp = new("--cleanup-on-failure") { Description = "With --scope cluster: delete the new cluster when the new version fails in it. Default: it stays for the next try." };

    public void AddTo(Command command, params Option[] alone)
    {
        foreach (var option in (Option[])[_scope, _shares, _watch, _silence, _drain, _cleansUp])
            command.Add(option);
        command.Validators.Add(result =>
        {
            var isFull = result.GetValue(_scope) == Cluster;
            foreach (var option in ((Option[])[_shares, _watch, _silence, _drain, _cleansUp]).Where(option => !isFull && result.GetResult(option) is { Implicit: false }))
                result.AddError($"{option.Name} is for a full update: say --scope cluster, too.");
            foreach (var option in alone.Where(option => isFull && result.GetResult(option) is { Implicit: false }))
                result.AddError($"{option.Name} does not go with --scope cluster.");
        });
    }

    public bool IsRollingInNewCluster(CommandResult result, Option<string?> strategy) => result.GetValue(_scope) == Cluster && result.GetValue(strategy) == "rolling";

    public bool IsAsked(ParseResult parsed) => parsed.GetValue(_scope) == Cluster;

    public bool CleansUp(ParseResult parsed) => parsed.GetValue(_cleansUp);

    /// <summary>As much of the terms as the command line says.</summary>
    public UpdateTerms Terms(ParseResult parsed)
    {
        var usual = new UpdateTerms("");
        return usual with
        {
            Shares = parsed.GetValue(_shares) ?? usual.Shares,
            Watch = parsed.GetValue(_watch) ?? usual.Watch,
            Silence = parsed.GetValue(_silence) ?? usual.Silence,
            Patience = parsed.GetValue(_drain) ?? usual.Patience,
        };
    }

    /// <summary>For commands that end what is under way.</summary>
    public static Option<string> ScopeOption(string description)
    {
        var option = new Option<string>("--scope") { Description = description, HelpName = $"app|{Cluster}", DefaultValueFactory = _ => "app" };
        option.AcceptOnlyFromAmong("app", Cluster);
        return option;
    }

    public static bool IsCluster(ParseResult parsed, Option<string> scope) => parsed.GetValue(scope) == Cluster;

    private static Option<TimeSpan?> Duration(string name, string description) => new(name) { Description = description, HelpName = "DURATION", CustomParser = CommonOptions.ParseDuration };

    private static IReadOnlyList<int>? ParseShares(ArgumentResult result)
    {
        var text = result.Tokens.Count == 1 ? result.Tokens[0].Value : "";
        var shares = text.Split(',').Select(part => int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var share) ? share : 0).ToList();
        if (shares[^1] == 100 && shares[0] > 0 && shares.Zip(shares.Skip(1)).All(pair => pair.First < pair.Second))
            return shares;
        result.AddError($"'{text}' are no shares. Write percents that grow, up to 100: 5,50,100.");
        return null;
    }
}
