using System.Text.RegularExpressions;

namespace KubeApps.Sandbox.Objects.Validation;

/// <summary>The rules for names, keys and values, each as the complaints about a text; none if it is fine.</summary>
internal static partial class Names
{
    private const string LabelFormat = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
    private const string QualifiedFormat = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]";
    private const string QualifiedRule = "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";

    public static IEnumerable<string> Subdomain(string name)
    {
        if (name.Length > 253)
            yield return TooLong(253);
        if (!SubdomainPattern().IsMatch(name))
            yield return Shape("a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character",
                $@"{LabelFormat}(\.{LabelFormat})*", "'example.com'");
    }

    public static IEnumerable<string> Label(string name)
    {
        if (name.Length > 63)
            yield return TooLong(63);
        if (LabelPattern().IsMatch(name))
            yield break;
        yield return Shape("a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character",
            LabelFormat, "'my-name',  or '123-abc'");
    }

    public static IEnumerable<string> Label1035(string name)
    {
        if (name.Length > 63)
            yield return TooLong(63);
        if (!Label1035Pattern().IsMatch(name))
            yield return Shape("a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character",
                "[a-z]([-a-z0-9]*[a-z0-9])?", "'my-name',  or 'abc-123'");
    }

    public static IEnumerable<string> PathSegment(string name)
    {
        if (name is "." or "..")
            return [$"may not be '{name}'"];
        return (name.Contains('/') ? (string[])["may not contain '/'"] : []).Concat(name.Contains('%') ? ["may not contain '%'"] : []);
    }

    /// <summary>Keys of labels and annotations, finalizers: an optional prefix (a subdomain) and a name.</summary>
    public static IEnumerable<string> Qualified(string name)
    {
        var parts = name.Split('/');
        if (parts.Length > 2)
        {
            return [Shape($"a qualified name {QualifiedRule}", QualifiedFormat, "'MyName',  or 'my.name',  or '123-abc'")
                + " with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"];
        }

        var complaints = new List<string>();
        if (parts.Length == 2)
        {
            if (parts[0].Length == 0)
                complaints.Add("prefix part must be non-empty");
            else
                complaints.AddRange(Subdomain(parts[0]).Select(text => "prefix part " + text));
        }

        var own = parts[^1];
        if (own.Length == 0)
            complaints.Add("name part must be non-empty");
        else if (own.Length > 63)
            complaints.Add("name part " + TooLong(63));
        if (!QualifiedPattern().IsMatch(own))
            complaints.Add("name part " + Shape(QualifiedRule, QualifiedFormat, "'MyName',  or 'my.name',  or '123-abc'"));
        return complaints;
    }

    public static IEnumerable<string> LabelValue(string value)
    {
        if (value.Length > 63)
            yield return TooLong(63);
        if (value.Length > 0 && !QualifiedPattern().IsMatch(value))
            yield return Shape("a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
                $"({QualifiedFormat})?", "'MyValue',  or 'my_value',  or '12345'");
    }

    public static IEnumerable<string> ConfigKey(string key)
    {
        if (key.Length > 253)
            yield return TooLong(253);
        if (!ConfigKeyPattern().IsMatch(key))
            yield return Shape("a valid config key must consist of alphanumeric characters, '-', '_' or '.'", "[-._a-zA-Z0-9]+", "'key.name',  or 'KEY_NAME',  or 'key-name'");
        else if (key is "." or "..")
            yield return $"must not be '{key}'";
        else if (key.StartsWith("..", StringComparison.Ordinal))
            yield return "must not start with '..'";
    }

    public static IEnumerable<string> EnvironmentVariable(string name)
    {
        if (name.Any(character => character is < ' ' or > '~' or '='))
            yield return "a valid environment variable name must consist only of printable ASCII characters other than '='";
    }

    public static IEnumerable<string> PortName(string name)
    {
        if (name.Length > 15)
            yield return TooLong(15);
        if (!name.All(character => char.IsAsciiLetterLower(character) || char.IsAsciiDigit(character) || character == '-'))
            yield return "must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)";
        if (!name.Any(char.IsAsciiLetterLower))
            yield return "must contain at least one letter (a-z)";
        if (name.Contains("--", StringComparison.Ordinal))
            yield return "must not contain consecutive hyphens";
        if (name.StartsWith('-') || name.EndsWith('-'))
            yield return "must not begin or end with a hyphen";
    }

    public const string PortRange = "must be between 1 and 65535, inclusive";

    private static string TooLong(int limit) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"must be no more than {limit} characters");

    private static string Shape(string rule, string format, string examples) => $"{rule} (e.g. {examples}, regex used for validation is '{format}')";

    [GeneratedRegex($@"^{LabelFormat}\z", RegexOptions.CultureInvariant)]
    private static partial Regex LabelPattern();

    [GeneratedRegex(@"^[a-z]([-a-z0-9]*[a-z0-9])?\z", RegexOptions.CultureInvariant)]
    private static partial Regex Label1035Pattern();

    [GeneratedRegex($@"^{LabelFormat}(\.{LabelFormat})*\z", RegexOptions.CultureInvariant)]
    private static partial Regex SubdomainPattern();

    [GeneratedRegex($@"^{QualifiedFormat}\z", RegexOptions.CultureInvariant)]
    private static partial Regex QualifiedPattern();

    [GeneratedRegex(@"^[-._a-zA-Z0-9]+\z", RegexOptions.CultureInvariant)]
    private static partial Regex ConfigKeyPattern();
}
