namespace KubeApps.Cli.Rendering;

/// <summary>Tables without lines, as kubectl prints them: every column as wide as its widest cell.</summary>
internal static class PlainTable
{
    private const int Gap = 3;

    public static IEnumerable<string> Of(string[] header, IEnumerable<string[]> rows)
    {
        List<string[]> all = [header, .. rows];
        var widths = Enumerable.Range(0, header.Length).Select(column => all.Max(row => row[column].Length) + Gap).ToArray();
        return all.Select(row => string.Concat(row.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd());
    }
}
