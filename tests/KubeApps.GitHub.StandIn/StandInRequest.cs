using System.Text.Json.Nodes;

namespace KubeApps.GitHub.StandIn;

/// <summary>What was asked.</summary>
/// <param name="Method">GET, POST and so on.</param>
/// <param name="Path">The path with owner and name in it, as it was sent (escaped), also where it was asked for by the repository's number.</param>
/// <param name="Query">With its question mark, or empty.</param>
/// <param name="Headers">All of them.</param>
/// <param name="Body">As it was sent; empty for none.</param>
public sealed record StandInRequest(string Method, string Path, string Query, IReadOnlyDictionary<string, string> Headers, string Body)
{
    /// <summary>What was answered; 0 for nothing (yet).</summary>
    public int Status { get; internal set; }

    public JsonNode? Json => Body.Length == 0 ? null : JsonNode.Parse(Body);

    public override string ToString() => $"{Method} {Path}{Query}";
}
