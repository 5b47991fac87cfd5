namespace KubeApps.Deploy.Aws;

/// <summary>Who the credentials are of, as AWS says, and where.</summary>
/// <param name="Account">The account.</param>
/// <param name="Region">The region.</param>
/// <param name="Arn">Who it is: <c>arn:aws:sts::123456789012:assumed-role/deployer/run-7</c>.</param>
internal sealed record AwsIdentity(string Account, string Region, string Arn)
{
    /// <summary><c>aws</c>, <c>aws-cn</c>, <c>aws-us-gov</c>.</summary>
    public string Partition => Arn.Split(':')[1];

    /// <summary>The role that was taken on, without its path, which a session does not say; null for a user.</summary>
    public string? RoleName => Arn.Split(':', 6)[^1].Split('/') is ["assumed-role", var role, _] ? role : null;

    /// <summary>Whether a principal of IAM is who this is: a session's own ARN says the role without its path.</summary>
    public bool Is(string principal) => RoleName is { } role
        ? principal.StartsWith($"arn:{Partition}:iam::{Account}:role/", StringComparison.Ordinal) && principal.EndsWith($"/{role}", StringComparison.Ordinal)
        : principal == Arn;

    /// <inheritdoc/>
    public override string ToString() => $"{Account}/{Region}";
}
