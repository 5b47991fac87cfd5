namespace KubeApps.Deploy.Aws.Protocols;

/// <summary>How a service is spoken to.</summary>
internal enum AwsProtocol
{
    /// <summary>Paths and methods, JSON bodies (EKS).</summary>
    RestJson,

    /// <summary>One path, the operation in a header, JSON bodies (ECR).</summary>
    Json,

    /// <summary>One path, parameters as a form, XML answers (IAM, ELBv2).</summary>
    Query,

    /// <summary>Paths and methods, XML bodies (Route 53).</summary>
    RestXml,
}

/// <summary>What AWS's own description of a service says about reaching it.</summary>
/// <param name="Id">Its identifier, as <c>AWS_ENDPOINT_URL_ID</c> knows it: <c>EKS</c>, <c>Route 53</c>.</param>
/// <param name="SigningName">The name that requests are signed for.</param>
/// <param name="EndpointPrefix">The first part of its host name.</param>
/// <param name="Version">The version of its API: <c>2017-11-01</c>.</param>
/// <param name="Protocol">How it is spoken to.</param>
internal sealed record AwsService(string Id, string SigningName, string EndpointPrefix, string Version, AwsProtocol Protocol)
{
    /// <summary>With <see cref="AwsProtocol.Json"/>: what stands before an operation's name in the header.</summary>
    public string? TargetPrefix { get; init; }

    /// <summary>With <see cref="AwsProtocol.RestXml"/>: the namespace of its documents.</summary>
    public string? XmlNamespace { get; init; }

    /// <summary>Whether there is one for all regions of a partition.</summary>
    public bool IsGlobal { get; init; }

    /// <summary>The host's first part with FIPS in the commercial partition, where it is not the usual one.</summary>
    public string? FipsPrefix { get; init; }

    /// <summary>Whether it has an address of its own with FIPS in GovCloud, too, where the usual ones are that as a rule.</summary>
    public bool HasFipsInGovCloud { get; init; }

    /// <summary>The host's first part for IPv4 and IPv6, where it is not the usual one.</summary>
    public string? DualStackPrefix { get; init; }
}
