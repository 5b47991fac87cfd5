using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json.Nodes;
using KubeApps.Sandbox.Registry;

namespace KubeApps.Sandbox.Pods.Images;

/// <summary>An image on disk, shared by all its containers: nobody writes to it.</summary>
/// <param name="Digest">Of the manifest for this host.</param>
/// <param name="Id">What the status of a container calls <c>imageID</c>: the repository and the digest that was asked for.</param>
/// <param name="Root">The folder that stands for <c>/</c>.</param>
/// <param name="Config">What the image says about the process.</param>
/// <param name="Size">The bytes of its layers as stored in the registry.</param>
/// <param name="PullTime">How long it took to unpack; null if it was there already.</param>
internal sealed record UnpackedImage(string Digest, string Id, string Root, ImageConfig Config, long Size, TimeSpan? PullTime);

/// <summary>
/// Images, unpacked once each: <c>&lt;digest&gt;/</c> appears whole or not at all. A container holds the image while it is there
/// (<see cref="Hold"/>); what nobody holds is removed, except for the last few, which a rollback may want again.
/// </summary>
internal sealed class ImageStore(string folder, ImageSource source, UnpackLimits limits)
{
    private const string Unfinished = ".unfinished-";
    private const int KeptUnheld = 8;

    private readonly ConcurrentDictionary<string, SemaphoreSlim> _unpacking = new();
    private readonly Lock _gate = new();
    private readonly Dictionary<string, int> _holds = [];

    /// <summary>Removes what a crash left half done.</summary>
    public void Recover()
    {
        Directory.CreateDirectory(folder);
        foreach (var path in Directory.EnumerateDirectories(folder, Unfinished + "*"))
            Directory.Delete(path, recursive: true);
    }

    /// <summary>Whether the image is unpacked, without a look at its layers.</summary>
    public bool IsPresent(string image)
    {
        try
        {
            return Directory.Exists(FolderOf(Resolve(Parse(image)).Manifest.Digest));
        }
        catch (ImageException)
        {
            return false;
        }
    }

    /// <summary>Unpacks an image of the sandbox's registry, unless it is here already, and holds it.</summary>
    /// <exception cref="ImageException">The image is not there, is of another registry, or cannot be unpacked.</exception>
    public async Task<UnpackedImage> PullAsync(string image, CancellationToken cancellationToken)
    {
        var reference = Parse(image);
        var (requested, manifest) = Resolve(reference);
        var config = ImageConfig.Parse(manifest.ConfigDigest, ReadConfig(manifest));
        var target = FolderOf(manifest.Digest);
        TimeSpan? took = null;
        Hold(manifest.Digest);
        try
        {
            var gate = _unpacking.GetOrAdd(manifest.Digest, _ => new SemaphoreSlim(1));
            await gate.WaitAsync(cancellationToken);
            try
            {
                if (!Directory.Exists(target))
                {
                    var started = Stopwatch.GetTimestamp();
                    await Task.Run(() => Unpack(manifest, target, cancellationToken), cancellationToken);
                    took = Stopwatch.GetElapsedTime(started);
                }
            }
            finally
            {
                gate.Release();
            }
        }
        catch
        {
            Release(manifest.Digest);
            throw;
        }

        Directory.SetLastWriteTimeUtc(target, DateTime.UtcNow);
        return new UnpackedImage(
            manifest.Digest, $"{reference.Registry}/{reference.Repository}@{requested}", Path.Combine(target, "rootfs"), config,
            manifest.Layers.Sum(layer => layer.Size), took);
    }

    public void Hold(string digest)
    {
        lock (_gate)
            _holds[digest] = _holds.GetValueOrDefault(digest) + 1;
    }

    public void Release(string digest)
    {
        lock (_gate)
            if (--_holds[digest] == 0)
                _holds.Remove(digest);
    }

    /// <summary>Removes the images that nobody holds, but for those used last.</summary>
    public void CollectGarbage()
    {
        lock (_gate)
        {
            var held = _holds.Keys.Select(ImageDigest.FileName).ToHashSet();
            var unheld = new DirectoryInfo(folder).EnumerateDirectories().Where(image => image.Name[0] != '.' && !held.Contains(image.Name))
                .OrderByDescending(image => image.LastWriteTimeUtc).Skip(KeptUnheld).ToList();
            foreach (var image in unheld)
            {
                // Out of the way first: an image that is there is whole.
                var doomed = Path.Combine(folder, Unfinished + Guid.NewGuid().ToString("n"));
                image.MoveTo(doomed);
                Directory.Delete(doomed, recursive: true);
            }
        }
    }

    private ImageReference Parse(string image)
    {
        var reference = ImageReference.Parse(image)
            ?? throw new ImageException($"couldn't parse image name \"{image}\": invalid reference format") { InvalidName = true };
        if (reference.Registry != source.Registry)
            throw new ImageException(
                $"not runnable here: the sandbox runs only images of its own registry ({source.Registry}), and \"{image}\" is of {reference.Registry}")
            { NotRunnable = true };
        return reference;
    }

    private (string Requested, ImageManifest Manifest) Resolve(ImageReference reference)
    {
        var found = Manifest(reference.Repository, reference.Reference)
            ?? throw new ImageException($"failed to resolve reference \"{Text(reference)}\": {Text(reference)}: not found") { NotFound = true };
        var content = ImageJson.Read($"manifest {found.Digest}", () => JsonNode.Parse(found.Content)!.AsObject());
        if (!ImageIndex.IsIndex(found.MediaType, content))
            return (found.Digest, ImageManifest.Parse(found.Digest, content));
        var chosen = ImageIndex.Choose(found.Digest, content);
        var image = Manifest(reference.Repository, chosen)
            ?? throw new ImageException($"failed to resolve reference \"{Text(reference)}\": {chosen}: not found") { NotFound = true };
        return (found.Digest, ImageManifest.Parse(chosen, ImageJson.Read($"manifest {chosen}", () => JsonNode.Parse(image.Content)!.AsObject())));
    }

    private StoredManifest? Manifest(string repository, string reference)
    {
        var found = source.ResolveManifest(repository, reference);
        if (found is not null && ImageDigest.Of(found.Content) is var actual && actual != found.Digest)
            throw new ImageException($"manifest {found.Digest} is damaged: its content has the digest {actual}");
        return found;
    }

    private byte[] ReadConfig(ImageManifest manifest)
    {
        using var stream = OpenBlob(manifest.ConfigDigest);
        using var content = new MemoryStream();
        stream.CopyTo(content);
        var bytes = content.ToArray();
        return ImageDigest.Of(bytes) == manifest.ConfigDigest
            ? bytes
            : throw new ImageException($"image configuration {manifest.ConfigDigest} is damaged: its content does not have this digest");
    }

    private Stream OpenBlob(string digest)
    {
        try
        {
            return source.OpenBlob(digest);
        }
        catch (FileNotFoundException e)
        {
            throw new ImageException($"blob {digest}: not found", e);
        }
    }

    private void Unpack(ImageManifest manifest, string target, CancellationToken cancellationToken)
    {
        var unfinished = Path.Combine(folder, Unfinished + Guid.NewGuid().ToString("n"));
        var root = Path.Combine(unfinished, "rootfs");
        try
        {
            Directory.CreateDirectory(root);
            var unpacker = new LayerUnpacker(root, limits, ignoreCase: !OperatingSystem.IsLinux());
            foreach (var layer in manifest.Layers)
                unpacker.Unpack(layer, OpenBlob(layer.Digest), cancellationToken);
            Directory.Move(unfinished, target);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ImageException(LayerUnpacker.Reason(e), e);
        }
        finally
        {
            if (Directory.Exists(unfinished))
                Directory.Delete(unfinished, recursive: true);
        }
    }

    private string FolderOf(string digest) => Path.Combine(folder, ImageDigest.FileName(digest));

    private static string Text(ImageReference reference) =>
        $"{reference.Registry}/{reference.Repository}{(reference.Digest is { } digest ? $"@{digest}" : $":{reference.Reference}")}";
}
