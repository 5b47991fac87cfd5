namespace KubeApps.Sandbox.Api;

/// <summary>The random end of a generated name: five characters of Kubernetes' alphabet, which can form no words.</summary>
internal static class NameSuffix
{
    private const string Alphabet = "bcdfghjklmnpqrstvwxz2456789";
    private const int Length = 5;
    private const int LongestName = 63;

    public static string Append(string prefix)
    {
        if (prefix.Length > LongestName - Length)
            prefix = prefix[..(LongestName - Length)];
        return prefix + new string(Random.Shared.GetItems<char>(Alphabet, Length));
    }
}
