using System.Security.Cryptography;
using KubeApps.Sandbox.Hosting;

namespace KubeApps.Sandbox.Registry;

/// <summary>
/// Blobs, manifests and tags on disk. <c>blobs/sha256/…</c> holds content once, whoever pushed it; each repository has one small file
/// that says what it holds, named by a hash so that no file system's rules (case, reserved names) matter. Content is never removed while
/// the sandbox runs: deleting takes it out of a repository, <c>sandbox reset</c> frees the disk.
/// </summary>
internal sealed class ContentStore
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Repository> _repositories = new(StringComparer.Ordinal);
    private readonly ContentFiles _files;

    public ContentStore(string folder, TimeProvider clock)
    {
        _files = new ContentFiles(folder);
        AtomicFile.CreatePrivateFolder(_files.Blobs);
        AtomicFile.CreatePrivateFolder(_files.Indexes);
        foreach (var file in Directory.EnumerateFiles(_files.Indexes))
        {
            if (!file.EndsWith(".json", StringComparison.Ordinal))
            {
                File.Delete(file); // A write that a crash cut off.
                continue;
            }

            var repository = Repository.FromJson(File.ReadAllBytes(file));
            _repositories.Add(repository.Name, repository);
        }

        Uploads = new UploadStore(Path.Combine(folder, "uploads"), this, clock);
    }

    public UploadStore Uploads { get; }

    public static string DigestOf(ReadOnlySpan<byte> content) => "sha256:" + Convert.ToHexStringLower(SHA256.HashData(content));

    /// <summary>The content of a blob, seekable, whatever repository holds it.</summary>
    /// <exception cref="FileNotFoundException">There is no such blob.</exception>
    public Stream OpenBlob(string digest) => _files.OpenBlob(digest);

    public bool HasBlob(string digest) => RegistryGrammar.IsDigest(digest) && File.Exists(_files.BlobPath(digest));

    /// <summary>Where a blob lies and how long it is, if the repository holds it.</summary>
    public FileInfo? FindBlob(string repository, string digest)
    {
        lock (_gate)
            if (!_repositories.TryGetValue(repository, out var found) || !Holds(found, digest))
                return null;
        var file = new FileInfo(_files.BlobPath(digest));
        return file.Exists ? file : null;
    }

    /// <summary>Finds a manifest by tag or digest; null if the repository holds none.</summary>
    public StoredManifest? ResolveManifest(string repository, string reference)
    {
        Repository? found;
        lock (_gate)
            if (!_repositories.TryGetValue(repository, out found))
                return null;
        // A repository is replaced when it changes, never written to.
        return _files.ReadManifest(found, reference);
    }

    public bool HoldsManifest(string repository, string digest)
    {
        lock (_gate)
            return _repositories.TryGetValue(repository, out var found) && found.Manifests.ContainsKey(digest);
    }

    /// <summary>Makes content that is stored already part of a repository.</summary>
    public void Link(string repository, string digest)
    {
        // Not durable: the manifest that names the blob is, and it is written after it into the same file.
        Change(repository, found => found.Blobs.Add(digest), durable: false);
    }

    /// <summary>Stores content that is in memory, and makes it part of a repository.</summary>
    public string AddBlob(string repository, ReadOnlySpan<byte> content)
    {
        var digest = Keep(content);
        Link(repository, digest);
        return digest;
    }

    /// <param name="repository">Made if it is not there.</param>
    /// <param name="tag">Moved to this manifest; null leaves it reachable by digest alone.</param>
    /// <param name="mediaType">Kept as it is.</param>
    /// <param name="content">Has been checked.</param>
    /// <param name="subject">The digest of the manifest that this one refers to.</param>
    public string PutManifest(string repository, string? tag, string mediaType, ReadOnlySpan<byte> content, string? subject = null)
    {
        var digest = Keep(content);
        var entry = new ManifestEntry(mediaType, content.Length, subject);
        Change(repository, found =>
        {
            var changed = !entry.Equals(found.Manifests.GetValueOrDefault(digest));
            found.Manifests[digest] = entry;
            if (tag is not null && found.Tags.GetValueOrDefault(tag) != digest)
            {
                found.Tags[tag] = digest;
                changed = true;
            }

            return changed;
        });
        return digest;
    }

    public bool DeleteBlob(string repository, string digest) => Change(repository, found => found.Blobs.Remove(digest), create: false);

    public bool DeleteTag(string repository, string tag) => Change(repository, found => found.Tags.Remove(tag), create: false);

    /// <summary>Takes a manifest out of a repository, with the tags that name it.</summary>
    public bool DeleteManifest(string repository, string digest) => Change(repository, found =>
    {
        foreach (var (tag, _) in found.Tags.Where(pair => pair.Value == digest).ToList())
            found.Tags.Remove(tag);
        return found.Manifests.Remove(digest);
    }, create: false);

    /// <summary>In ordinal order; null if there is no such repository.</summary>
    public IReadOnlyList<string>? Tags(string repository)
    {
        lock (_gate)
            return _repositories.TryGetValue(repository, out var found) ? [.. found.Tags.Keys.Order(StringComparer.Ordinal)] : null;
    }

    /// <summary>In ordinal order.</summary>
    public IReadOnlyList<string> Repositories()
    {
        lock (_gate)
            return [.. _repositories.Keys.Order(StringComparer.Ordinal)];
    }

    /// <summary>The manifests that refer to another one, in ordinal order of their digests.</summary>
    public IReadOnlyList<StoredManifest> Referrers(string repository, string subject)
    {
        List<string> digests;
        lock (_gate)
        {
            if (!_repositories.TryGetValue(repository, out var found))
                return [];
            digests = [.. found.Manifests.Where(pair => pair.Value.Subject == subject).Select(pair => pair.Key).Order(StringComparer.Ordinal)];
        }

        return [.. digests.Select(digest => ResolveManifest(repository, digest)).OfType<StoredManifest>()];
    }

    /// <summary>Takes over a finished file whose digest was checked. The same content, pushed twice at once, ends up there once.</summary>
    internal void Adopt(string file, string digest)
    {
        var path = _files.BlobPath(digest);
        if (File.Exists(path))
        {
            File.Delete(file);
            return;
        }

        try
        {
            File.Move(file, path);
        }
        catch (IOException) when (File.Exists(path))
        {
            File.Delete(file);
        }
    }

    private static bool Holds(Repository repository, string digest) =>
        repository.Blobs.Contains(digest) || repository.Manifests.ContainsKey(digest);

    private string Keep(ReadOnlySpan<byte> content)
    {
        var digest = DigestOf(content);
        var path = _files.BlobPath(digest);
        if (!File.Exists(path))
            AtomicFile.Write(path, content);
        return digest;
    }

    private bool Change(string repository, Func<Repository, bool> change, bool create = true, bool durable = true)
    {
        lock (_gate)
        {
            if (!_repositories.TryGetValue(repository, out var found))
            {
                if (!create)
                    return false;
                found = new Repository { Name = repository };
            }

            // A copy first: memory must not say what the disk refused.
            var copy = new Repository
            {
                Name = found.Name,
                Blobs = [.. found.Blobs],
                Manifests = new(found.Manifests),
                Tags = new(found.Tags),
            };
            if (!change(copy))
                return false;
            AtomicFile.Write(_files.IndexPath(repository), copy.ToJson(), durable);
            _repositories[repository] = copy;
            return true;
        }
    }
}
