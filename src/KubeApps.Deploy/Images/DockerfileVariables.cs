using System.Text.RegularExpressions;

namespace KubeApps.Deploy.Images;

/// <summary>The variables that a Dockerfile may use where a stage begins: those of <c>ARG</c> before its first stage, and those of the platform that it is built for.</summary>
/// <seealso href="https://docs.docker.com/reference/dockerfile/#understand-how-arg-and-from-interact"/>
internal sealed partial class DockerfileVariables(string platform)
{
    private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal)
    {
        ["TARGETPLATFORM"] = platform,
        ["TARGETOS"] = platform.Split('/')[0],
        ["TARGETARCH"] = platform.Split('/')[1],
    };

    private bool _isOver;

    /// <summary>Takes an instruction into account.</summary>
    /// <param name="instruction">All of it.</param>
    /// <param name="isWhole">Whether it stands on one line; of others it is not known what the builder makes of it.</param>
    public void Read(string instruction, bool isWhole)
    {
        _isOver |= Begins().IsMatch(instruction);
        if (_isOver || Declares().Match(instruction) is not { Success: true } declares)
            return;
        foreach (var declared in Declared().Matches(declares.Groups["rest"].Value).Cast<Match>())
        {
            var (name, value) = (declared.Groups["name"].Value, declared.Groups["value"]);
            // One without a value keeps what the builder gives it: that is known of the platform alone.
            if (!value.Success)
                continue;
            if (isWhole && ValueOf(value.Value) is { } text && !name.StartsWith("TARGET", StringComparison.Ordinal))
                _values[name] = text;
            else
                _values.Remove(name);
        }
    }

    /// <summary>The text with values in place of variables; null where one of them is not known.</summary>
    public string? Expand(string text)
    {
        var isKnown = true;
        var expanded = Used().Replace(text, use =>
        {
            var (value, word) = (_values.GetValueOrDefault(use.Groups["name"].Value), use.Groups["word"].Value);
            var chosen = use.Groups["kind"].Value switch
            {
                "-" => value is { Length: > 0 } ? value : word,
                "+" => value is { Length: > 0 } ? word : "",
                _ => value,
            };
            isKnown &= chosen is not null;
            return chosen ?? "";
        });
        return isKnown && expanded.Length > 0 && !expanded.Contains('$', StringComparison.Ordinal) && !expanded.Contains('\\', StringComparison.Ordinal) ? expanded : null;
    }

    private string? ValueOf(string value) => value switch
    {
        ['"', .. var inner, '"'] when !inner.Contains('"', StringComparison.Ordinal) => Expand(inner),
        ['\'', .. var inner, '\''] when !inner.Contains('\'', StringComparison.Ordinal) && !inner.Contains('$', StringComparison.Ordinal) => inner,
        _ when !value.Contains('"', StringComparison.Ordinal) && !value.Contains('\'', StringComparison.Ordinal) => Expand(value),
        _ => null,
    };

    [GeneratedRegex(@"\A\s*FROM\s", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Begins();

    [GeneratedRegex(@"\A\s*ARG\s+(?<rest>.*)\z", RegexOptions.IgnoreCase | RegexOptions.Singleline | RegexOptions.CultureInvariant)]
    private static partial Regex Declares();

    [GeneratedRegex("""(?<=\A|\s)(?<name>[A-Za-z_]\w*)(=(?<value>("[^"]*"|'[^']*'|[^\s"'])*))?(?=\s|\z)""", RegexOptions.CultureInvariant)]
    private static partial Regex Declared();

    [GeneratedRegex(@"\$(\{(?<name>[A-Za-z_]\w*)(:(?<kind>[-+])(?<word>[^}$]*))?\}|(?<name>[A-Za-z_]\w*))", RegexOptions.CultureInvariant)]
    private static partial Regex Used();
}
