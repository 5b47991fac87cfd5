using System.Security.Cryptography;
using System.Text;

namespace KubeApps.Sandbox.Registry;

/// <summary>Where a registry's content lies on disk. Every file is there whole or not at all: other processes than the one that fills it may read.</summary>
/// <param name="Folder">The registry's.</param>
internal sealed record ContentFiles(string Folder)
{
    public string Blobs => Path.Combine(Folder, "blobs", "sha256");

    public string Indexes => Path.Combine(Folder, "repositories");

    /// <exception cref="FileNotFoundException">It is no digest.</exception>
    public string BlobPath(string digest)
    {
        if (!RegistryGrammar.IsDigest(digest))
            throw new FileNotFoundException($"'{digest}' is not a digest.");
        return Path.Combine(Blobs, digest["sha256:".Length..]);
    }

    public string IndexPath(string repository) =>
        Path.Combine(Indexes, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(repository))) + ".json");

    /// <summary>The content of a blob, seekable, whatever repository holds it.</summary>
    /// <exception cref="FileNotFoundException">There is no such blob.</exception>
    public Stream OpenBlob(string digest) =>
        new FileStream(BlobPath(digest), FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, bufferSize: 0, useAsync: false);

    /// <summary>Finds a manifest by tag or digest, as the disk has it now; null if the repository holds none.</summary>
    public StoredManifest? ReadManifest(string repository, string reference)
    {
        var index = IndexPath(repository);
        return File.Exists(index) ? ReadManifest(Repository.FromJson(File.ReadAllBytes(index)), reference) : null;
    }

    /// <summary>Finds a manifest of a repository by tag or digest.</summary>
    public StoredManifest? ReadManifest(Repository repository, string reference)
    {
        var digest = repository.Tags.GetValueOrDefault(reference, reference);
        return repository.Manifests.TryGetValue(digest, out var entry)
            ? new StoredManifest(digest, entry.MediaType, File.ReadAllBytes(BlobPath(digest)))
            : null;
    }
}
