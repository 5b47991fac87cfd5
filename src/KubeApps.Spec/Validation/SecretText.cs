using System.Text.RegularExpressions;

namespace KubeApps;

/// <summary>Tells texts that are secrets from those that only speak of them. It can only guess, and rather lets one pass than cries wolf.</summary>
internal static partial class SecretText
{
    /// <summary>A telling name with a text behind it, or what is a secret under any name.</summary>
    public static bool IsSecret(string name, string text)
    {
        if (text.Length == 0 || text.Contains('\n') && !PrivateKey().IsMatch(text))
            return false;
        if (HoldsSecret(text))
            return true;
        return SecretName().IsMatch(name)
            && !NotTheSecretItself().IsMatch(name)
            && !bool.TryParse(text, out _)
            && !double.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, out _)
            && !Placeholder().IsMatch(text);
    }

    /// <summary>A connection string or an address with a password, a private key, or a token of a well-known issuer. References to variables are none.</summary>
    public static bool HoldsSecret(string text) => PrivateKey().IsMatch(text) || PasswordInText().IsMatch(text) || KnownToken().IsMatch(text);

    /// <summary>Whether a command line holds one: <c>--token=…</c>, <c>--token …</c>, or in an argument itself.</summary>
    public static bool IsInCommand(IReadOnlyList<string> arguments)
    {
        for (var i = 0; i < arguments.Count; i++)
        {
            if (HoldsSecret(arguments[i]))
                return true;
            if (Option().Match(arguments[i]) is not { Success: true } option)
                continue;
            var value = option.Groups["value"] is { Success: true } inside ? inside.Value : i + 1 < arguments.Count && !arguments[i + 1].StartsWith('-') ? arguments[i + 1] : "";
            if (IsSecret(option.Groups["name"].Value, value))
                return true;
        }

        return false;
    }

    /// <summary>
    /// The name of a setting in a file (JSON, YAML, INI) that seems to hold a secret. More careful than with variables, for files also hold translations
    /// and the like: only what has no spaces, and a digit or a sign, counts.
    /// </summary>
    public static string? SettingIn(string file) => Setting().Matches(file)
        .Where(setting => setting.Groups["value"].Value is { Length: >= 6 } value && !value.All(char.IsLetter) && IsSecret(setting.Groups["name"].Value, value))
        .Select(setting => setting.Groups["name"].Value)
        .FirstOrDefault();

    [GeneratedRegex(
        "password|passwd|passphrase|[_.-](pass|pwd)$|secret|token(?!i[sz])|api[_-]?key|access[_-]?key|private[_-]?key|credential",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex SecretName();

    /// <summary>Names that speak about a secret: where it is, how long it lives, what it is called.</summary>
    [GeneratedRegex(
        "(file|path|dir|directory|url|uri|endpoint|name|id|length|size|limit|timeout|expiry|expiration|lifetime|ttl|stdin|issuer|audience|enabled|policy|type|provider|mode)$",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex NotTheSecretItself();

    [GeneratedRegex(
        @"(\b(password|pwd|accountkey|sharedaccesskey|clientsecret)\s*=\s*(?!\$[({]|\{\{|[<%""'])[^;\s""']+)|(://[^/\s:@]+:(?!\$[({]|\{\{|[<%])[^/\s@]+@)",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex PasswordInText();

    /// <summary>GitHub, AWS, Slack, Stripe, and any JSON Web Token.</summary>
    [GeneratedRegex(
        @"\b(gh[pousr]_\w{30,}|github_pat_\w{30,}|AKIA[0-9A-Z]{16}\b|xox[abprs]-[\w-]{20,}|[rs]k_live_\w{16,}|eyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,})", RegexOptions.CultureInvariant)]
    private static partial Regex KnownToken();

    [GeneratedRegex(@"\A--?(?<name>[A-Za-z][\w.-]*)(=(?<value>.*))?\z", RegexOptions.CultureInvariant | RegexOptions.Singleline)]
    private static partial Regex Option();

    /// <summary><c>"name": "value"</c>, <c>name: value</c> and <c>name=value</c>.</summary>
    [GeneratedRegex(@"(?<![\w.-])(?<name>[A-Za-z][\w.-]{0,80})[""']?[ \t]*[:=][ \t]*[""']?(?<value>[^\s""',]{1,200})[""']?[ \t]*(,|\}|$)", RegexOptions.CultureInvariant | RegexOptions.Multiline)]
    private static partial Regex Setting();

    /// <summary>What something else fills in.</summary>
    [GeneratedRegex(@"\A(\$[({]|\{\{|[<%])", RegexOptions.CultureInvariant)]
    private static partial Regex Placeholder();

    [GeneratedRegex("-----BEGIN [A-Z ]*PRIVATE KEY-----", RegexOptions.CultureInvariant)]
    private static partial Regex PrivateKey();
}
