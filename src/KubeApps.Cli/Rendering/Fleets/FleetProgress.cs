using System.Collections.Concurrent;
using KubeApps.Deploy.Fleet;
using KubeApps.Diagnostics;
using KubeApps.Events;
using Spectre.Console;

namespace KubeApps.Cli.Rendering.Fleets;

/// <summary>
/// The narrative of work on many at once. Of what each says, that is shown which is worth a line among many: on a terminal when all is done, below the
/// live rows, elsewhere as it comes.
/// </summary>
internal sealed class FleetProgress : IDisposable
{
    private readonly IReadOnlyList<string> _titles;
    private readonly EventRenderer _lines;
    private readonly FleetScreen? _screen;
    private readonly ConcurrentQueue<DeployEvent> _held = new();
    private readonly ConcurrentDictionary<(int?, Diagnostic), bool> _reported = new();

    /// <param name="terminal">Where it is told.</param>
    /// <param name="what">What is counted: <c>clusters read</c>.</param>
    /// <param name="titles">What each is called, in their order.</param>
    public FleetProgress(Terminal terminal, string what, IReadOnlyList<string> titles)
    {
        _titles = titles;
        _lines = terminal.Step?.Events() ?? terminal.Lines();
        _screen = terminal.Narrative != Narrative.Live ? null
            : new FleetScreen(AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(terminal.Error) }), what, titles, terminal.Clock);
    }

    public void Tell(int index, FleetItemState state) => _screen?.Tell(index, state);

    /// <summary>What one of them says, or (null) what is said of all.</summary>
    public IEventSink SinkOf(int? index) => new Sink(this, index);

    public void Dispose()
    {
        _screen?.Dispose();
        foreach (var held in _held)
            _lines.Publish(held);
        _lines.Dispose();
    }

    private void Take(int? index, DeployEvent deployEvent)
    {
        string Titled(string text) => index is { } place ? $"{_titles[place]}: {text}" : text;
        switch (deployEvent)
        {
            case DeployEvent.SecretsLearned:
                _lines.Publish(deployEvent);
                break;
            case DeployEvent.StepStarted step when index is { } place:
                _screen?.Say(place, step.Title);
                break;
            case DeployEvent.WorkloadFailed failed:
                _reported.TryAdd((index, failed.Report.ToDiagnostic()), true);
                Show(new DeployEvent.Note(Titled(failed.Report.ToString())));
                break;
            // The report has said it, and more.
            case DeployEvent.DiagnosticRaised raised when _reported.TryAdd((index, raised.Diagnostic), true):
                Show(new DeployEvent.DiagnosticRaised(raised.Diagnostic with { Cause = Titled(raised.Diagnostic.Cause) }));
                break;
            case DeployEvent.Note note:
                Show(new DeployEvent.Note(Titled(note.Text)));
                break;
        }
    }

    private void Show(DeployEvent deployEvent)
    {
        if (_screen is null)
            _lines.Publish(deployEvent);
        else
            _held.Enqueue(deployEvent);
    }

    private sealed class Sink(FleetProgress progress, int? index) : IEventSink
    {
        public void Publish(DeployEvent deployEvent) => progress.Take(index, deployEvent);
    }
}
