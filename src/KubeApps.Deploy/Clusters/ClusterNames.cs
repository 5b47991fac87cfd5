using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace KubeApps.Deploy.Clusters;

/// <summary>How clusters are called: <c>shop-prod-3</c>.</summary>
internal static class ClusterNames
{
    // A DNS label; the end is for the number.
    private const int Longest = 63;
    private const int LongestStem = Longest - 7;
    private const int HashLength = 8;

    /// <summary>The name of an owner's next cluster.</summary>
    /// <param name="owner">Whose it will be.</param>
    /// <param name="taken">The names of all clusters there are, whoever owns them.</param>
    public static string Next(ClusterOwner owner, IEnumerable<string> taken)
    {
        var stem = Stem(owner);
        var last = taken.Select(name => Number(stem, name)).OfType<int>().DefaultIfEmpty(0).Max();
        return string.Create(CultureInfo.InvariantCulture, $"{stem}-{last + 1}");
    }

    /// <summary>Whether a name can be a cluster's, a folder's and a DNS label.</summary>
    public static bool IsValid(string name) =>
        name is { Length: > 0 and <= Longest } && name.All(IsPlain) && name[0] != '-' && name[^1] != '-';

    /// <summary>Whether a cluster of that name can be the owner's, by the name alone.</summary>
    public static bool IsOf(ClusterOwner owner, string name) => NumberOf(owner, name) is not null;

    /// <summary>The how-manieth of the owner's clusters a name says it is; null where it was given another kind of name.</summary>
    public static int? NumberOf(ClusterOwner owner, string name) => Number(Stem(owner), name);

    /// <summary>What the names of an owner's clusters begin with.</summary>
    public static string Stem(ClusterOwner owner)
    {
        var stem = new string([.. $"{owner.App}-{owner.Environment}".ToLowerInvariant().Select(letter => IsPlain(letter) ? letter : '-')]);
        if (stem.Length <= LongestStem)
            return stem;
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{owner.App}/{owner.Environment}")))[..HashLength];
        return $"{stem[..(LongestStem - HashLength - 1)].TrimEnd('-')}-{hash}";
    }

    private static int? Number(string stem, string name) =>
        name.StartsWith(stem + "-", StringComparison.Ordinal) && int.TryParse(name.AsSpan(stem.Length + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : null;

    private static bool IsPlain(char letter) => char.IsAsciiLetterLower(letter) || char.IsAsciiDigit(letter) || letter == '-';
}
