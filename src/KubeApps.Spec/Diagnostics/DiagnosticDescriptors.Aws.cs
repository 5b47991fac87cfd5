namespace KubeApps.Diagnostics;

// 810x: AWS and the way to it.
internal static partial class DiagnosticDescriptors
{
    public static readonly DiagnosticDescriptor AwsCredentialsMissing = new(
        "KUBEAPP8100", "There are no credentials of AWS",
        "Log in (aws sso login), choose a profile (AWS_PROFILE), or give the workflow a role (aws-actions/configure-aws-credentials).");

    public static readonly DiagnosticDescriptor AwsCredentialsRefused = new(
        "KUBEAPP8101", "AWS refuses the credentials", "Log in again, or take new credentials: these have expired or are unknown.");

    public static readonly DiagnosticDescriptor AwsWrongAccount = new(
        "KUBEAPP8102", "The credentials are of another account", "Choose the profile or the role of the environment's account. Nothing was changed.");

    public static readonly DiagnosticDescriptor AwsForbidden = new(
        "KUBEAPP8103", "AWS does not allow what was asked", "Allow the action in a policy of the role.");

    public static readonly DiagnosticDescriptor AwsThrottled = new(
        "KUBEAPP8104", "AWS takes no more requests for a while", "Run it again later: it goes on where it was. Others may be asking much in the same account and region.");

    public static readonly DiagnosticDescriptor AwsUnreachable = new(
        "KUBEAPP8105", "AWS cannot be reached, or fails", "Look at the region's name, the network and its proxy, and https://health.aws.amazon.com; then run it again.");

    public static readonly DiagnosticDescriptor AwsRefused = new(
        "KUBEAPP8106", "AWS refuses what was asked", "Correct what AWS names.");

    public static readonly DiagnosticDescriptor AwsQuotaExceeded = new(
        "KUBEAPP8107", "A quota of the account is used up", "Ask for more under Service Quotas, in this account and region, or delete what is not needed.");

    public static readonly DiagnosticDescriptor AwsRegionInvalid = new(
        "KUBEAPP8108", "No region of AWS is named, or something that is none", "Name one in the environment's target, or set AWS_REGION.");

    public static readonly DiagnosticDescriptor AwsUnexpected = new(
        "KUBEAPP8109", "Something other than AWS answers", "Look at the address (AWS_ENDPOINT_URL) and at what stands between: a proxy, or a page that wants a login.");
}
