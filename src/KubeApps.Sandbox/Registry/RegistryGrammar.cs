using System.Buffers;

namespace KubeApps.Sandbox.Registry;

/// <summary>
/// The names that the OCI distribution specification allows. Whatever passes here can neither leave a folder nor hide a second name.
/// </summary>
internal static class RegistryGrammar
{
    private const int LongestName = 255;
    private const int LongestTag = 128;
    private const string Sha256 = "sha256:";

    private static readonly SearchValues<char> Alphanumeric = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789");
    private static readonly SearchValues<char> Hexadecimal = SearchValues.Create("0123456789abcdef");

    private static readonly SearchValues<char> TagCharacters =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-");

    /// <summary>Lower-case path components, each of letters and digits joined by <c>.</c>, <c>_</c>, <c>__</c> or dashes.</summary>
    public static bool IsRepository(ReadOnlySpan<char> name)
    {
        if (name.Length is 0 or > LongestName)
            return false;
        foreach (var component in name.Split('/'))
            if (!IsComponent(name[component]))
                return false;
        return true;
    }

    public static bool IsTag(ReadOnlySpan<char> tag) =>
        tag.Length is > 0 and <= LongestTag && tag[0] is not ('.' or '-') && !tag.ContainsAnyExcept(TagCharacters);

    /// <summary>The one algorithm that this registry stores by.</summary>
    public static bool IsDigest(ReadOnlySpan<char> digest) =>
        digest.StartsWith(Sha256, StringComparison.Ordinal) && digest.Length == Sha256.Length + 64
        && !digest[Sha256.Length..].ContainsAnyExcept(Hexadecimal);

    public static bool IsUploadId(ReadOnlySpan<char> id) => id.Length == 32 && !id.ContainsAnyExcept(Hexadecimal);

    private static bool IsComponent(ReadOnlySpan<char> component)
    {
        while (true)
        {
            var letters = component.IndexOfAnyExcept(Alphanumeric);
            if (letters < 0)
                return component.Length > 0;
            if (letters == 0)
                return false;
            component = component[letters..];
            var separator = component.IndexOfAny(Alphanumeric);
            if (separator < 0 || !IsSeparator(component[..separator]))
                return false;
            component = component[separator..];
        }
    }

    private static bool IsSeparator(ReadOnlySpan<char> text) => text is "." or "_" or "__" || text.IndexOfAnyExcept('-') < 0;
}
