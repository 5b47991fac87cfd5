using System.Text.Json.Nodes;
using KubeApps.Deploy.Aws.Ecr;

namespace KubeApps.Deploy.Tests.Aws.Ecr;

/// <summary>Who may pull stands in one statement of ours; what others wrote into a policy stays.</summary>
public sealed class EcrPullAccessTests
{
    private const string Others = """{"Version":"2008-10-17","Statement":[{"Sid":"Lambda","Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"ecr:BatchGetImage"}]}""";

    [Fact]
    public void Bring_WithoutAPolicy_GrantsThePullAlone()
    {
        var (differs, policy) = EcrPullAccess.Bring(null, ["222222222222", "111111111111"], "aws-cn");

        var statement = JsonNode.Parse(policy!)!["Statement"]!.AsArray().Single()!;
        Assert.True(differs);
        Assert.Equal(["arn:aws-cn:iam::111111111111:root", "arn:aws-cn:iam::222222222222:root"], statement["Principal"]!["AWS"]!.AsArray().Select(item => (string)item!));
        Assert.All(statement["Action"]!.AsArray(), action => Assert.Matches("^ecr:(BatchCheck|BatchGet|GetDownload)", (string)action!));
    }

    [Fact]
    public void Bring_Again_ChangesNothing()
    {
        var (_, policy) = EcrPullAccess.Bring(Others, ["111111111111", "222222222222"], "aws");

        Assert.Equal((false, policy), EcrPullAccess.Bring(policy, ["222222222222", "111111111111"], "aws"));
    }

    [Fact]
    public void Bring_BesideStatementsOfOthers_LeavesThem()
    {
        var (_, granted) = EcrPullAccess.Bring(Others, ["111111111111"], "aws");
        var (differs, taken) = EcrPullAccess.Bring(granted, [], "aws");

        Assert.Equal(["Lambda", "KubeAppsPull"], JsonNode.Parse(granted!)!["Statement"]!.AsArray().Select(item => (string)item!["Sid"]!));
        Assert.True(differs);
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(Others), JsonNode.Parse(taken!)));
    }

    [Fact]
    public void Bring_NobodyAnyMore_LeavesNoPolicy() =>
        Assert.Equal((true, null), EcrPullAccess.Bring(EcrPullAccess.Bring(null, ["111111111111"], "aws").Policy, [], "aws"));

    [Theory]
    [InlineData("""{"Sid":"KubeAppsPull","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111111111111:root"},"Action":["ecr:*"]}""")]
    [InlineData("""{"Sid":"KubeAppsPull","Effect":"Allow","Principal":"*","Action":["ecr:BatchCheckLayerAvailability","ecr:BatchGetImage","ecr:GetDownloadUrlForLayer"]}""")]
    [InlineData("""{"Sid":"KubeAppsPull","Effect":"Allow","Principal":{"AWS":"AIDAGONE"},"Action":["ecr:BatchCheckLayerAvailability","ecr:BatchGetImage","ecr:GetDownloadUrlForLayer"]}""")]
    public void Bring_AStatementThatGrantsSomethingElse_IsWrittenAnew(string statement)
    {
        var (differs, policy) = EcrPullAccess.Bring($$"""{"Version":"2012-10-17","Statement":[{{statement}}]}""", ["111111111111"], "aws");

        Assert.True(differs);
        Assert.Equal(EcrPullAccess.Bring(null, ["111111111111"], "aws").Policy, policy);
    }

    [Fact]
    public void Bring_WhatIsNoPolicy_IsNotWrittenOver() => Assert.Throws<FormatException>(() => EcrPullAccess.Bring("[]", ["111111111111"], "aws"));
}
