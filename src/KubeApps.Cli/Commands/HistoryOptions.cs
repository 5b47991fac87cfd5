using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using KubeApps.Cli.Git;
using KubeApps.Deploy.History;

namespace KubeApps.Cli.Commands;

/// <summary>The options that say which deploys are meant.</summary>
internal sealed class HistoryOptions(TimeProvider clock)
{
    public Option<string?> Sha { get; } = new("--sha")
    {
        Description = "Only deploys of that commit or of later ones that contain it, and when it was live. The beginning of a hash will do.",
        HelpName = "SHA",
    };

    private readonly Option<DateTimeOffset?> _since = new("--since")
    {
        Description = "Only deploys since then: 12h, 2d, 3w, or a date or time as ISO 8601 has them (UTC unless it says otherwise).",
        HelpName = "SPAN|TIME",
        CustomParser = result => Parse(result, clock.GetUtcNow()),
    };

    private readonly Option<string?> _actor = new("--actor") { Description = "Only deploys of that account or user.", HelpName = "NAME" };

    private readonly Option<string?> _status = new("--status") { Description = "Only deploys that came to that.", HelpName = "STATE" };

    private readonly Option<int?> _limit = new("--limit")
    {
        Description = $"How many at most. Default: all that the cluster keeps, {HistoryReader.DefaultLimit} where GitHub is asked.",
        HelpName = "NUMBER",
    };

    private readonly Option<string?> _gitHubEnvironment = new("--github-environment") { Description = "What GitHub calls the environment, where that is another name.", HelpName = "NAME" };

    public void AddTo(Command command)
    {
        _status.AcceptOnlyFromAmong([.. HistoryStates.Words]);
        Sha.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && !CommitSearch.IsHash(token.Value))
                result.AddError($"'{token.Value}' is no hash of a commit: write at least four of its digits.");
        });
        _limit.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && int.TryParse(token.Value, CultureInfo.InvariantCulture, out var number) && number < 1)
                result.AddError($"'{token.Value}' is no limit: write 1 or more.");
        });
        foreach (var option in (Option[])[Sha, _since, _actor, _status, _limit, _gitHubEnvironment])
            command.Add(option);
    }

    public HistoryFilter Filter(ParseResult parsed, string? app, string? environment) => new()
    {
        App = app,
        Environment = environment,
        GitHubEnvironment = parsed.GetValue(_gitHubEnvironment),
        Since = parsed.GetValue(_since),
        Actor = parsed.GetValue(_actor),
        State = parsed.GetValue(_status) is { } word ? HistoryStates.Of(word) : null,
    };

    public int? Limit(ParseResult parsed) => parsed.GetValue(_limit);

    /// <summary>A span before now, or a time.</summary>
    internal static DateTimeOffset? ParseSince(string text, DateTimeOffset now)
    {
        var unit = text.Length == 0 ? TimeSpan.Zero : text[^1] switch
        {
            'm' => TimeSpan.FromMinutes(1),
            'h' => TimeSpan.FromHours(1),
            'd' => TimeSpan.FromDays(1),
            'w' => TimeSpan.FromDays(7),
            _ => TimeSpan.Zero,
        };
        if (unit > TimeSpan.Zero)
            return int.TryParse(text[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number * unit.TotalDays < 36500 ? now - (number * unit) : null;
        string[] forms = ["yyyy-MM-dd", "yyyy-MM-dd'T'HH:mm", "yyyy-MM-dd'T'HH:mm:ss", "yyyy-MM-dd'T'HH:mmK", "yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK"];
        return DateTimeOffset.TryParseExact(text, forms, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : null;
    }

    private static DateTimeOffset? Parse(ArgumentResult result, DateTimeOffset now)
    {
        var text = result.Tokens.Count == 1 ? result.Tokens[0].Value : "";
        if (ParseSince(text, now) is { } since)
            return since;
        result.AddError($"'{text}' is neither a span (12h, 2d, 3w) nor a time (2026-03-01, 2026-03-01T12:00Z).");
        return null;
    }
}
