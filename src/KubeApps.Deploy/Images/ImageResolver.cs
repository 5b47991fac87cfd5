using System.Diagnostics;
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
        var sdk = new SdkImages(target, request, readVariable, sink);
        var dockerfiles = new DockerfileImages(target, request, sink);
        var work = images.Select(async image =>
        {
            var began = Stopwatch.GetTimestamp();
            var path = target.Registry.PathOf($"{document.App}/{image.Key}");
            var (tag, digest, wasThere) = image.Kind == ImageKind.Dockerfile
                ? await dockerfiles.ResolveAsync(client, image, path, cancellationToken).ConfigureAwait(false)
                : await sdk.ResolveAsync(client, image, path, cancellationToken).ConfigureAwait(false);
            var elapsed = Stopwatch.GetElapsedTime(began).TotalSeconds.ToString("0.0", System.Globalization.CultureInfo.InvariantCulture);
            sink.Publish(new DeployEvent.Note($"Image {image.Key}: " + (
                digest is null ? $"would be built and pushed as {tag}."
                : wasThere ? $"the registry has it ({digest[..19]})."
                : $"pushed ({digest[..19]}, {elapsed} s).")));
            var platforms = target.RuntimesOf(image).Select(ImageTarget.PlatformOf).Order(StringComparer.Ordinal).ToList();
            return (image.Key, Image: new BundleImage($"{target.Registry.Host}/{path}", tag, digest, platforms));
        }).ToList();
        await ((Task)Task.WhenAll(work)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        var failures = work.Select(task => task.Exception?.InnerException).OfType<DiagnosticException>().SelectMany(failure => failure.Diagnostics).Distinct().ToList();
        if (failures.Count > 0 && !cancellationToken.IsCancellationRequested)
            throw new DiagnosticException(failures);
        var resolved = await Task.WhenAll(work).ConfigureAwait(false);
        return new ImageSet(resolved.ToDictionary(item => item.Key!, item => item.Image, StringComparer.Ordinal));
    }

    /// <summary>What a push left behind, or a diagnostic that it left nothing.</summary>
    public static async Task<string> RequireAsync(RegistryClient client, string path, string tag, CancellationToken cancellationToken) =>
        await client.FindAsync(path, tag, cancellationToken).ConfigureAwait(false)
        ?? throw new DiagnosticException(DiagnosticDescriptors.ImagePushFailed.Because($"{path}:{tag} was pushed, but the registry does not have it."));
}
