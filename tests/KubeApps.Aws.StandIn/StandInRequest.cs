using System.Text.Json.Nodes;

namespace KubeApps.Aws.StandIn;

/// <summary>What was asked.</summary>
/// <param name="Service">The name that it was signed for: <c>eks</c>.</param>
/// <param name="Operation">What the service is to do; empty where it knows no such thing.</param>
/// <param name="Region">The region that it was signed for.</param>
/// <param name="Input">By the names of the members.</param>
/// <param name="Principal">The ARN of who asked; empty where that is not known.</param>
public sealed record StandInRequest(string Service, string Operation, string Region, JsonObject Input, string Principal)
{
    /// <summary>As policies call it: <c>eks:CreateCluster</c>.</summary>
    public string Action { get; } = $"{(Service == "monitoring" ? "cloudwatch" : Service)}:{Operation}";

    /// <summary>Whether it changes nothing.</summary>
    public bool IsRead => new[] { "Describe", "List", "Get", "BatchGet", "BatchCheck", "Simulate" }.Any(start => Operation.StartsWith(start, StringComparison.Ordinal));

    /// <summary>How often the client has sent it by now, from 1.</summary>
    public int Attempt { get; init; } = 1;

    /// <summary>What was answered; 0 for nothing.</summary>
    public int Status { get; internal set; }

    /// <summary>The code of the refusal; null where it was done.</summary>
    public string? Refusal { get; internal set; }
}
