using System.Globalization;

namespace KubeApps.Cli.Tests;

/// <summary>What a person sees of what a program wrote to a terminal: enough of one for what the live rows use.</summary>
internal static class Screen
{
    public static IReadOnlyList<string> Of(string written)
    {
        var lines = new List<List<char>> { new() };
        var (row, column) = (0, 0);
        for (var at = 0; at < written.Length; at++)
        {
            switch (written[at])
            {
                case '\r':
                    column = 0;
                    break;
                case '\n':
                    (row, column) = (row + 1, 0);
                    if (row == lines.Count)
                        lines.Add([]);
                    break;
                case '\u001b':
                    var end = at + 2;
                    while (!char.IsAsciiLetter(written[end]))
                        end++;
                    Control(written[(at + 2)..end], written[end]);
                    at = end;
                    break;
                default:
                    while (lines[row].Count <= column)
                        lines[row].Add(' ');
                    lines[row][column++] = written[at];
                    break;
            }
        }

        return [.. lines.Select(line => string.Concat(line).TrimEnd()).Where(line => line.Length > 0)];

        void Control(string parameters, char command)
        {
            var number = int.TryParse(parameters, NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : 0;
            switch (command)
            {
                case 'A':
                    row = Math.Max(0, row - Math.Max(1, number));
                    break;
                case 'K' when number == 2:
                    lines[row].Clear();
                    break;
                case 'J' when number == 0:
                    lines[row].RemoveRange(Math.Min(column, lines[row].Count), Math.Max(0, lines[row].Count - column));
                    lines.RemoveRange(row + 1, lines.Count - row - 1);
                    break;
                case 'm' or 'h' or 'l':
                    break;
                default:
                    throw new NotSupportedException($"ESC[{parameters}{command}");
            }
        }
    }
}
