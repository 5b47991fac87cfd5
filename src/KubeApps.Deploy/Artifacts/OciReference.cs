using System.Text.RegularExpressions;

namespace KubeApps.Deploy.Artifacts;

/// <summary>Where a bundle is in a registry: <c>oci://REGISTRY/REPOSITORY@sha256:…</c>, or by a tag.</summary>
/// <param name="Host">The registry, with its port.</param>
/// <param name="Repository">The path in it.</param>
/// <param name="Tag">What a person calls it; the registry says what that is today.</param>
/// <param name="Digest">What it is for ever; it wins over the tag.</param>
internal sealed partial record OciReference(string Host, string Repository, string? Tag, string? Digest)
{
    public const string Scheme = "oci://";

    /// <summary>The digest where it is known, else the tag: what the registry is asked for.</summary>
    public string Wanted => Digest ?? Tag!;

    public static bool IsOne(string text) => text.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase);

    /// <summary>The parts of a reference, or null when it is none: neither tag nor digest, or letters that cannot be there.</summary>
    public static OciReference? TryParse(string text)
    {
        if (!IsOne(text) || Form().Match(text[Scheme.Length..]) is not { Success: true } match)
            return null;
        return new OciReference(match.Groups["host"].Value, match.Groups["path"].Value, Part("tag"), Part("digest"));

        string? Part(string name) => match.Groups[name] is { Success: true, Value: var value } ? value : null;
    }

    public override string ToString() => $"{Scheme}{Host}/{Repository}{(Digest is not null ? $"@{Digest}" : $":{Tag}")}";

    // The grammar of the distribution specification.
    // https://github.com/opencontainers/distribution-spec/blob/v1.1.0/spec.md#pulling-manifests
    [GeneratedRegex(
        @"\A(?<host>[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::[0-9]{1,5})?)/(?<path>[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*)(?!\z)(?::(?<tag>[A-Za-z0-9_][A-Za-z0-9._-]{0,127}))?(?:@(?<digest>sha256:[0-9a-f]{64}))?\z",
        RegexOptions.CultureInvariant)]
    private static partial Regex Form();
}
