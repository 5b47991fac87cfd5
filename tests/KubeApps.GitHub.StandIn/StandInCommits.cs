using System.Security.Cryptography;
using System.Text;

namespace KubeApps.GitHub.StandIn;

/// <summary>The commits of a repository and what points at them.</summary>
public sealed class StandInCommits
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, StandInCommit> _commits = new(StringComparer.OrdinalIgnoreCase);

    internal StandInCommits(string name) => Branches["main"] = Add($"The first commit of {name}").Sha;

    /// <summary>Branches and tags: what they point at.</summary>
    public Dictionary<string, string> Branches { get; } = [];

    /// <summary>Whether any full hash is a commit, so that tests need not add those of the bundles that they deploy.</summary>
    public bool AreOpen { get; set; } = true;

    /// <summary>A commit on top of others.</summary>
    public StandInCommit Add(string message, params IReadOnlyList<string> parents)
    {
        lock (_lock)
        {
            var sha = Convert.ToHexStringLower(SHA1.HashData(Encoding.UTF8.GetBytes($"{_commits.Count} {message} {string.Concat(parents)}")));
            return _commits[sha] = new StandInCommit(sha, message, parents);
        }
    }

    /// <summary>A commit of a real repository.</summary>
    public StandInCommit Add(StandInCommit commit)
    {
        lock (_lock)
            return _commits[commit.Sha] = commit;
    }

    /// <summary>What a branch, a tag, a hash or the beginning of one means; null for nothing.</summary>
    internal StandInCommit? Find(string reference)
    {
        lock (_lock)
        {
            if (Branches.TryGetValue(reference, out var sha))
                reference = sha;
            if (_commits.TryGetValue(reference, out var commit))
                return commit;
            if (reference.Length == 40 && reference.All(char.IsAsciiHexDigit))
                return AreOpen ? new StandInCommit(reference.ToLowerInvariant(), "A commit", []) : null;
            return reference.Length >= 7 && _commits.Values.Where(item => item.Sha.StartsWith(reference, StringComparison.OrdinalIgnoreCase)).Take(2).ToList() is [var only] ? only : null;
        }
    }

    /// <summary>A commit and all that it contains.</summary>
    internal HashSet<string> Contained(StandInCommit commit)
    {
        var found = new HashSet<string>();
        var open = new Stack<StandInCommit>([commit]);
        while (open.TryPop(out var next))
        {
            if (!found.Add(next.Sha))
                continue;
            foreach (var parent in next.Parents)
            {
                if (Find(parent) is { } known)
                    open.Push(known);
            }
        }

        return found;
    }

    /// <summary>In the order in which they were added.</summary>
    internal IReadOnlyList<StandInCommit> Among(HashSet<string> hashes)
    {
        lock (_lock)
            return [.. _commits.Values.Where(commit => hashes.Contains(commit.Sha))];
    }
}

public sealed record StandInCommit(string Sha, string Message, IReadOnlyList<string> Parents)
{
    public string Author { get; init; } = "Mona Lisa";

    /// <summary>Older than all that is deployed in tests.</summary>
    public DateTimeOffset Date { get; init; } = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);
}
