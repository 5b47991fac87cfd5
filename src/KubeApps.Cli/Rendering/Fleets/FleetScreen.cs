using KubeApps.Deploy.Fleet;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace KubeApps.Cli.Rendering.Fleets;

/// <summary>On a terminal, while a fleet is worked on: how many are done, and a row for each that runs. It is gone when all is done: what was found is data.</summary>
internal sealed class FleetScreen : IDisposable
{
    // More would not fit below each other, and nobody reads them.
    private const int MostRows = 20;

    private static readonly TimeSpan Frame = TimeSpan.FromMilliseconds(120);

    private readonly Lock _gate = new();
    private readonly IAnsiConsole _console;
    private readonly TimeProvider _clock;
    private readonly string _what;
    private readonly IReadOnlyList<string> _titles;
    private readonly FleetItemState[] _states;
    private readonly long[] _since;
    private readonly string[] _said;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _drawing;

    /// <param name="console">Where it is drawn.</param>
    /// <param name="what">What is counted: <c>clusters read</c>.</param>
    /// <param name="titles">What each is called, in their order.</param>
    /// <param name="clock">The time.</param>
    public FleetScreen(IAnsiConsole console, string what, IReadOnlyList<string> titles, TimeProvider clock)
    {
        (_console, _what, _titles, _clock) = (console, what, titles, clock);
        _states = new FleetItemState[titles.Count];
        _since = new long[titles.Count];
        _said = new string[titles.Count];
        _drawing = DrawAsync();
    }

    public void Tell(int index, FleetItemState state)
    {
        lock (_gate)
            (_states[index], _since[index]) = (state, _clock.GetTimestamp());
    }

    /// <summary>What one of them does now.</summary>
    public void Say(int index, string text)
    {
        lock (_gate)
            _said[index] = text;
    }

    public void Dispose()
    {
        _stop.Cancel();
        _drawing.Wait();
        _stop.Dispose();
    }

    private async Task DrawAsync()
    {
        await Task.Yield();
        await _console.Live(new Text("")).AutoClear(true).StartAsync(async context =>
        {
            while (!_stop.IsCancellationRequested)
            {
                IRenderable now;
                lock (_gate)
                    now = Now();
                context.UpdateTarget(now);
                await Task.Delay(Frame, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        });
    }

    private Rows Now()
    {
        var failed = _states.Count(state => state == FleetItemState.Failed);
        var done = _states.Count(state => state == FleetItemState.Done);
        var running = Enumerable.Range(0, _states.Length).Where(index => _states[index] == FleetItemState.Running).OrderBy(index => _since[index]).ToList();
        var lines = new List<IRenderable> { new Markup($"[blue]•[/] {done} of {_states.Length} {_what.EscapeMarkup()}{(failed > 0 ? $", [red]{failed} failed[/]" : "")}") };
        lines.AddRange(running.Take(MostRows).Select(index => new Markup($"  {_titles[index].EscapeMarkup()} [grey]{Words.Seconds(_clock.GetElapsedTime(_since[index]))}  {(_said[index] ?? "").EscapeMarkup()}[/]")));
        if (running.Count > MostRows)
            lines.Add(new Markup($"  [grey]and {running.Count - MostRows} more[/]"));
        return new Rows(lines);
    }
}
