using System.Collections.Concurrent;

namespace KubeApps.Deploy.Clusters.Eks;

/// <summary>What AWS answers alike to all of an account in a region, asked once for all who want to know it at about the same time: a fleet has many clusters.</summary>
internal sealed class EksMemory(TimeProvider clock)
{
    private static readonly TimeSpan Fresh = TimeSpan.FromMinutes(5);

    private readonly ConcurrentDictionary<string, Answer> _answers = new(StringComparer.Ordinal);

    /// <param name="question">What is asked.</param>
    /// <param name="ask">Asks it. Who waits meanwhile asks anew where that fails, or is ended.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public async Task<T> OnceAsync<T>(string question, Func<Task<T>> ask, CancellationToken cancellationToken)
        where T : class
    {
        var answer = _answers.GetOrAdd(question, _ => new Answer());
        await answer.Turn.WaitAsync(cancellationToken);
        try
        {
            if (answer.Value is not T known || clock.GetElapsedTime(answer.At) > Fresh)
                (answer.Value, answer.At) = (known = await ask(), clock.GetTimestamp());
            return known;
        }
        finally
        {
            answer.Turn.Release();
        }
    }

    private sealed class Answer
    {
        public readonly SemaphoreSlim Turn = new(1);
        public object? Value;
        public long At;
    }
}
