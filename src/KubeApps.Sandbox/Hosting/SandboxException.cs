namespace KubeApps.Sandbox.Hosting;

/// <summary>Why the sandbox cannot start, for its starter to show.</summary>
/// <param name="reason">A word that programs can tell apart: <c>port-taken</c>, <c>already-running</c>, <c>home-unusable</c>, <c>failed</c>.</param>
/// <param name="message">The cause and what to do about it.</param>
/// <param name="inner">What it came from, for the log.</param>
internal sealed class SandboxException(string reason, string message, Exception? inner = null) : Exception(message, inner)
{
    public string Reason => reason;
}
