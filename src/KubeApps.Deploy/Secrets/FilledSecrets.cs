using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using KubeApps.Bundles;
using KubeApps.Deploy.Planning;
using KubeApps.Diagnostics;

namespace KubeApps.Deploy.Secrets;

/// <summary>
/// Secrets that the deployer fills: from its environment, or with values that it makes up once. Their names carry a hash of their content, so that pods are replaced when a
/// value changes; the hash is keyed with a key that only the cluster holds, so that nobody can guess values from names.
/// </summary>
internal static class FilledSecrets
{
    private const int HashLength = 10;
    private const int LongestName = 63;
    private const int GeneratedLength = 32;

    public static bool AreIn(IEnumerable<ReleaseObject> objects) => objects.Any(item => SourceOf(item) is not null);

    /// <summary>Reads all variables, or says about every one that is missing.</summary>
    public static Dictionary<string, string> ReadVariables(IEnumerable<ReleaseObject> objects, Func<string, string?> read)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        var problems = new List<Diagnostic>();
        foreach (var item in objects)
            foreach (var (key, variable) in Sources(item))
                if (read(variable) is { } value)
                    values[variable] = value;
                else
                    problems.Add(DiagnosticDescriptors.SecretVariableMissing.Because(
                        $"{item.Id}, key '{key}', takes its value from the environment variable {variable}, which is not set.", new SourceLocation(item.Path)));
        return problems.Count == 0 ? values : throw new DiagnosticException(problems);
    }

    /// <summary>Fills in the values, names the Secrets by content and rewrites what refers to them.</summary>
    public static List<ReleaseObject> Resolve(IReadOnlyList<ReleaseObject> objects, IReadOnlyDictionary<string, string> variables, ReadOnlySpan<byte> key)
    {
        var names = new Dictionary<(string? Namespace, string Name), string>();
        var resolved = new List<ReleaseObject>();
        foreach (var item in objects)
        {
            if (SourceOf(item) is null)
            {
                resolved.Add(item);
                continue;
            }

            var secret = Filled(item, variables, key);
            names[(item.Id.Namespace, item.Id.Name)] = secret.Id.Name;
            resolved.Add(secret);
        }

        return names.Count == 0 ? resolved : [.. resolved.Select(item => Rewritten(item, names))];
    }

    /// <summary>What the Secrets hold, as texts.</summary>
    public static IReadOnlyList<string> ValuesIn(IEnumerable<ReleaseObject> objects) =>
    [
        .. objects.Where(item => item.Id.Kind == "Secret").SelectMany(item =>
            (item.Content["data"] as JsonObject ?? []).Select(pair => pair.Value is JsonValue value && value.TryGetValue<string>(out var text) ? Decoded(text) : null)
            .Concat((item.Content["stringData"] as JsonObject ?? []).Select(pair => pair.Value?.ToString()))).OfType<string>().Distinct(StringComparer.Ordinal),
    ];

    private static string Decoded(string text)
    {
        try
        {
            return Encoding.UTF8.GetString(Convert.FromBase64String(text));
        }
        catch (FormatException)
        {
            return text;
        }
    }

    private static ReleaseObject Filled(ReleaseObject item, IReadOnlyDictionary<string, string> variables, ReadOnlySpan<byte> key)
    {
        var content = item.Content;
        var metadata = content["metadata"]!.AsObject();
        var annotations = metadata["annotations"]!.AsObject();
        annotations.Remove(BundleConventions.FromEnvironment);
        annotations.Remove(BundleConventions.Generated);
        if (annotations.Count == 0)
            metadata.Remove("annotations");
        var data = content["data"] as JsonObject ?? [];
        content["data"] = data;
        foreach (var (name, variable) in Sources(item))
            data[name] = Convert.ToBase64String(Encoding.UTF8.GetBytes(variables[variable]));
        foreach (var name in GeneratedKeys(item))
            data[name] = Convert.ToBase64String(Encoding.UTF8.GetBytes(Generated(item.Id.Name, name, key)));

        var text = new StringBuilder();
        foreach (var (name, value) in data.OrderBy(pair => pair.Key, StringComparer.Ordinal))
            text.Append(name).Append('\0').Append((string?)value).Append('\0');
        metadata["name"] = Suffixed(item.Id.Name, Hash(text.ToString(), key));
        return item.With(content);
    }

    private static ReleaseObject Rewritten(ReleaseObject item, Dictionary<(string? Namespace, string Name), string> names)
    {
        var content = item.Content;
        var used = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var reference in SecretReferences.In(content))
            if (reference.Name is { } name && names.TryGetValue((item.Id.Namespace, name), out var changed))
            {
                used.Add(changed);
                reference.Holder[reference.Property] = changed;
            }

        if (used.Count == 0)
            return item;

        // A Job cannot be changed: another secret means another Job.
        if (item.Id.Kind == "Job")
            content["metadata"]!["name"] = Suffixed(
                item.Id.Name, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', used))))[..HashLength]);
        return item.With(content);
    }

    // Derived from the namespace's key instead of stored: the same value at every deploy, without a second thing to keep.
    private static string Generated(string secret, string name, ReadOnlySpan<byte> key)
    {
        Span<byte> value = stackalloc byte[GeneratedLength];
        HKDF.DeriveKey(HashAlgorithmName.SHA256, key, value, salt: "kubeapps generated secret"u8, info: Encoding.UTF8.GetBytes($"{secret}\0{name}"));
        return Convert.ToHexStringLower(value);
    }

    private static string Suffixed(string name, string hash) =>
        name.Length + 1 + hash.Length <= LongestName ? $"{name}-{hash}" : $"{name[..(LongestName - 1 - hash.Length)].TrimEnd('-', '.')}-{hash}";

    private static string Hash(string text, ReadOnlySpan<byte> key) =>
        Convert.ToHexStringLower(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(text)))[..HashLength];

    private static string? SourceOf(ReleaseObject item) =>
        Annotation(item, BundleConventions.FromEnvironment) ?? Annotation(item, BundleConventions.Generated);

    private static string? Annotation(ReleaseObject item, string name) =>
        item.Id.Kind == "Secret" ? (string?)item.Content["metadata"]?["annotations"]?[name] : null;

    private static IEnumerable<KeyValuePair<string, string>> Sources(ReleaseObject item) =>
        Annotation(item, BundleConventions.FromEnvironment) is not { } text ? []
        : Parse(text) is JsonObject map && map.Count > 0 && map.All(pair => IsText(pair.Value))
            ? map.Select(pair => KeyValuePair.Create(pair.Key, (string)pair.Value!))
            : throw Malformed(item, BundleConventions.FromEnvironment, "a JSON object of strings");

    private static IEnumerable<string> GeneratedKeys(ReleaseObject item) =>
        Annotation(item, BundleConventions.Generated) is not { } text ? []
        : Parse(text) is JsonArray keys && keys.All(IsText)
            ? keys.Select(key => (string)key!)
            : throw Malformed(item, BundleConventions.Generated, "a JSON array of strings");

    private static bool IsText(JsonNode? value) => value?.GetValueKind() == JsonValueKind.String;

    private static JsonNode? Parse(string text)
    {
        try
        {
            return JsonNode.Parse(text);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static DiagnosticException Malformed(ReleaseObject item, string annotation, string expected) => new(
        DiagnosticDescriptors.BadFromEnvironment.Because($"{item.Id}: the annotation {annotation} is not {expected}.", new SourceLocation(item.Path)));
}
