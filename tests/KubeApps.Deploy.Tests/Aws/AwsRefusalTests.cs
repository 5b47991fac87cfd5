using System.Net;
using Amazon.Runtime;
using KubeApps.Deploy.Aws;

namespace KubeApps.Deploy.Tests.Aws;

public sealed class AwsRefusalTests
{
    private const string NotAuthorized =
        "User: arn:aws:sts::123456789012:assumed-role/ci/run-7 is not authorized to perform: eks:CreateCluster on resource: arn:aws:eks:eu-central-1:123456789012:cluster/shop because ";

    [Fact]
    public void Diagnose_MissingPermission_NamesRoleActionAndResource()
    {
        var diagnostic = AwsRefusal.Diagnose(Refusal("AccessDeniedException", 403, NotAuthorized + "no identity-based policy allows the eks:CreateCluster action"), "the cluster shop")!;

        Assert.Equal("KUBEAPP8103", diagnostic.Code);
        Assert.Equal(
            "arn:aws:sts::123456789012:assumed-role/ci/run-7 may not eks:CreateCluster on arn:aws:eks:eu-central-1:123456789012:cluster/shop: no identity-based policy allows the eks:CreateCluster action.",
            diagnostic.Cause);
        Assert.Equal("Allow eks:CreateCluster in a policy of the role.", diagnostic.NextStep);
    }

    [Fact]
    public void Diagnose_ExplicitDeny_SendsToWhoeverKeepsThePolicy()
    {
        var diagnostic = AwsRefusal.Diagnose(Refusal("AccessDeniedException", 403, NotAuthorized + "an explicit deny in a service control policy"), "the cluster shop")!;

        Assert.StartsWith("A policy forbids eks:CreateCluster", diagnostic.NextStep, StringComparison.Ordinal);
    }

    [Fact]
    public void Diagnose_EncodedMessageOfEc2_IsLeftOut()
    {
        var diagnostic = AwsRefusal.Diagnose(
            Refusal("UnauthorizedOperation", 403, $"You are not authorized to perform this operation. Encoded authorization failure message: {new string('x', 900)}"), "ec2:CreateVpc")!;

        Assert.Equal("AWS does not allow ec2:CreateVpc: You are not authorized to perform this operation (UnauthorizedOperation).", diagnostic.Cause);
    }

    [Theory]
    [InlineData("ExpiredTokenException", 403, "KUBEAPP8101")]
    [InlineData("ThrottlingException", 400, "KUBEAPP8104")]
    [InlineData("RequestLimitExceeded", 503, "KUBEAPP8104")]
    [InlineData("VpcLimitExceeded", 400, "KUBEAPP8107")]
    [InlineData("ResourceLimitExceededException", 400, "KUBEAPP8107")]
    [InlineData("ServerException", 500, "KUBEAPP8105")]
    [InlineData("InvalidParameterException", 400, "KUBEAPP8106")]
    public void Diagnose_Refusal_HasTheCodeOfItsSort(string code, int status, string expected) =>
        Assert.Equal(expected, AwsRefusal.Diagnose(Refusal(code, status, "No."), "eks:CreateCluster")!.Code);

    // Of two steps that are refused at once, the first ends the waiting of the second.
    [Fact]
    public void DiagnoseUnlessOver_WaitingIsOver_TellsWhatAwsHadAnsweredAndNotThatNothingCame()
    {
        var over = new CancellationToken(canceled: true);
        var refusal = Refusal("LimitExceeded", 409, "Cannot exceed quota for RolesPerAccount: 1000");

        Assert.Equal("KUBEAPP8107", AwsRefusal.DiagnoseUnlessOver(refusal, "iam:CreateRole", over)!.Code);
        Assert.Equal("KUBEAPP8107", AwsRefusal.DiagnoseUnlessOver(new AmazonClientException("Not sent again.", refusal), "iam:CreateRole", over)!.Code);
        Assert.Null(AwsRefusal.DiagnoseUnlessOver(new OperationCanceledException(over), "iam:CreateRole", over));
        Assert.Null(AwsRefusal.DiagnoseUnlessOver(new HttpRequestException("Cut."), "iam:CreateRole", over));
        Assert.Equal("KUBEAPP8105", AwsRefusal.DiagnoseUnlessOver(new HttpRequestException("Cut."), "iam:CreateRole", TestContext.Current.CancellationToken)!.Code);
    }

    [Theory]
    [InlineData("InvalidVpcID.NotFound", nameof(AwsFailure.NotFound))]
    [InlineData("NoSuchEntity", nameof(AwsFailure.NotFound))]
    [InlineData("RepositoryNotFoundException", nameof(AwsFailure.NotFound))]
    [InlineData("InvalidGroup.Duplicate", nameof(AwsFailure.Exists))]
    [InlineData("RepositoryAlreadyExistsException", nameof(AwsFailure.Exists))]
    [InlineData("DependencyViolation", nameof(AwsFailure.InUse))]
    [InlineData("InvalidNetworkInterface.InUse", nameof(AwsFailure.InUse))]
    [InlineData("InsufficientInstanceCapacity", nameof(AwsFailure.Capacity))]
    public void KindOf_WordOfAService_IsWhatItMeans(string code, string expected) =>
        Assert.Equal(expected, AwsRefusal.KindOf(Refusal(code, 400, "No.")).ToString());

    [Fact]
    public void Diagnose_HostileWords_StayOnOneLine()
    {
        var diagnostic = AwsRefusal.Diagnose(Refusal("InvalidParameterException", 400, "bad\u001b[31m\nname"), "eks:CreateCluster")!;

        Assert.DoesNotContain('\n', diagnostic.Cause);
        Assert.DoesNotContain('\u001b', diagnostic.Cause);
    }

    private static AmazonServiceException Refusal(string code, int status, string message) =>
        new(message, null, ErrorType.Sender, code, "request-1", (HttpStatusCode)status);
}
