namespace KubeApps.Deploy.Planning.Fields;

/// <summary>What lines of a text differ, so that one changed line of a configuration file does not show the whole file twice.</summary>
internal static class LineDiff
{
    // Beyond this the whole middle is told as removed and added: the table grows with the product.
    private const int LongestMiddle = 1000;

    /// <summary>The lines that are gone ('-') and new ('+'), in their order.</summary>
    public static IReadOnlyList<(char Sign, string Line)> Of(string old, string wanted)
    {
        var (before, after) = (old.Split('\n'), wanted.Split('\n'));
        var start = 0;
        while (start < Math.Min(before.Length, after.Length) && before[start] == after[start])
            start++;
        var end = 0;
        while (end < Math.Min(before.Length, after.Length) - start && before[^(end + 1)] == after[^(end + 1)])
            end++;
        var (removed, added) = (before[start..^end], after[start..^end]);
        return removed.Length <= LongestMiddle && added.Length <= LongestMiddle ? Middle(removed, added)
            : [.. removed.Select(line => ('-', line)), .. added.Select(line => ('+', line))];
    }

    private static List<(char Sign, string Line)> Middle(string[] old, string[] wanted)
    {
        // The longest common part of the rests, from the end.
        var common = new int[old.Length + 1, wanted.Length + 1];
        for (var i = old.Length - 1; i >= 0; i--)
            for (var j = wanted.Length - 1; j >= 0; j--)
                common[i, j] = old[i] == wanted[j] ? common[i + 1, j + 1] + 1 : Math.Max(common[i + 1, j], common[i, j + 1]);
        var lines = new List<(char, string)>();
        var (at, to) = (0, 0);
        while (at < old.Length || to < wanted.Length)
            if (at < old.Length && to < wanted.Length && old[at] == wanted[to])
                (at, to) = (at + 1, to + 1);
            else if (to == wanted.Length || (at < old.Length && common[at + 1, to] >= common[at, to + 1]))
                lines.Add(('-', old[at++]));
            else
                lines.Add(('+', wanted[to++]));
        return lines;
    }
}
