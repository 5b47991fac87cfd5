using KubeApps.Cli.Actions;

namespace KubeApps.Cli.Tests.Actions;

/// <summary>What a runner of GitHub Actions makes of files and lines, in the way of its own code (github.com/actions/runner).</summary>
internal static class Runner
{
    private static readonly string[] Commands =
        ["group", "endgroup", "error", "warning", "notice", "debug", "add-mask", "stop-commands", "set-output", "save-state", "set-env", "add-path", "echo"];

    /// <summary>The outputs in a file; an error where the runner fails the step.</summary>
    public static Dictionary<string, string> Outputs(string file)
    {
        var values = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        var lines = new Queue<string>(File.ReadAllText(file).Split('\n').SkipLast(1));
        while (lines.TryDequeue(out var line))
        {
            if (line.Length == 0)
                continue;
            var (equals, heredoc) = (line.IndexOf('=', StringComparison.Ordinal), line.IndexOf("<<", StringComparison.Ordinal));
            if (equals >= 0 && (heredoc < 0 || equals < heredoc))
            {
                values[line[..equals]] = line[(equals + 1)..];
                continue;
            }

            Assert.True(heredoc > 0, $"Invalid format '{line}'.");
            var (name, delimiter) = (line[..heredoc], line[(heredoc + 2)..]);
            var value = new List<string>();
            while (lines.Dequeue() is var next && next != delimiter)
                value.Add(next);
            values[name] = string.Join('\n', value);
        }

        return values;
    }

    /// <summary>The lines that a runner obeys; it reads both kinds of ends of lines.</summary>
    public static IReadOnlyList<string> Obeyed(string text)
    {
        var lines = new List<string>();
        using var reader = new StringReader(text);
        while (reader.ReadLine() is { } line)
            if (CommandIn(line) is { } command && Commands.Contains(command, StringComparer.OrdinalIgnoreCase))
                lines.Add(line);
        return lines;
    }

    public static string Log(Action<WorkflowLog> write)
    {
        using var text = new StringWriter { NewLine = "\n" };
        using var log = new WorkflowLog(text);
        write(log);
        log.EndLine();
        return text.ToString();
    }

    private static string? CommandIn(string line)
    {
        var text = line.TrimStart();
        if (text.StartsWith("::", StringComparison.Ordinal) && text.IndexOf("::", 2, StringComparison.Ordinal) is > 0 and var end)
            return text[2..end].Split(' ')[0];
        var older = line.IndexOf("##[", StringComparison.Ordinal);
        return older >= 0 && line.IndexOf(']', older) is > 0 and var close ? line[(older + 3)..close].Split(' ')[0] : null;
    }
}
