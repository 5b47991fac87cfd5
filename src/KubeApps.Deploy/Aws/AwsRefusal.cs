using System.Net;
using System.Text.RegularExpressions;
using Amazon.Runtime;
using KubeApps.Diagnostics;
using KubeApps.Events;

namespace KubeApps.Deploy.Aws;

/// <summary>What AWS means with a refusal, whatever the service calls it.</summary>
internal enum AwsFailure
{
    /// <summary>Anything else: what was asked cannot be done.</summary>
    Invalid,

    /// <summary>There is no such thing, or not yet: a list may lag behind.</summary>
    NotFound,

    /// <summary>There is one of that name, or it is joined to one already.</summary>
    Exists,

    /// <summary>Others still need it, or it is being changed just now.</summary>
    InUse,

    /// <summary>The credentials are unknown or over.</summary>
    Credentials,

    /// <summary>Who asks may not.</summary>
    Forbidden,

    /// <summary>Too many requests.</summary>
    Throttled,

    /// <summary>The account has no more of it.</summary>
    Quota,

    /// <summary>AWS has no more machines of the sort there.</summary>
    Capacity,

    /// <summary>AWS fails, or cannot be reached.</summary>
    Unavailable,
}

/// <summary>What an exception of AWS's clients means, and how it is told. Pure. AWS's words are shown as text and believed in nothing else.</summary>
internal static partial class AwsRefusal
{
    private const int LongestText = 400;

    public static AwsFailure KindOf(Exception failure) => failure switch
    {
        AmazonServiceException refusal => KindOf(refusal.ErrorCode ?? "", refusal.StatusCode),
        // Not sent once more, after that.
        AmazonClientException { InnerException: AmazonServiceException refusal } => KindOf(refusal),
        _ => AwsFailure.Unavailable,
    };

    /// <summary>Whether AWS says that there is no such thing.</summary>
    public static bool IsNotFound(Exception failure) => KindOf(failure) == AwsFailure.NotFound;

    /// <summary>Whether AWS says that there is one of that name. EKS has one word for it and for what others need.</summary>
    public static bool IsThereAlready(Exception failure) => KindOf(failure) is AwsFailure.Exists || (failure as AmazonServiceException)?.ErrorCode == "ResourceInUseException";

    /// <summary>How a failure is told; null where it is none of AWS's, or comes of the waiting's end. What AWS has answered by then is told.</summary>
    /// <param name="failure">What was thrown.</param>
    /// <param name="what">What was asked for: <c>eks:CreateCluster</c>, or the resource.</param>
    /// <param name="cancellationToken">Ended the waiting, perhaps: somebody cancels, or another step failed.</param>
    public static Diagnostic? DiagnoseUnlessOver(Exception failure, string what, CancellationToken cancellationToken) =>
        cancellationToken.IsCancellationRequested && RefusalOf(failure) is null ? null : Diagnose(failure, what);

    /// <summary>How a failure is told; null where it is none of AWS's.</summary>
    /// <param name="failure">What was thrown.</param>
    /// <param name="what">What was asked for: <c>eks:CreateCluster</c>, or the resource.</param>
    public static Diagnostic? Diagnose(Exception failure, string what) => failure switch
    {
        DiagnosticException => null,
        _ when RefusalOf(failure) is { } refusal => Diagnose(refusal, what),
        AmazonUnmarshallingException => DiagnosticDescriptors.AwsUnexpected.Because($"The answer to {what} cannot be read: {Words((failure.InnerException ?? failure).Message)}."),
        AmazonClientException or HttpRequestException or IOException or TimeoutException or OperationCanceledException =>
            DiagnosticDescriptors.AwsUnreachable.Because($"AWS cannot be reached for {what}: {Words(failure.GetBaseException().Message)}."),
        _ => null,
    };

    /// <summary>A text of AWS in one line, without its full stop and without what only an administrator can decode.</summary>
    public static string Words(string text) => Printable.Line(Encoded().Replace(text, "").Trim().TrimEnd('.'), LongestText);

    // What AWS has answered, and not merely that nothing came of the request.
    private static AmazonServiceException? RefusalOf(Exception failure) => failure switch
    {
        AmazonServiceException { StatusCode: not 0 } refusal => refusal,
        // Not sent once more, after that.
        AmazonClientException { InnerException: AmazonServiceException { StatusCode: not 0 } refusal } => refusal,
        _ => null,
    };

    private static AwsFailure KindOf(string code, HttpStatusCode status) => code switch
    {
        "ExpiredToken" or "ExpiredTokenException" or "RequestExpired" or "InvalidClientTokenId" or "UnrecognizedClientException" or "AuthFailure"
            or "SignatureDoesNotMatch" or "InvalidSignatureException" or "MissingAuthenticationToken" or "IncompleteSignature" or "RequestTimeTooSkewed" => AwsFailure.Credentials,
        "AccessDenied" or "AccessDeniedException" or "UnauthorizedOperation" or "OptInRequired" or "NotAuthorized" or "Client.UnauthorizedOperation" => AwsFailure.Forbidden,
        "Throttling" or "ThrottlingException" or "ThrottledException" or "RequestThrottled" or "RequestThrottledException" or "RequestLimitExceeded"
            or "TooManyRequestsException" or "PriorRequestNotComplete" or "SlowDown" => AwsFailure.Throttled,
        "InsufficientInstanceCapacity" or "InsufficientHostCapacity" or "InsufficientCapacity" or "InsufficientFreeAddressesInSubnet" or "Unsupported"
            or "UnsupportedAvailabilityZoneException" => AwsFailure.Capacity,
        "NoSuchEntity" or "LoadBalancerNotFound" or "TargetGroupNotFound" or "ListenerNotFound" or "NatGatewayNotFound" or "NoSuchChange"
            or "Gateway.NotAttached" => AwsFailure.NotFound,
        "EntityAlreadyExists" or "DuplicateLoadBalancerName" or "DuplicateTargetGroupName" or "ResourceAlreadyExistsException"
            or "Resource.AlreadyAssociated" or "InvalidSubnet.Conflict" => AwsFailure.Exists,
        "DependencyViolation" or "DeleteConflict" or "ResourceInUse" or "ResourceInUseException" or "VolumeInUse" or "RepositoryNotEmptyException"
            or "ConcurrentModification" or "OperationAborted" or "IncorrectState" => AwsFailure.InUse,
        "ServiceQuotaExceededException" or "TooManyLoadBalancers" or "TooManyTargetGroups" => AwsFailure.Quota,
        _ when code.Contains("LimitExceeded", StringComparison.Ordinal) => AwsFailure.Quota,
        // EC2 has one for each sort: InvalidVpcID.NotFound, InvalidGroup.Duplicate, InvalidNetworkInterface.InUse.
        _ when code.Contains("NotFound", StringComparison.Ordinal) || code.StartsWith("NoSuch", StringComparison.Ordinal) => AwsFailure.NotFound,
        _ when code.Contains("AlreadyExists", StringComparison.Ordinal) || code.EndsWith("Duplicate", StringComparison.Ordinal) => AwsFailure.Exists,
        _ when code.EndsWith("InUse", StringComparison.Ordinal) => AwsFailure.InUse,
        _ => status switch
        {
            HttpStatusCode.TooManyRequests => AwsFailure.Throttled,
            HttpStatusCode.Unauthorized => AwsFailure.Credentials,
            HttpStatusCode.Forbidden => AwsFailure.Forbidden,
            >= HttpStatusCode.InternalServerError => AwsFailure.Unavailable,
            _ => AwsFailure.Invalid,
        },
    };

    private static Diagnostic Diagnose(AmazonServiceException refusal, string what)
    {
        var said = $"{Words(refusal.Message)}{(refusal.ErrorCode is { Length: > 0 } code ? $" ({Printable.Line(code, 80)})" : "")}";
        return KindOf(refusal) switch
        {
            AwsFailure.Credentials => DiagnosticDescriptors.AwsCredentialsRefused.Because(
                $"AWS refuses the credentials for {what}: {said}.",
                nextStep: refusal.ErrorCode is "RequestTimeTooSkewed" or "SignatureDoesNotMatch" or "InvalidSignatureException" ? "Look at this machine's clock, and at what stands between it and AWS." : null),
            AwsFailure.Forbidden => Forbidden(refusal, what, said),
            AwsFailure.Throttled => DiagnosticDescriptors.AwsThrottled.Because($"AWS takes no more requests for {what}, however slowly they are sent: {said}."),
            AwsFailure.Quota => DiagnosticDescriptors.AwsQuotaExceeded.Because($"The account has no more for {what}: {said}."),
            AwsFailure.Unavailable => DiagnosticDescriptors.AwsUnreachable.Because($"AWS answers {what} with {(int)refusal.StatusCode}: {said}."),
            _ => DiagnosticDescriptors.AwsRefused.Because($"AWS refuses {what}: {said}."),
        };
    }

    // "User: arn:aws:sts::1:assumed-role/ci/run is not authorized to perform: eks:CreateCluster on resource: arn:… because no identity-based policy allows …"
    private static Diagnostic Forbidden(AmazonServiceException refusal, string what, string said)
    {
        if (NotAuthorized().Match(refusal.Message) is not { Success: true } match)
            return DiagnosticDescriptors.AwsForbidden.Because($"AWS does not allow {what}: {said}.");
        var (who, action) = (Words(match.Groups["who"].Value), Words(match.Groups["action"].Value));
        var on = match.Groups["resource"] is { Success: true } resource ? $" on {Words(resource.Value)}" : "";
        var why = match.Groups["why"] is { Success: true } reason ? $": {Words(reason.Value)}" : "";
        return DiagnosticDescriptors.AwsForbidden.Because(
            $"{who} may not {action}{on}{why}.",
            nextStep: why.Contains("explicit deny", StringComparison.Ordinal)
                ? $"A policy forbids {action}: ask who keeps it (a service control policy, a boundary) for an exception."
                : $"Allow {action} in a policy of the role.");
    }

    [GeneratedRegex(@"User: (?<who>\S+) is not authorized to perform: (?<action>[\w-]+:\w+)(?: on resource: (?<resource>\S+))?(?: because (?<why>[^.]+))?", RegexOptions.CultureInvariant)]
    private static partial Regex NotAuthorized();

    [GeneratedRegex(@"\s*Encoded authorization failure message: \S+", RegexOptions.CultureInvariant)]
    private static partial Regex Encoded();
}
