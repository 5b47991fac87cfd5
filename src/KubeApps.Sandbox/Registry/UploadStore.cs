using System.Buffers;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using KubeApps.Sandbox.Hosting;

namespace KubeApps.Sandbox.Registry;

/// <summary>
/// Blobs on their way in. What was received stays on disk, so an upload goes on after a restart where it was; one that nobody touched
/// for a day is dropped.
/// </summary>
internal sealed class UploadStore
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(1);
    private static readonly TimeSpan SweepInterval = TimeSpan.FromHours(1);

    private readonly ConcurrentDictionary<string, Upload> _open = new(StringComparer.Ordinal);
    private readonly string _folder;
    private readonly ContentStore _content;
    private readonly TimeProvider _clock;
    private long _lastSweep;

    public UploadStore(string folder, ContentStore content, TimeProvider clock)
    {
        _folder = folder;
        _content = content;
        _clock = clock;
        AtomicFile.CreatePrivateFolder(folder);
        Sweep();
    }

    public string Start(string repository)
    {
        if (_clock.GetElapsedTime(Interlocked.Read(ref _lastSweep)) > SweepInterval)
            Sweep();
        var id = Guid.NewGuid().ToString("n");
        using (new FileStream(DataPath(id), AtomicFile.PrivateFile(FileMode.CreateNew)))
        {
        }

        AtomicFile.Write(OwnerPath(id), Encoding.UTF8.GetBytes(repository), durable: false);
        return id;
    }

    /// <summary>How many bytes have come in.</summary>
    public long Length(string repository, string id) => Require(repository, id).Length;

    /// <summary>
    /// Appends a body. <paramref name="expectedStart"/> is what the client says it continues at; anything else than where the upload is
    /// would tear it. Returns the new length.
    /// </summary>
    public async Task<long> AppendAsync(
        string repository, string id, Stream body, long? expectedStart, long? expectedLength, CancellationToken cancellationToken)
    {
        var file = Require(repository, id);
        var upload = Claim(id);
        try
        {
            // Read again: whoever held the claim before has moved it.
            file.Refresh();
            if (expectedStart is { } start && start != file.Length)
                throw RegistryException.UploadOutOfOrder($"The upload is at byte {file.Length}, the chunk starts at {start}.");
            await upload.CatchUpAsync(file.FullName, cancellationToken);
            await using var stream = new FileStream(file.FullName, AtomicFile.PrivateFile(FileMode.Append));
            var before = upload.Hashed;
            try
            {
                await upload.CopyAsync(body, stream, cancellationToken);
            }
            catch (DiskRefusedException)
            {
                // The chunk is of no use, and until somebody sends it again it would keep the disk full.
                stream.SetLength(before);
                upload.Restart();
                throw;
            }

            if (expectedLength is { } length && upload.Hashed - before != length)
            {
                stream.SetLength(before);
                upload.Restart();
                throw RegistryException.UploadInvalid($"The chunk was announced with {length} bytes and had {upload.Hashed - before}.");
            }

            return upload.Hashed;
        }
        finally
        {
            upload.Release();
        }
    }

    /// <summary>Ends an upload: checks the digest of all that came in and makes it a blob of the repository.</summary>
    public async Task FinishAsync(string repository, string id, string digest, CancellationToken cancellationToken)
    {
        var file = Require(repository, id);
        var upload = Claim(id);
        try
        {
            await upload.CatchUpAsync(file.FullName, cancellationToken);
            var actual = upload.Digest();
            if (actual != digest)
            {
                Cancel(repository, id);
                throw RegistryException.DigestInvalid($"The content has the digest {actual}, not {digest}; the upload was dropped.");
            }

            if (!_content.HasBlob(digest))
                await using (var stream = new FileStream(file.FullName, FileMode.Open, FileAccess.ReadWrite))
                    stream.Flush(flushToDisk: true);
            _content.Adopt(file.FullName, digest);
            _content.Link(repository, digest);
            Discard(id);
        }
        finally
        {
            upload.Release();
        }
    }

    public void Cancel(string repository, string id)
    {
        Require(repository, id);
        Discard(id);
    }

    /// <summary>Drops an upload, whether it is there or not.</summary>
    public void Discard(string id)
    {
        File.Delete(OwnerPath(id));
        File.Delete(DataPath(id));
        _open.TryRemove(id, out _);
    }

    private Upload Claim(string id)
    {
        var upload = _open.GetOrAdd(id, _ => new Upload());
        return upload.TryClaim() ? upload : throw RegistryException.UploadOutOfOrder("Another request is writing to this upload.");
    }

    private FileInfo Require(string repository, string id)
    {
        if (!RegistryGrammar.IsUploadId(id))
            throw RegistryException.UploadUnknown();
        var file = new FileInfo(DataPath(id));
        if (!file.Exists || !File.Exists(OwnerPath(id)) || File.ReadAllText(OwnerPath(id)) != repository)
            throw RegistryException.UploadUnknown();
        return file;
    }

    private void Sweep()
    {
        Interlocked.Exchange(ref _lastSweep, _clock.GetTimestamp());
        var oldest = _clock.GetUtcNow() - Lifetime;
        foreach (var file in new DirectoryInfo(_folder).EnumerateFiles())
        {
            // The data says when an upload was touched last; what stands beside it is as old as the upload.
            var data = new FileInfo(DataPath(file.Name.Split('.')[0]));
            if ((data.Exists ? data : file).LastWriteTimeUtc >= oldest)
                continue;
            file.Delete();
            _open.TryRemove(file.Name, out _);
        }
    }

    private string DataPath(string id) => Path.Combine(_folder, id);

    private string OwnerPath(string id) => Path.Combine(_folder, id + ".repository");

    /// <summary>The running hash of an upload, so that finishing it does not read all of it again.</summary>
    private sealed class Upload
    {
        private IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        private int _claimed;

        public long Hashed { get; private set; }

        public bool TryClaim() => Interlocked.Exchange(ref _claimed, 1) == 0;

        public void Release() => Volatile.Write(ref _claimed, 0);

        public void Restart()
        {
            _hash.Dispose();
            _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            Hashed = 0;
        }

        public string Digest() => "sha256:" + Convert.ToHexStringLower(_hash.GetCurrentHash());

        /// <summary>Hashes what is on disk from before a restart.</summary>
        public async Task CatchUpAsync(string path, CancellationToken cancellationToken)
        {
            await using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
            if (stream.Length < Hashed)
                Restart();
            stream.Position = Hashed;
            await CopyAsync(stream, null, cancellationToken);
        }

        public async Task CopyAsync(Stream source, Stream? target, CancellationToken cancellationToken)
        {
            var buffer = ArrayPool<byte>.Shared.Rent(128 * 1024);
            try
            {
                int read;
                while ((read = await source.ReadAsync(buffer, cancellationToken)) > 0)
                {
                    if (target is not null)
                        await WriteAsync(target, buffer.AsMemory(0, read), cancellationToken);
                    _hash.AppendData(buffer, 0, read);
                    Hashed += read;
                }
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }
        }

        private static async ValueTask WriteAsync(Stream target, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
        {
            try
            {
                await target.WriteAsync(content, cancellationToken);
            }
            catch (IOException e)
            {
                throw new DiskRefusedException(e);
            }
        }
    }

    /// <summary>The disk's failure, told from that of the connection that the body comes from.</summary>
    private sealed class DiskRefusedException(IOException cause) : IOException(cause.Message, cause);
}
