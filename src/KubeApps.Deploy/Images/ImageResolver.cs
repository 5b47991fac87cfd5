using System.Diagnostics;
using System.Globalization;
using KubeApps.Bundles;
using KubeApps.Diagnostics;
using KubeApps.Events;
using KubeApps.Rendering;

namespace KubeApps.Deploy.Images;

/// <summary>
/// Turns the images of a specification into digests. The registry is the oracle: an image whose content tag it has is neither built nor
/// sent. All images are tried, and all failures told. The registry is asked before anything is built, so that a wrong address costs nothing.
/// </summary>
internal sealed class ImageResolver(ImageTarget target, PublishRequest request, Func<string, string?> readVariable, IEventSink sink)
{
    private static readonly TimeSpan RequestLimit = TimeSpan.FromSeconds(30);

    public async Task<ImageSet> ResolveAsync(SpecDocument document, CancellationToken cancellationToken)
    {
        var images = document.Images().Where(image => image.Kind != ImageKind.Reference).ToList();
        if (images.Count == 0)
            return new ImageSet(new Dictionary<string, BundleImage>());

        using var client = new RegistryClient(target.Registry, readVariable, RequestLimit);
        await client.CheckAsync(cancellationToken).ConfigureAwait(false);
        var bases = new BaseImages(target, client, request.DryRun, readVariable, RequestLimit, sink);
        var sdk = new SdkImages(target, request, bases, readVariable, sink);
        var dockerfiles = new DockerfileImages(target, request, bases, sink);
        var work = images.Select(async image =>
        {
            var began = Stopwatch.GetTimestamp();
            var path = target.Registry.PathOf($"{document.App}/{image.Key}");
            if (!request.DryRun)
                await target.Registry.EnsureAsync(path, cancellationToken).ConfigureAwait(false);
            var log = new PushLog();
            var (tag, digest, wasThere) = image.Kind == ImageKind.Dockerfile
                ? await dockerfiles.ResolveAsync(client, image, path, log, cancellationToken).ConfigureAwait(false)
                : await sdk.ResolveAsync(client, image, path, log, cancellationToken).ConfigureAwait(false);
            var elapsed = Stopwatch.GetElapsedTime(began);
            var platforms = target.RuntimesOf(image).Select(ImageTarget.PlatformOf).Order(StringComparer.Ordinal).ToList();
            var bundled = new BundleImage($"{target.Registry.Host}/{path}", tag, digest, platforms);
            var published = digest is null ? null
                : log.Of(image.Key!, bundled.Reference, wasThere, await StoredLayers.ReadAsync(client, path, digest, cancellationToken).ConfigureAwait(false));
            sink.Publish(new DeployEvent.Note($"Image {image.Key}: " + (
                published is null ? $"would be built and pushed as {tag}."
                : wasThere ? $"the registry has it ({digest![..19]})."
                : $"pushed ({digest![..19]}, {published.Size()}, {Seconds(elapsed)} s{(published.Push() is { Length: > 0 } push ? $"; {push}" : "")}).")));
            // Also of one that was there: a run that was cut after its push has waited for nothing.
            if (digest is not null && !request.DryRun)
                await target.Registry.AwaitAsync(path, digest, cancellationToken).ConfigureAwait(false);
            return (image.Key, Image: bundled, Published: published);
        }).ToList();
        await ((Task)Task.WhenAll(work)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        var failures = work.Select(task => task.Exception?.InnerException).OfType<DiagnosticException>().SelectMany(failure => failure.Diagnostics).Distinct().ToList();
        if (failures.Count > 0 && !cancellationToken.IsCancellationRequested)
            throw new DiagnosticException(failures);
        var resolved = await Task.WhenAll(work).ConfigureAwait(false);
        return new ImageSet(resolved.ToDictionary(item => item.Key!, item => item.Image, StringComparer.Ordinal))
        {
            Published = [.. resolved.Select(item => item.Published).OfType<PublishedImage>().OrderBy(image => image.Name, StringComparer.Ordinal)],
        };
    }

    /// <summary>
    /// Pushes, and says what is there afterwards. Where tags do not change, who comes second at the same moment is refused; what is there then is as good.
    /// </summary>
    public static async Task<string> PushAsync(RegistryClient client, string path, string tag, Func<Task> push, CancellationToken cancellationToken)
    {
        try
        {
            await push().ConfigureAwait(false);
        }
        catch (DiagnosticException) when (!cancellationToken.IsCancellationRequested)
        {
            if (await TryFindAsync(client, path, tag, cancellationToken).ConfigureAwait(false) is { } present)
                return present;
            throw;
        }

        return await RequireAsync(client, path, tag, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>What a push left behind, or a diagnostic that it left nothing.</summary>
    public static async Task<string> RequireAsync(RegistryClient client, string path, string tag, CancellationToken cancellationToken) =>
        await client.FindAsync(path, tag, cancellationToken).ConfigureAwait(false)
        ?? throw new DiagnosticException(DiagnosticDescriptors.ImagePushFailed.Because($"{path}:{tag} was pushed, but the registry does not have it."));

    private static async Task<string?> TryFindAsync(RegistryClient client, string path, string tag, CancellationToken cancellationToken)
    {
        try
        {
            return await client.FindAsync(path, tag, cancellationToken).ConfigureAwait(false);
        }
        catch (DiagnosticException)
        {
            // Why the push failed says more.
            return null;
        }
    }

    private static string Seconds(TimeSpan time) => time.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture);
}
