using System.Text.RegularExpressions;
using KubeApps.Diagnostics;

namespace KubeApps;

/// <summary>Environment variables have names, refer only to earlier ones, and hold no secrets.</summary>
internal static partial class VariableRules
{
    public static void Check(KubeAppModel app, SpecDiagnostics diagnostics)
    {
        foreach (var container in app.All<Workload>().SelectMany(workload => workload.AllContainers))
        {
            foreach (var source in container.EnvironmentFrom)
                if (source.Prefix is { Length: > 0 } prefix && !VariableName().IsMatch(prefix))
                    diagnostics.Add(DiagnosticDescriptors.InvalidName, $"'{prefix}' is not the beginning of the name of an environment variable.", container.Location);
            foreach (var argument in container.Command.Concat(container.Args).Where(argument => PasswordInText().IsMatch(argument) || PrivateKey().IsMatch(argument)))
                diagnostics.Add(
                    DiagnosticDescriptors.LiteralSecret, $"An argument of the container '{container.Name}' holds a secret as text.", container.Location,
                    "Put the secret into an environment variable (a Secret and its Key(\"…\")), and name that as $(NAME) in the argument.");
            foreach (var (name, value) in container.Environment)
                if (value.Field is { } field && !PodField().IsMatch(field))
                    diagnostics.Add(
                        DiagnosticDescriptors.UnknownReference,
                        $"The environment variable {name} of the container '{container.Name}' asks for the field '{field}', which pods do not offer.", container.Location,
                        "metadata.name, metadata.namespace, metadata.uid, metadata.labels['KEY'], metadata.annotations['KEY'], spec.nodeName, spec.serviceAccountName, "
                        + "status.hostIP, status.hostIPs, status.podIP and status.podIPs are possible.");
            var names = container.Environment.Keys.ToList();
            for (var i = 0; i < names.Count; i++)
            {
                var (name, text) = (names[i], container.Environment[names[i]].Text);
                if (!VariableName().IsMatch(name))
                    diagnostics.Add(DiagnosticDescriptors.InvalidName, $"'{name}' is not the name of an environment variable.", container.Location);
                if (text is null)
                    continue;
                CheckReferences(container, names, i, text, diagnostics);
                if (LooksLikeSecret(name, text))
                    diagnostics.Add(
                        DiagnosticDescriptors.LiteralSecret,
                        $"The environment variable {name} of the container '{container.Name}' looks like a secret, and is given as text.", container.Location);
            }
        }

        foreach (var config in app.All<Config>())
            foreach (var (key, text) in config.Values)
                if (LooksLikeSecret(key, text) || text.Contains('\n') && PasswordInText().IsMatch(text))
                    diagnostics.Add(
                        DiagnosticDescriptors.LiteralSecret, $"The key '{key}' of the configuration '{config.Name}' looks like a secret, and is given as text.", config.Location);
                else if (SecretInFile(text) is { } setting)
                    diagnostics.Add(
                        DiagnosticDescriptors.LiteralSecret, $"The setting '{setting}' in the key '{key}' of the configuration '{config.Name}' looks like a secret.", config.Location,
                        "Take it out of the file, and set it with an environment variable from a Secret (app.Add(new Secret(…)) and its Key(\"…\")).");
    }

    /// <summary>Kubernetes expands <c>$(NAME)</c> with variables that come before; one that comes later would stay as it is written.</summary>
    private static void CheckReferences(Container container, List<string> names, int index, string text, SpecDiagnostics diagnostics)
    {
        foreach (Match match in Reference().Matches(text))
        {
            var target = names.IndexOf(match.Groups["name"].Value);
            if (target >= index)
                diagnostics.Add(
                    DiagnosticDescriptors.Cycle,
                    target == index || container.Environment[names[target]].Text?.Contains($"$({names[index]})", StringComparison.Ordinal) == true
                        ? $"The environment variables {names[index]} and {names[target]} of the container '{container.Name}' refer to each other."
                        : $"The environment variable {names[index]} of the container '{container.Name}' refers to {names[target]}, which comes later.",
                    container.Location);
        }
    }

    /// <summary>
    /// The name of a setting in a file (JSON, YAML, INI) that seems to hold a secret. More careful than with variables, for files also hold translations
    /// and the like: only what has no spaces, and a digit or a sign, counts.
    /// </summary>
    private static string? SecretInFile(string text) => Setting().Matches(text)
        .Where(setting => setting.Groups["value"].Value is { Length: >= 6 } value && !value.All(char.IsLetter) && LooksLikeSecret(setting.Groups["name"].Value, value))
        .Select(setting => setting.Groups["name"].Value)
        .FirstOrDefault();

    /// <summary>A telling name with a text behind it, or a connection string with a password. References to other variables are none.</summary>
    private static bool LooksLikeSecret(string name, string text)
    {
        if (text.Length == 0 || text.Contains('\n') && !PrivateKey().IsMatch(text))
            return false;
        if (PrivateKey().IsMatch(text) || PasswordInText().IsMatch(text))
            return true;
        return SecretName().IsMatch(name)
            && !NotTheSecretItself().IsMatch(name)
            && !bool.TryParse(text, out _)
            && !double.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, out _)
            && !Placeholder().IsMatch(text);
    }

    // https://kubernetes.io/docs/concepts/workloads/pods/downward-api/#available-fields
    [GeneratedRegex(
        @"\A(metadata\.(name|namespace|uid|(labels|annotations)\['[^']+'\])|spec\.(nodeName|serviceAccountName)|status\.(hostIPs?|podIPs?))\z", RegexOptions.CultureInvariant)]
    private static partial Regex PodField();

    [GeneratedRegex(@"\A[-._a-zA-Z][-._a-zA-Z0-9]*\z", RegexOptions.CultureInvariant)]
    private static partial Regex VariableName();

    [GeneratedRegex(@"(?<!\$)\$\((?<name>[-._a-zA-Z0-9]+)\)", RegexOptions.CultureInvariant)]
    private static partial Regex Reference();

    [GeneratedRegex("password|passwd|secret|token|api_?key|access_?key|private_?key|credential", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex SecretName();

    /// <summary>Names that speak about a secret: where it is, how long it lives, what it is called.</summary>
    [GeneratedRegex(
        "(file|path|dir|directory|url|uri|endpoint|name|id|length|size|limit|timeout|expiry|expiration|lifetime|issuer|audience|enabled|policy|type|provider|mode)$",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex NotTheSecretItself();

    [GeneratedRegex(
        @"(\b(password|pwd|accountkey|sharedaccesskey|clientsecret)\s*=\s*(?!\$[({]|\{\{|[<%""'])[^;\s""']+)|(://[^/\s:@]+:(?!\$[({]|\{\{|[<%])[^/\s@]+@)",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex PasswordInText();

    /// <summary><c>"name": "value"</c>, <c>name: value</c> and <c>name=value</c>.</summary>
    [GeneratedRegex(@"(?<![\w.-])(?<name>[A-Za-z][\w.-]{0,80})[""']?[ \t]*[:=][ \t]*[""']?(?<value>[^\s""',]{1,200})[""']?[ \t]*(,|\}|$)", RegexOptions.CultureInvariant | RegexOptions.Multiline)]
    private static partial Regex Setting();

    /// <summary>What something else fills in.</summary>
    [GeneratedRegex(@"\A(\$[({]|\{\{|[<%])", RegexOptions.CultureInvariant)]
    private static partial Regex Placeholder();

    [GeneratedRegex("-----BEGIN [A-Z ]*PRIVATE KEY-----", RegexOptions.CultureInvariant)]
    private static partial Regex PrivateKey();
}
