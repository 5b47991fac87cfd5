using System.Globalization;

namespace KubeApps.Deploy.Fleet;

/// <summary>How far one of many is.</summary>
internal enum FleetItemState
{
    Waiting,
    Running,
    Done,
    Failed,
}

/// <summary>So many, before more begin: a number of them, or a share of all.</summary>
internal readonly record struct FleetWave(int Number, bool IsPercent)
{
    /// <summary>How many of so many: at least one.</summary>
    public int Of(int count) => IsPercent ? Math.Max(1, (int)(((long)count * Number + 99) / 100)) : Number;

    /// <summary>Reads <c>1,10%</c>; null where it is none.</summary>
    public static IReadOnlyList<FleetWave>? Parse(string text)
    {
        var waves = new List<FleetWave>();
        foreach (var part in text.Split(','))
        {
            var isPercent = part.EndsWith('%');
            if (!int.TryParse(isPercent ? part[..^1] : part, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number < 1 || (isPercent && number > 100))
                return null;
            waves.Add(new FleetWave(number, isPercent));
        }

        return waves;
    }
}

/// <summary>In which order many apps are worked on, how many at once, and when it is enough. Pure.</summary>
internal sealed record FleetOrder
{
    public const int DefaultParallel = 16;

    /// <summary>One app, then a tenth of all, then the rest.</summary>
    public static readonly IReadOnlyList<FleetWave> Canary = [new(1, false), new(10, true)];

    /// <summary>Who comes first; a wave begins when the one before it has ended. All others come in one last wave.</summary>
    public IReadOnlyList<FleetWave> Waves { get; init; } = [];

    /// <summary>After so many failures nothing more begins; what runs goes on to its end. Null: whatever fails.</summary>
    public int? MostFailures { get; init; }

    /// <summary>How many at once.</summary>
    public int Parallel { get; init; } = DefaultParallel;

    /// <summary>How long one may take; null: as long as it takes.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>How many are in each wave, in order.</summary>
    public IReadOnlyList<int> Sizes(int count)
    {
        var sizes = new List<int>();
        var left = count;
        foreach (var wave in Waves.TakeWhile(_ => left > 0))
        {
            sizes.Add(Math.Min(left, wave.Of(count)));
            left -= sizes[^1];
        }

        return left > 0 ? [.. sizes, left] : sizes;
    }

    /// <summary>In which wave each is, from 1.</summary>
    public IEnumerable<int> Numbers(int count) => Sizes(count).SelectMany((size, wave) => Enumerable.Repeat(wave + 1, size));

    /// <summary>Whether so much failed that nothing more begins.</summary>
    public bool HasStopped(IReadOnlyList<FleetItemState> states) => MostFailures is { } most && states.Count(state => state == FleetItemState.Failed) >= most;

    /// <summary>Who begins now.</summary>
    public IReadOnlyList<int> Next(IReadOnlyList<FleetItemState> states)
    {
        if (HasStopped(states))
            return [];
        var first = 0;
        foreach (var size in Sizes(states.Count))
        {
            var wave = Enumerable.Range(first, size).ToList();
            if (wave.Any(index => states[index] is FleetItemState.Waiting or FleetItemState.Running))
                return [.. wave.Where(index => states[index] == FleetItemState.Waiting).Take(Parallel - wave.Count(index => states[index] == FleetItemState.Running))];
            first += size;
        }

        return [];
    }
}
