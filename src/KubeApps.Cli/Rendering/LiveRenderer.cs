using KubeApps.Diagnostics;
using KubeApps.Events;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace KubeApps.Cli.Rendering;

/// <summary>On a terminal: finished steps above, and below them a row for each workload that lives until it is done.</summary>
internal sealed class LiveRenderer : EventRenderer
{
    private static readonly TimeSpan Frame = TimeSpan.FromMilliseconds(120);

    private readonly Lock _gate = new();
    private readonly IAnsiConsole _console;
    private readonly TimeProvider _clock;
    private readonly Dictionary<(string, string, string), (DeployEvent.RolloutProgress Progress, long Since)> _rows = [];
    private readonly Queue<IRenderable> _above = [];
    private readonly HashSet<Diagnostic> _reported = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _drawing;
    private readonly List<Running> _steps = [];

    public LiveRenderer(TextWriter output, TimeProvider clock)
        : this(AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(output) }), clock)
    {
    }

    internal LiveRenderer(IAnsiConsole console, TimeProvider clock)
    {
        (_console, _clock) = (console, clock);
        _drawing = DrawAsync();
    }

    public override void Publish(DeployEvent deployEvent)
    {
        lock (_gate)
            Take(deployEvent);
    }

    public override void Dispose()
    {
        _stop.Cancel();
        _drawing.Wait();
        _stop.Dispose();
    }

    private void Take(DeployEvent deployEvent)
    {
        switch (deployEvent)
        {
            case DeployEvent.PlanReady plan:
                Above($"[bold]{plan.App.EscapeMarkup()}[/] ({plan.Environment.EscapeMarkup()}) on {plan.Target.EscapeMarkup()}{(plan.Steps.Count == 0 ? ": nothing to do" : "")}");
                break;
            case DeployEvent.StepStarted step:
                _steps.Add(new Running(step.StepId, step.Title, _clock.GetTimestamp()));
                _rows.Clear();
                break;
            case DeployEvent.StepSaid said when _steps.Find(step => step.Id == said.StepId) is { } speaking:
                speaking.Said = said.Line.Trim();
                break;
            case DeployEvent.StepFinished step:
                _steps.RemoveAll(item => item.Id == step.StepId);
                _rows.Clear();
                Above($"[green]✓[/] {step.Title.EscapeMarkup()} [grey]{step.Summary.EscapeMarkup()}, {Words.Seconds(step.Elapsed)}[/]");
                break;
            case DeployEvent.ResourceChanged { Change: not ResourceChange.Unchanged } change:
                Above($"  [grey]{change.Change.ToString().ToLowerInvariant(),-9}[/] {Words.Object(change.Kind, change.Namespace, change.Name).EscapeMarkup()}");
                break;
            case DeployEvent.RolloutProgress progress:
                var key = (progress.Kind, progress.Namespace, progress.Name);
                _rows[key] = (progress, _rows.TryGetValue(key, out var row) ? row.Since : _clock.GetTimestamp());
                break;
            case DeployEvent.CheckFinished check:
                Above($"  {(check.Passed ? "[green]✓[/]" : "[red]✗[/]")} [grey]{Words.Check(check).EscapeMarkup()}[/]");
                break;
            case DeployEvent.WorkloadFailed failed:
                _steps.Clear();
                _reported.Add(failed.Report.ToDiagnostic());
                Above($"[red]✗[/] {failed.Report.ToString().EscapeMarkup()}");
                break;
            case DeployEvent.DiagnosticRaised raised when _reported.Contains(raised.Diagnostic):
                break;
            case DeployEvent.DiagnosticRaised { Diagnostic: var diagnostic }:
                // What failed runs no more.
                if (diagnostic.Severity == DiagnosticSeverity.Error)
                    _steps.Clear();
                Above($"[{(diagnostic.Severity == DiagnosticSeverity.Error ? "red" : "yellow")}]{diagnostic.ToString().EscapeMarkup()}[/]");
                break;
            case DeployEvent.Note note:
                Above(note.Text.EscapeMarkup());
                break;
        }
    }

    private void Above(string markup) => _above.Enqueue(new LineAbove(new Markup(markup)));

    private async Task DrawAsync()
    {
        await Task.Yield();
        await _console.Live(new Text("")).AutoClear(true).StartAsync(async context =>
        {
            while (true)
            {
                Flush();
                IRenderable now;
                lock (_gate)
                    now = Now();
                context.UpdateTarget(now);
                if (_stop.IsCancellationRequested)
                    break;
                await Task.Delay(Frame, CancellationToken.None);
            }
        });
        Flush();
    }

    private void Flush()
    {
        while (true)
        {
            IRenderable? line;
            lock (_gate)
                if (!_above.TryDequeue(out line))
                    return;
            _console.Write(line);
        }
    }

    private Rows Now()
    {
        var lines = new List<IRenderable>();
        if (_stop.IsCancellationRequested)
            return new Rows(lines);
        foreach (var step in _steps)
            lines.Add(new Markup($"[blue]•[/] {step.Title.EscapeMarkup()} [grey]{Fit($"{Words.Seconds(_clock.GetElapsedTime(step.Since))}  {step.Said}", step.Title.Length + 4).EscapeMarkup()}[/]"));
        if (_rows.Count > 0)
        {
            var table = new Table().NoBorder().AddColumns("  WORKLOAD", "READY", "UPDATED", "AGE", "LAST EVENT");
            foreach (var (progress, since) in _rows.Values)
                table.AddRow(
                    new Text($"  {progress.Kind.ToLowerInvariant()}/{progress.Name}"), new Text($"{progress.Ready}/{progress.Desired}"), new Text($"{progress.Updated}"),
                    new Text(Words.Age(_clock.GetElapsedTime(since))), new Text(progress.LastEvent ?? ""));
            lines.Add(table);
        }

        return new Rows(lines);
    }

    // A row that wraps would jump; there is room for the ^C that a terminal shows behind it.
    private string Fit(string text, int used)
    {
        var room = Math.Max(8, _console.Profile.Width - used - 3);
        return text.Length <= room ? text : text[..(room - 1)] + "…";
    }

    /// <summary>A step that runs, beside others where they do not need one another, and what it said last.</summary>
    private sealed class Running(string id, string title, long since)
    {
        public string Id => id;

        public string Title => title;

        public long Since => since;

        public string Said { get; set; } = "";
    }

    /// <summary>
    /// A line in the place of the rows. It takes them off the screen itself, since the console only goes back to their beginning; and its line
    /// break belongs to the same write, since they are drawn again where that ends.
    /// </summary>
    private sealed class LineAbove(IRenderable line) : Renderable
    {
        protected override IEnumerable<Segment> Render(RenderOptions options, int maxWidth) =>
            [.. options.Ansi ? [Segment.Control("\u001b[0J")] : (Segment[])[], .. line.Render(options, maxWidth), Segment.LineBreak];
    }
}
