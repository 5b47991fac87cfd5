namespace KubeApps.Deploy.Clusters.Eks;

/// <summary>What the ARN of a cluster says: <c>arn:aws:eks:eu-central-1:123456789012:cluster/shop-prod-1</c>.</summary>
internal sealed record EksArn(string Account, string Region)
{
    /// <summary>Null where a text is no such thing.</summary>
    public static EksArn? Of(string? text) => text?.Split(':') is ["arn", _, "eks", { Length: > 0 } region, { Length: > 0 } account, var resource] && resource.StartsWith("cluster/", StringComparison.Ordinal)
        ? new EksArn(account, region)
        : null;
}
