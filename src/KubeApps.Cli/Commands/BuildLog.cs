using System.Text.Json.Nodes;
using KubeApps.Cli.Actions;
using KubeApps.Cli.Rendering;
using KubeApps.Diagnostics;
using KubeApps.Events;

namespace KubeApps.Cli.Commands;

/// <summary>Tells the build what happens, one JSON object a line: the narrative as <c>note</c>, failures as <c>diagnostics</c>.</summary>
internal sealed class BuildLog : IEventSink
{
    private readonly Lock _gate = new();
    private readonly TextWriter _output;
    private readonly StringWriter _text = new();
    private readonly PlainRenderer _plain;

    public BuildLog(TextWriter output)
    {
        _output = output;
        // The build shows notes as they are, and a runner of GitHub Actions may read its log.
        _plain = new PlainRenderer(output is WorkflowLog ? new WorkflowLog(_text) : _text);
    }

    /// <summary>Whether an error was told.</summary>
    public bool HasErrors { get; private set; }

    public void Publish(DeployEvent deployEvent)
    {
        if (deployEvent is DeployEvent.DiagnosticRaised raised)
        {
            Write([raised.Diagnostic]);
            return;
        }

        lock (_gate)
        {
            _plain.Publish(deployEvent);
            var note = _text.ToString().TrimEnd();
            _text.GetStringBuilder().Clear();
            if (note.Length > 0)
                WriteLine(new JsonObject { ["note"] = note });
        }
    }

    public void Write(IReadOnlyList<Diagnostic> diagnostics)
    {
        HasErrors |= diagnostics.Any(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error);
        WriteLine(new JsonObject { ["diagnostics"] = JsonNode.Parse(DiagnosticJson.Write(diagnostics)) });
    }

    /// <summary>Where the bundle is now.</summary>
    public void WriteBundle(string reference) => WriteLine(new JsonObject { ["bundle"] = reference });

    public void WriteUrl(string url) => WriteLine(new JsonObject { ["url"] = url });

    private void WriteLine(JsonObject line)
    {
        lock (_gate)
        {
            _output.WriteLine(line.ToJsonString());
            _output.Flush();
        }
    }
}
