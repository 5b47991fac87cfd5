namespace KubeApps.Cli.Rendering;

/// <summary>Rows as RFC 4180 has them. A cell never begins as a formula does: who opens the file in a spreadsheet must not run what somebody wrote into a record.</summary>
internal static class Csv
{
    public static void Write(TextWriter output, IEnumerable<IReadOnlyList<string?>> rows)
    {
        foreach (var row in rows)
        {
            output.Write(string.Join(',', row.Select(cell => Cell(cell ?? ""))));
            output.Write("\r\n");
        }
    }

    private static string Cell(string text)
    {
        // Control characters, line breaks too, are written as their numbers: one row stays one line for whoever reads lines.
        var safe = Events.Printable.Of(text);
        if (safe.TrimStart() is [var first, ..] && first is '=' or '+' or '-' or '@' or '＝' or '＋' or '－' or '＠')
            safe = "'" + safe;
        return safe.AsSpan().ContainsAny(',', '"') || safe.Trim() != safe ? $"\"{safe.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : safe;
    }
}
