using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Amazon.Runtime;
using KubeApps.Aws.StandIn;
using KubeApps.Aws.StandIn.Models;

namespace KubeApps.Deploy.Tests.Aws.StandIn;

/// <summary>What is not as AWS describes it does not pass.</summary>
public sealed class WireStandInTests(AwsStandIn aws)
{
    private const string Network = """{"subnetIds":["subnet-1","subnet-2"]}""";

    [Theory]
    [InlineData($$"""{"name":"a","roleArn":"r"}""", "CreateCluster.resourcesVpcConfig is required")]
    [InlineData($$"""{"name":7,"roleArn":"r","resourcesVpcConfig":{{Network}} }""", "CreateCluster.name is no string: 7")]
    [InlineData($$"""{"name":"a","roleArn":"r","resourcesVpcConfig":{{Network}},"labels":{} }""", "CreateCluster has no member labels")]
    [InlineData("""{"name":"a","roleArn":"r","resourcesVpcConfig":{"subnetIds":"subnet-1"} }""", "CreateCluster.resourcesVpcConfig.subnetIds is no list")]
    [InlineData("""{"name":"a","roleArn":"r","resourcesVpcConfig":{"subnetIds":["a",null]} }""", "CreateCluster.resourcesVpcConfig.subnetIds[1] is null")]
    [InlineData("""{"name":"a","roleArn":"r","resourcesVpcConfig":{"endpointPublicAccess":"true"} }""", "CreateCluster.resourcesVpcConfig.endpointPublicAccess is no boolean: \"true\"")]
    [InlineData($$"""{"name":"a","roleArn":"r","resourcesVpcConfig":{{Network}},"accessConfig":{"authenticationMode":"NONE"} }""", "is \"NONE\", which is none of API, API_AND_CONFIG_MAP, CONFIG_MAP")]
    [InlineData($$"""{"name":"a","roleArn":"r","resourcesVpcConfig":{{Network}},"tags":{"a":["b"]} }""", "CreateCluster.tags[a] is no string")]
    public async Task Request_ThatIsNotAsDescribed_IsRefusedWithTheReason(string input, string reason)
    {
        using var account = await aws.NewAccountAsync();
        using var eks = new RawAws(ServiceModel.Of("eks"), account);

        var refused = await Assert.ThrowsAsync<AmazonServiceException>(() => eks.AskAsync("CreateCluster", input));

        Assert.Contains(reason, refused.Message, StringComparison.Ordinal);
        Assert.Contains(reason, Assert.Single(account.TakeViolations()), StringComparison.Ordinal);
        Assert.Empty(account.Ledger.Ever);
    }

    [Theory]
    [InlineData("eks", "CreateCluster", $$"""{"name":"-a","roleArn":"r","resourcesVpcConfig":{{Network}} }""", "CreateCluster.name is \"-a\", which does not match")]
    [InlineData("eks", "ListClusters", """{"maxResults":101}""", "ListClusters.maxResults is 101, more than 100")]
    [InlineData("eks", "TagResource", """{"resourceArn":"a","tags":{"":"b"} }""", "TagResource.tags's key  is 0 characters, fewer than 1")]
    [InlineData("iam", "CreateRole", """{"RoleName":"a b","AssumeRolePolicyDocument":"{}"}""", "CreateRole.RoleName is \"a b\", which does not match")]
    [InlineData("iam", "TagRole", """{"RoleName":"a","Tags":[{"Key":"k","Value":"a,b"}]}""", "TagRole.Tags[0].Value is \"a,b\", which does not match")]
    [InlineData("ecr", "CreateRepository", """{"repositoryName":"Shop"}""", "CreateRepository.repositoryName is \"Shop\", which does not match")]
    public async Task Request_OutsideOfAwsLimits_IsRefusedWithTheReason(string service, string operation, string input, string reason)
    {
        using var account = await aws.NewAccountAsync();
        using var client = new RawAws(ServiceModel.Of(service), account);

        var refused = await Assert.ThrowsAsync<AmazonServiceException>(() => client.AskAsync(operation, input));

        Assert.Contains(reason, refused.Message, StringComparison.Ordinal);
        Assert.Contains(reason, Assert.Single(account.TakeViolations()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Request_ThatIsNotAsDescribed_FailsTheTest()
    {
        var account = await aws.NewAccountAsync();
        using var eks = new RawAws(ServiceModel.Of("eks"), account);
        await eks.RefusalOfAsync("CreateCluster");

        Assert.Contains("CreateCluster.name is required", Assert.Throws<InvalidOperationException>(account.Dispose).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Operation_ThatTheStandInLacks_FailsTheTest()
    {
        using var account = await aws.NewAccountAsync();
        using var eks = new RawAws(ServiceModel.Of("eks"), account);

        var refused = await Assert.ThrowsAsync<AmazonServiceException>(() => eks.AskAsync("RegisterCluster", """{"name":"a","connectorConfig":{"roleArn":"r","provider":"OTHER"} }"""));

        Assert.Equal(HttpStatusCode.NotImplemented, refused.StatusCode);
        Assert.Single(account.TakeViolations());
    }

    // Each signed anew, so that nothing but the mistake is wrong.
    [Theory]
    [InlineData("GET", "/clusters?maxResults=5&colour=red", null, null, "ListClusters has no colour in the query")]
    [InlineData("GET", "/clusters?maxResults=many", null, null, "ListClusters.maxResults is no integer: \"many\"")]
    [InlineData("GET", "/cluster/a", null, null, "EKS has no GET /cluster/a")]
    [InlineData("PATCH", "/clusters/a", null, null, "EKS has no PATCH /clusters/a")]
    [InlineData("GET", "/clusters/", null, null, "DescribeCluster.name is empty in the path")]
    [InlineData("GET", "/clusters/a", "{\"name\":\"a\"}", "application/json", "DescribeCluster has no body")]
    [InlineData("POST", "/clusters/a/addons", "{\"addonName\":\"coredns\",\"name\":\"a\"}", "application/json", "CreateAddon has no member name")]
    [InlineData("POST", "/clusters/a/addons", "{\"addonName\":\"coredns\",\"clusterName\":\"b\"}", "application/json", "CreateAddon.clusterName does not belong into the body")]
    [InlineData("POST", "/clusters/a/addons", "addonName=coredns", "application/x-www-form-urlencoded", "the content is application/json")]
    public async Task Wire_ThatIsNotAsDescribed_IsRefusedWithTheReason(string method, string target, string? body, string? type, string reason)
    {
        using var account = await aws.NewAccountAsync();

        var (status, text) = await HandSigned.SendAsync(account, "eks", method, target, body, type);

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Contains(reason, (string)JsonNode.Parse(text)!["message"]!, StringComparison.Ordinal);
        Assert.Single(account.TakeViolations());
    }

    [Theory]
    [InlineData("Action=GetCallerIdentity&Version=2011-06-15&Colour=red", "GetCallerIdentity has no parameter Colour")]
    [InlineData("Action=GetCallerIdentity&Version=2011-06-16", "the version of STS is 2011-06-15, not \"2011-06-16\"")]
    [InlineData("Action=GetCaller&Version=2011-06-15", "STS has no operation \"GetCaller\"")]
    [InlineData("Action=AssumeRole&Version=2011-06-15&RoleArn=a&RoleSessionName=b&DurationSeconds=soon", "AssumeRole.DurationSeconds is no integer: \"soon\"")]
    [InlineData("Action=AssumeRole&Version=2011-06-15&RoleArn=a&RoleSessionName=b&Tags.1.Key=c&Tags.1.Value=d", "AssumeRole has no parameter Tags.1.Key")]
    [InlineData("Action=AssumeRole&Version=2011-06-15&RoleArn=a&RoleSessionName=b&Tags.member.2.Key=c&Tags.member.2.Value=d", "AssumeRole has no parameter Tags.member.2.Key")]
    [InlineData("Action=AssumeRole&Version=2011-06-15&RoleArn=a&RoleSessionName=b&Tags.member.1.Key=c", "AssumeRole.Tags[0].Value is required")]
    public async Task Form_ThatIsNotAsDescribed_IsRefusedWithTheReason(string form, string reason)
    {
        using var account = await aws.NewAccountAsync();

        var (status, text) = await HandSigned.SendAsync(account, "sts", "POST", "/", form, "application/x-www-form-urlencoded");

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Contains(reason, WebUtility.HtmlDecode(text), StringComparison.Ordinal);
        Assert.Single(account.TakeViolations());
    }

    [Fact]
    public async Task Signature_OfAnotherBody_IsRefused()
    {
        using var account = await aws.NewAccountAsync();

        var (status, text) = await HandSigned.SendAsync(account, "eks", "POST", "/clusters", "{}", "application/json", change: request => request.Content = new StringContent("{ }", Encoding.UTF8, "application/json"));

        Assert.Equal(HttpStatusCode.Forbidden, status);
        Assert.Contains("what AWS signs is", text, StringComparison.Ordinal);
        Assert.Single(account.TakeViolations());
    }

    [Fact]
    public async Task Signature_ThatIsOld_IsRefused()
    {
        using var account = await aws.NewAccountAsync();

        var (status, text) = await HandSigned.SendAsync(account, "eks", "GET", "/clusters", age: TimeSpan.FromMinutes(16));

        Assert.Equal(HttpStatusCode.Forbidden, status);
        Assert.Contains("Signature expired", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Action_ThatAPrincipalMayNotDo_IsDenied()
    {
        using var account = await aws.NewAccountAsync();
        using var eks = new RawAws(ServiceModel.Of("eks"), account, account.NewUser("reader", "eks:List*", "eks:Describe*"));

        await eks.AskAsync("ListClusters");
        var refused = await Assert.ThrowsAsync<AmazonServiceException>(() => eks.AskAsync("DeleteCluster", """{"name":"a"}"""));

        Assert.Equal("AccessDeniedException", refused.ErrorCode);
        Assert.StartsWith($"User: arn:aws:iam::{account.Id}:user/reader is not authorized to perform: eks:DeleteCluster", refused.Message, StringComparison.Ordinal);
    }
}
