using KubeApps.Aws.StandIn;
using KubeApps.Aws.StandIn.Models;

namespace KubeApps.Deploy.Tests.Aws.StandIn;

/// <summary>The stand-in's IAM deletes nothing that others hold.</summary>
public sealed class IamStandInTests(AwsStandIn aws)
{
    [Fact]
    public async Task Role_WithPolicies_IsDeletedOnlyWithoutThem()
    {
        using var account = await aws.NewAccountAsync();
        using var iam = new RawAws(ServiceModel.Of("iam"), account);
        account.PlantRole("nodes", "ec2.amazonaws.com");
        const string role = """{"RoleName":"nodes"}""", policy = """{"RoleName":"nodes","PolicyArn":"arn:aws:iam::aws:policy/AmazonEKSWorkerNodePolicy"}""", inline = """{"RoleName":"nodes","PolicyName":"more"}""";

        // What is asked for again is the same again.
        Assert.Equal((await iam.AskAsync("GetRole", role)).ToJsonString(), (await iam.AskAsync("GetRole", role)).ToJsonString());
        await iam.AskAsync("AttachRolePolicy", policy);
        await iam.AskAsync("PutRolePolicy", """{"RoleName":"nodes","PolicyName":"more","PolicyDocument":"{\"Statement\":[]}"}""");
        Assert.Equal("NoSuchEntity", await iam.RefusalOfAsync("AttachRolePolicy", policy.Replace("WorkerNode", "Unknown", StringComparison.Ordinal)));
        Assert.Equal("MalformedPolicyDocument", await iam.RefusalOfAsync("PutRolePolicy", """{"RoleName":"nodes","PolicyName":"bad","PolicyDocument":"{"}"""));
        Assert.Equal("DeleteConflict", await iam.RefusalOfAsync("DeleteRole", role));
        await iam.AskAsync("DetachRolePolicy", policy);
        Assert.Equal("DeleteConflict", await iam.RefusalOfAsync("DeleteRole", role));
        await iam.AskAsync("DeleteRolePolicy", inline);
        await iam.AskAsync("CreateInstanceProfile", """{"InstanceProfileName":"nodes"}""");
        await iam.AskAsync("AddRoleToInstanceProfile", """{"InstanceProfileName":"nodes","RoleName":"nodes"}""");
        Assert.Equal("DeleteConflict", await iam.RefusalOfAsync("DeleteRole", role));
        Assert.Equal("DeleteConflict", await iam.RefusalOfAsync("DeleteInstanceProfile", """{"InstanceProfileName":"nodes"}"""));
        await iam.AskAsync("RemoveRoleFromInstanceProfile", """{"InstanceProfileName":"nodes","RoleName":"nodes"}""");
        await iam.AskAsync("DeleteInstanceProfile", """{"InstanceProfileName":"nodes"}""");
        await iam.AskAsync("DeleteRole", role);

        Assert.Equal("NoSuchEntity", await iam.RefusalOfAsync("GetRole", role));
        Assert.Empty(account.Ledger.There);
    }

    [Fact]
    public async Task Quota_ThatWasRaised_IsAnotherThanTheDefault()
    {
        using var account = await aws.NewAccountAsync();
        using var quotas = new RawAws(ServiceModel.Of("servicequotas"), account);
        account.Quotas["L-F678F1CE"] = 20;
        const string vpcs = """{"ServiceCode":"vpc","QuotaCode":"L-F678F1CE"}""";

        Assert.Equal(20, (double)(await quotas.AskAsync("GetServiceQuota", vpcs))["Quota"]!["Value"]!);
        Assert.Equal(5, (double)(await quotas.AskAsync("GetAWSDefaultServiceQuota", vpcs))["Quota"]!["Value"]!);
        Assert.Equal("NoSuchResourceException", await quotas.RefusalOfAsync("GetServiceQuota", """{"ServiceCode":"vpc","QuotaCode":"L-0"}"""));
    }
}
