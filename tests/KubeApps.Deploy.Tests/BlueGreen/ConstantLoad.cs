using System.Collections.Concurrent;
using System.Diagnostics;

namespace KubeApps.Deploy.Tests.BlueGreen;

/// <summary>Asks each address all the time: with a new connection for each request, and over one that is kept.</summary>
internal sealed class ConstantLoad : IAsyncDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);

    private readonly long _began = Stopwatch.GetTimestamp();
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentQueue<Answer> _answers = [];
    private readonly ConcurrentQueue<string> _failures = [];
    private readonly ConcurrentQueue<(TimeSpan At, string What)> _notes = [];
    private readonly List<Task> _running = [];

    public ConstantLoad(IReadOnlyList<string> urls)
    {
        foreach (var url in urls)
            foreach (var isKept in (bool[])[true, false])
                _running.Add(AskAsync(url, isKept));
    }

    /// <summary>What was lost, and when.</summary>
    public IReadOnlyCollection<string> Failures => _failures;

    public void Note(string what) => _notes.Enqueue((Stopwatch.GetElapsedTime(_began), what));

    /// <summary>Goes on until something was asked for, on new and on kept connections, so long after what was noted last.</summary>
    public async Task StopAsync(TimeSpan drainLimit)
    {
        while (_answers.Where(answer => answer.At > _notes.Last().At + drainLimit).Select(answer => answer.IsKept).Distinct().Count() < 2)
            await Task.Delay(Pause);
        await StopAsync();
    }

    /// <summary>
    /// The versions (ReplicaSets) that answered on new connections, one for each time between two switches. A request counts that began and ended in
    /// it: one that began before a switch may be led to either version. For so long after a switch is done the version before may answer still.
    /// </summary>
    public IReadOnlyList<string> Versions(TimeSpan drainLimit)
    {
        var versions = new List<string>();
        var from = TimeSpan.Zero;
        foreach (var (until, _) in _notes.Where(note => note.What == "switching").Append((Stopwatch.GetElapsedTime(_began), "")))
        {
            var answers = _answers.Where(answer => !answer.IsKept && answer.At >= from && answer.Until < until).GroupBy(answer => answer.Version).ToList();
            Assert.True(answers.Count == 1, $"Between {from} and {until}: " + string.Join(", ", answers.Select(group =>
                $"{group.Key} {group.Count()} times from {group.Min(answer => answer.At)} to {group.Max(answer => answer.Until)}")));
            versions.Add(answers[0].Key);
            from = _notes.FirstOrDefault(note => note.What == "switched" && note.At >= until).At + drainLimit;
        }

        return versions;
    }

    /// <summary>
    /// A connection that is kept may stay with its pod as long as that lives. Nothing that was asked for on it is answered by a version whose retirement is
    /// done, or began longer ago than the drain limit.
    /// </summary>
    public void RequireRetired(IReadOnlyList<string> versions, TimeSpan drainLimit)
    {
        var retirements = Noted("retiring").Zip(Noted("retired"), (began, ended) => began + drainLimit < ended ? began + drainLimit : ended).ToList();
        Assert.Equal(versions.Count - 1, retirements.Count);
        foreach (var (version, limit) in versions.Zip(retirements))
        {
            Assert.Contains(_answers, answer => answer.IsKept && answer.Version == version);
            var late = _answers.Where(answer => answer.Version == version && answer.At > limit).ToList();
            Assert.True(late.Count == 0, $"{version}, which was to be gone after {limit}, answered {late.Count} times, also what was asked for at {late.LastOrDefault()?.At}");
        }

        IEnumerable<TimeSpan> Noted(string what) => _notes.Where(note => note.What == what).Select(note => note.At);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _stop.Dispose();
    }

    private async Task AskAsync(string url, bool isKept)
    {
        // A connection that is kept is one that users' browsers have: the app may close it, and it is opened again.
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false, MaxConnectionsPerServer = 1 });
        http.DefaultRequestHeaders.ConnectionClose = !isKept;
        while (!_stop.IsCancellationRequested)
        {
            var at = Stopwatch.GetElapsedTime(_began);
            try
            {
                var answer = await http.GetStringAsync(url);
                _answers.Enqueue(new Answer(at, Stopwatch.GetElapsedTime(_began), answer["hello from ".Length..], isKept));
            }
            catch (HttpRequestException failure)
            {
                _failures.Enqueue($"{at.TotalSeconds:0.000} s, {url}, {(isKept ? "kept" : "new")} connection: {failure.Message} {failure.InnerException?.Message}");
            }

            await Task.Delay(Pause);
        }
    }

    private async Task StopAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_running);
    }

    private sealed record Answer(TimeSpan At, TimeSpan Until, string Pod, bool IsKept)
    {
        /// <summary>The ReplicaSet.</summary>
        public string Version => Pod[..Pod.LastIndexOf('-')];
    }
}
