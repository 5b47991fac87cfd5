using System.Text;

namespace KubeApps.Cli.Actions;

/// <summary>
/// A stream that a runner of GitHub Actions reads. It obeys what looks like a command of its own: <c>::name::</c> at the beginning of a line, and
/// <c>##[name]</c> anywhere in one. What apps, programs and clusters say passes through here and must only be shown, so such lines are
/// changed a little; what we command goes out by <see cref="Command"/> alone.
/// </summary>
/// <remarks>https://github.com/actions/runner/blob/main/src/Runner.Common/ActionCommand.cs</remarks>
internal sealed class WorkflowLog(TextWriter output) : TextWriter
{
    private const string Begin = "::";
    private const string Older = "##[";

    private readonly Lock _gate = new();
    private readonly StringBuilder _line = new();

    public override Encoding Encoding => output.Encoding;

    /// <summary>Whether a runner would obey a line of this text.</summary>
    public static bool IsObeyed(string text) =>
        text.Contains(Older, StringComparison.Ordinal) || text.Split('\n', '\r').Any(line => line.AsSpan().TrimStart().StartsWith(Begin));

    /// <summary>The line as it may be shown.</summary>
    public static string Shown(string line)
    {
        var text = line.Replace(Older, "## [", StringComparison.Ordinal);
        var indent = text.Length - text.AsSpan().TrimStart().Length;
        return text.AsSpan(indent).StartsWith(Begin) ? $"{text[..indent]}| {text[indent..]}" : text;
    }

    /// <summary>A command to the runner.</summary>
    public void Command(string name, string data, params IEnumerable<(string Name, string Value)> properties)
    {
        var text = new StringBuilder(Begin).Append(name);
        foreach (var (index, (property, value)) in properties.Index())
            text.Append(index == 0 ? ' ' : ',').Append(property).Append('=').Append(Property(value));
        lock (_gate)
        {
            EndLine();
            output.WriteLine(text.Append(Begin).Append(Data(data)));
            output.Flush();
        }
    }

    /// <summary>Writes what no end of a line came for.</summary>
    public void EndLine()
    {
        lock (_gate)
            if (_line.Length > 0)
                WriteLine("");
    }

    public override void Write(char value)
    {
        lock (_gate)
        {
            if (value != '\n')
            {
                _line.Append(value);
                return;
            }

            var line = _line is [.., '\r'] ? _line.ToString(0, _line.Length - 1) : _line.ToString();
            _line.Clear();
            // A return by itself ends a line for the runner, too.
            output.WriteLine(string.Join('\r', line.Split('\r').Select(Shown)));
        }
    }

    public override void Write(char[] buffer, int index, int count)
    {
        lock (_gate)
            foreach (var letter in buffer.AsSpan(index, count))
                Write(letter);
    }

    public override void Write(string? value)
    {
        lock (_gate)
            foreach (var letter in value ?? "")
                Write(letter);
    }

    public override void WriteLine(string? value)
    {
        lock (_gate)
        {
            Write(value);
            Write('\n');
        }
    }

    public override void Flush() => output.Flush();

    // As the runner undoes it: a command is one line. https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands
    private static string Data(string text) =>
        text.Replace("%", "%25", StringComparison.Ordinal).Replace("\r", "%0D", StringComparison.Ordinal).Replace("\n", "%0A", StringComparison.Ordinal);

    private static string Property(string text) =>
        Data(text).Replace(":", "%3A", StringComparison.Ordinal).Replace(",", "%2C", StringComparison.Ordinal);
}
