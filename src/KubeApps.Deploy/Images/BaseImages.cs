using System.Collections.Concurrent;
using KubeApps.Deploy.Aws.Ecr;
using KubeApps.Diagnostics;
using KubeApps.Events;

namespace KubeApps.Deploy.Images;

/// <summary>
/// What the names of base images stand for today: who keeps one moves its tag to each version with fixes, and what was built on the one before is to be built anew.
/// Each is asked for once, where it is pulled from.
/// </summary>
internal sealed class BaseImages(ImageTarget target, RegistryClient client, bool isDry, Func<string, string?> readVariable, TimeSpan limit, IEventSink sink)
{
    private readonly ConcurrentDictionary<string, Lazy<Task<string?>>> _places = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Lazy<Task<string?>>> _digests = new(StringComparer.Ordinal);

    /// <summary>Where the registry that images go to has it, where that caches it.</summary>
    public Task<string?> FindPlaceAsync(string image, CancellationToken cancellationToken) =>
        _places.GetOrAdd(image, _ => new(() => target.Registry.FindCachedAsync(image, isDry, cancellationToken))).Value;

    /// <summary>
    /// The name and what it stands for, a part of what a tag is made of: whichever registry's cache it comes through. One that its registry does not tell us goes by its
    /// name, with which no image is mistaken for one whose base is known.
    /// </summary>
    public async Task<string> IdentityAsync(string image, bool isCached, CancellationToken cancellationToken)
    {
        if (IsFixed(image))
            return image;
        return await FindDigestAsync(image, isCached, cancellationToken).ConfigureAwait(false) is { } digest ? $"{image}@{digest}" : $"{image} by its name";
    }

    /// <summary>Whether there is another image by this name than some time ago, maybe, and its registry is one that we can ask.</summary>
    public async Task<bool> CanMoveAsync(string image, CancellationToken cancellationToken) =>
        !IsFixed(image) && await FindDigestAsync(image, isCached: false, cancellationToken).ConfigureAwait(false) is not null;

    private static bool IsFixed(string image) => image.Contains('@', StringComparison.Ordinal);

    private Task<string?> FindDigestAsync(string image, bool isCached, CancellationToken cancellationToken) =>
        _digests.GetOrAdd(image, _ => new(() => AskAsync(image, isCached, cancellationToken))).Value;

    private async Task<string?> AskAsync(string image, bool isCached, CancellationToken cancellationToken)
    {
        try
        {
            if (isCached && await FindPlaceAsync(image, cancellationToken).ConfigureAwait(false) is { } place)
                return await FindAsync(client, place).ConfigureAwait(false);
            var (host, path) = EcrUpstream.Parse(image);
            if (host == target.Registry.Host)
                return await FindAsync(client, path).ConfigureAwait(false);
            // What opens the registry that images go to is not sent to any other.
            using var other = new RegistryClient(new ImageRegistry(host, "", null), name => IsLogin(name) ? null : readVariable(name), limit, isReadOnly: true);
            return await FindAsync(other, path).ConfigureAwait(false);
        }
        catch (DiagnosticException failure)
        {
            return Unknown(failure.Diagnostics[0].Cause);
        }

        async Task<string?> FindAsync(RegistryClient registry, string path)
        {
            var colon = path.LastIndexOf(':');
            return await registry.FindAsync(colon < 0 ? path : path[..colon], colon < 0 ? "latest" : path[(colon + 1)..], cancellationToken).ConfigureAwait(false) ?? Unknown("Its registry does not have it.");
        }

        string? Unknown(string cause)
        {
            sink.Publish(new DeployEvent.Note($"Which image {Printable.Line(image, 200)} is today is not known, so a newer one would not be noticed. {cause}"));
            return null;
        }
    }

    private static bool IsLogin(string variable) => variable.EndsWith("_UNAME", StringComparison.Ordinal) || variable.EndsWith("_PWORD", StringComparison.Ordinal);
}
