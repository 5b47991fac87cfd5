using System.Diagnostics;
using System.Text.RegularExpressions;
using KubeApps.Bundles;

namespace KubeApps.Deploy.Images;

/// <summary>How the pushes of one image went, one after the other: how long they took, and which layers were sent as far as the builder tells.</summary>
internal sealed partial class PushLog
{
    private readonly Dictionary<string, bool> _sent = new(StringComparer.Ordinal);
    private long? _began;
    private TimeSpan? _elapsed;

    /// <summary>A push begins, unless one is under way.</summary>
    public void Begin() => _began ??= Stopwatch.GetTimestamp();

    /// <summary>The push that is under way is over.</summary>
    public void End()
    {
        if (_began is { } began)
            _elapsed = (_elapsed ?? TimeSpan.Zero) + Stopwatch.GetElapsedTime(began);
        _began = null;
    }

    /// <summary>A line of what the SDK says, in English. It builds and pushes in one go: what it says of the first layer is where the push begins.</summary>
    public void Take(string line)
    {
        if (LayerLine().Match(line) is not { Success: true } match)
            return;
        Begin();
        // One that another platform's image had sent is there for this one.
        _sent.TryAdd(match.Groups["digest"].Value, match.Groups["sent"].Success);
    }

    /// <summary>What it comes to. Layers of which a builder says nothing that tells of others are of a platform whose image was there.</summary>
    public PublishedImage Of(string name, string image, bool wasThere, IEnumerable<(string Digest, long Size)> layers) => new(
        name, image, wasThere,
        [.. layers.Select(layer => new ImageLayer(layer.Digest, layer.Size, wasThere ? false : _sent.Count == 0 ? null : _sent.GetValueOrDefault(layer.Digest)))])
    {
        PushSeconds = _elapsed?.TotalSeconds,
    };

    [GeneratedRegex(@"\b((?<sent>Uploading layer)|Layer) '(?<digest>sha256:[0-9a-f]{64})'", RegexOptions.CultureInvariant)]
    private static partial Regex LayerLine();
}
