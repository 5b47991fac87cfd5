using System.Security.Cryptography;
using KubeApps.Deploy.Revisions;

namespace KubeApps.Deploy.Locking;

/// <summary>Who takes a lock: a person on a machine, and which run of the tool.</summary>
/// <param name="Identity">Different for every run: <c>jane@laptop/5b1c7f0e</c>.</param>
/// <param name="RunUrl">The page of the run that a CI system shows, or null.</param>
/// <param name="Command">What the run does: <c>deploy</c>.</param>
internal sealed record LockHolder(string Identity, string? RunUrl, string Command)
{
    /// <summary>This run.</summary>
    public static LockHolder Of(string command, Func<string, string?> readVariable) => new(
        $"{Environment.UserName}@{Environment.MachineName}/{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4))}", Author.RunUrlOf(readVariable), command);
}
