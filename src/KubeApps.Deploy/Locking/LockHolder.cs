using System.Security.Cryptography;
using KubeApps.Deploy.Revisions;

namespace KubeApps.Deploy.Locking;

/// <summary>Who takes a lock: a person on a machine, and which run of the tool.</summary>
/// <param name="Identity">Different for every run: <c>jane@laptop/5b1c7f0e</c>.</param>
/// <param name="RunUrl">The page of the run that a CI system shows, or null.</param>
/// <param name="Command">What the run does: <c>deploy</c>.</param>
internal sealed record LockHolder(string Identity, string? RunUrl, string Command)
{
    /// <summary>The runner of GitHub Actions on which the run is; null outside of it. There may be several on one machine, each with one job at a time.</summary>
    public string? Runner { get; init; }

    /// <summary>Whether another run is a step of the same job, so that it is over when this one runs.</summary>
    public bool IsOfSameJob(LockHolder other) =>
        RunUrl is not null && RunUrl == other.RunUrl && Runner == other.Runner && Machine == other.Machine;

    // Without what tells the runs of one machine apart.
    private string Machine => Identity[..Math.Max(0, Identity.LastIndexOf('/'))];

    /// <summary>This run.</summary>
    public static LockHolder Of(string command, Func<string, string?> readVariable) => new(
        $"{Environment.UserName}@{Environment.MachineName}/{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4))}", Author.RunUrlOf(readVariable), command)
    {
        Runner = readVariable("RUNNER_NAME") is { Length: > 0 } runner ? runner : null,
    };
}
