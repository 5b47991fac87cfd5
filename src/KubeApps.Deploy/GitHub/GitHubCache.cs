using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using KubeApps.Deploy.Targets;
using Octokit.Caching;
using Octokit.Internal;

namespace KubeApps.Deploy.GitHub;

/// <summary>
/// Answers of GitHub in files, so that it need only say that they still hold: that is quick and does not count against its limits. Each file is sealed
/// with the token that it was got with: nobody else's, changed, or broken ones are as if they were not there. Neither the token nor what it opens can
/// be told from a file's name.
/// </summary>
/// <param name="folder">Where; for the files of this cache alone.</param>
internal sealed class GitHubCache(string folder)
{
    private const string Extension = ".answer";
    private const int SealLength = 32;

    private readonly Lock _lock = new();

    // What was counted, and what was written since; the folder is not looked through for each answer.
    private long? _size;

    /// <summary>All files together; the ones that were not used for longest go first.</summary>
    public long Limit { get; init; } = 64 << 20;

    /// <summary>The folder for it below <c>KUBEAPPS_HOME</c>.</summary>
    public static GitHubCache Below(string home) => new(Path.Combine(home, "cache", "github"));

    /// <summary>The one that all runs of a user share; null for a user who has no folder.</summary>
    public static GitHubCache? OfUser() => SandboxLocation.FindHome() is { } home ? Below(Path.GetFullPath(home)) : null;

    /// <summary>As Octokit wants it, for what one token opens.</summary>
    public IResponseCache For(GitHubAccess access) => new OfToken(this, Encoding.UTF8.GetBytes(access.Token));

    private void Write(string name, ReadOnlySpan<byte> seal, ReadOnlySpan<byte> content)
    {
        if (content.Length > Limit / 4)
            return;
        PrivateFiles.CreateFolder(folder);
        // Whole, or not at all: another run may read it at this moment.
        PrivateFiles.Write(Path.Combine(folder, name), [.. seal, .. content]);
        lock (_lock)
        {
            _size += seal.Length + content.Length;
            if (_size is null || _size > Limit)
                _size = MakeRoom();
        }
    }

    private long MakeRoom()
    {
        var files = new DirectoryInfo(folder).GetFiles().OrderBy(file => file.LastWriteTimeUtc).ToList();
        var size = files.Sum(file => file.Length);
        // Once there is too much, for more than one answer.
        var enough = size > Limit ? Limit / 4 * 3 : size;
        foreach (var file in files.TakeWhile(_ => size > enough))
        {
            size -= file.Length;
            file.Delete();
        }

        return size;
    }

    private byte[]? Read(string name)
    {
        var file = new FileInfo(Path.Combine(folder, name));
        if (!file.Exists || file.LinkTarget is not null || file.Length is <= SealLength || file.Length > Limit)
            return null;
        var content = File.ReadAllBytes(file.FullName);
        // It is in use: others go before it.
        file.LastWriteTimeUtc = DateTime.UtcNow;
        return content;
    }

    /// <summary>What fails here, Octokit takes for "not there".</summary>
    private sealed class OfToken(GitHubCache files, byte[] token) : IResponseCache
    {
        public Task<CachedResponse.V1?> GetAsync(IRequest request)
        {
            if (files.Read(NameOf(request)) is not { } content || !CryptographicOperations.FixedTimeEquals(HMACSHA256.HashData(token, content.AsSpan(SealLength)), content.AsSpan(0, SealLength)))
                return Task.FromResult<CachedResponse.V1?>(null);
            var end = Array.IndexOf(content, (byte)'\n', SealLength);
            var answer = JsonSerializer.Deserialize(content.AsSpan(SealLength..end), GitHubJson.Default.CachedAnswer)!;
            var headers = new Dictionary<string, string> { ["ETag"] = answer.Tag };
            if (answer.Link is { } link)
                headers["Link"] = link;
            return Task.FromResult<CachedResponse.V1?>(new CachedResponse.V1(Encoding.UTF8.GetString(content.AsSpan(end + 1)), headers, null, HttpStatusCode.OK, "application/json"));
        }

        // Written before this returns: nobody waits for its task.
        public Task SetAsync(IRequest request, CachedResponse.V1 cachedResponse)
        {
            if (cachedResponse.StatusCode == HttpStatusCode.OK && cachedResponse.Body is string body && cachedResponse.Headers.TryGetValue("ETag", out var tag))
            {
                var head = JsonSerializer.Serialize(new CachedAnswer(tag, cachedResponse.Headers.GetValueOrDefault("Link")), GitHubJson.Default.CachedAnswer);
                var content = Encoding.UTF8.GetBytes($"{head}\n{body}");
                files.Write(NameOf(request), HMACSHA256.HashData(token, content), content);
            }

            return Task.CompletedTask;
        }

        private string NameOf(IRequest request) =>
            Convert.ToHexStringLower(HMACSHA256.HashData(token, Encoding.UTF8.GetBytes(new Uri(request.BaseAddress, request.Endpoint).AbsoluteUri))) + Extension;
    }
}

/// <summary>The first line of a file: what stands in an answer's headers. The rest is what came.</summary>
/// <param name="Tag">GitHub's name for this very answer.</param>
/// <param name="Link">The links to other pages.</param>
internal sealed record CachedAnswer(string Tag, string? Link);
