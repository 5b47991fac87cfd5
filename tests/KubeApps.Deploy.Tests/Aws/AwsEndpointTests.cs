using Amazon;
using Amazon.Runtime.Endpoints;
using KubeApps.Deploy.Aws;
using KubeApps.Deploy.Aws.Ecr;
using KubeApps.Deploy.Aws.Eks;
using KubeApps.Deploy.Aws.Iam;
using KubeApps.Deploy.Aws.Protocols;
using KubeApps.Deploy.Aws.Route53;
using KubeApps.Deploy.Tests.Aws.Operations;

namespace KubeApps.Deploy.Tests.Aws;

// What AWS's own rules for its endpoints give.
public sealed class AwsEndpointTests
{
    private static readonly AwsService[] Services = [AmazonEKSClient.Service, AmazonECRClient.Service, AmazonIdentityManagementServiceClient.Service, AmazonRoute53Client.Service];

    [Theory]
    [InlineData("EKS", "eu-central-1", "eks.eu-central-1.amazonaws.com", "fips.eks.eu-central-1.amazonaws.com", "eks.eu-central-1.api.aws", "eks-fips.eu-central-1.api.aws")]
    [InlineData("EKS", "cn-north-1", "eks.cn-north-1.amazonaws.com.cn", "eks-fips.cn-north-1.amazonaws.com.cn", "eks.cn-north-1.api.amazonwebservices.com.cn", "eks-fips.cn-north-1.api.amazonwebservices.com.cn")]
    [InlineData("EKS", "us-gov-west-1", "eks.us-gov-west-1.amazonaws.com", "eks.us-gov-west-1.amazonaws.com", "eks.us-gov-west-1.api.aws", "eks-fips.us-gov-west-1.api.aws")]
    [InlineData("ECR", "us-east-1", "api.ecr.us-east-1.amazonaws.com", "api.ecr-fips.us-east-1.amazonaws.com", "ecr.us-east-1.api.aws", "ecr-fips.us-east-1.api.aws")]
    [InlineData("ECR", "us-gov-west-1", "api.ecr.us-gov-west-1.amazonaws.com", "api.ecr-fips.us-gov-west-1.amazonaws.com", "ecr.us-gov-west-1.api.aws", "ecr-fips.us-gov-west-1.api.aws")]
    public void Of_ServiceOfARegion_IsItsHostPlainWithFipsWithDualStackAndWithBoth(string id, string region, string plain, string fips, string dualStack, string both)
    {
        Assert.Equal([plain, fips, dualStack, both], Hosts(id, region));
        Assert.Equal(region, AwsEndpoints.Of(Service(id), RegionEndpoint.GetBySystemName(region), false, false).SigningRegion);
    }

    [Theory]
    [InlineData("IAM", "eu-central-1", "us-east-1", "iam.amazonaws.com", "iam-fips.amazonaws.com", "iam.global.api.aws", "iam-fips.global.api.aws")]
    [InlineData("IAM", "cn-northwest-1", "cn-north-1", "iam.cn-north-1.amazonaws.com.cn", null, null, null)]
    [InlineData("IAM", "us-gov-east-1", "us-gov-west-1", "iam.us-gov.amazonaws.com", "iam.us-gov.amazonaws.com", "iam.us-gov.api.aws", "iam.us-gov.api.aws")]
    [InlineData("IAM", "eusc-de-east-1", "eusc-de-east-1", "iam.eusc-de-east-1.amazonaws.eu", null, null, null)]
    [InlineData("Route 53", "eu-central-1", "us-east-1", "route53.amazonaws.com", "route53-fips.amazonaws.com", "route53.global.api.aws", "route53-fips.global.api.aws")]
    [InlineData("Route 53", "cn-north-1", "cn-northwest-1", "route53.amazonaws.com.cn", null, null, null)]
    [InlineData("Route 53", "eusc-de-east-1", "eusc-de-east-1", "route53.amazonaws.eu", null, null, null)]
    public void Of_ServiceOfAPartition_IsSignedForItsRegion(string id, string region, string signing, string plain, string? fips, string? dualStack, string? both)
    {
        Assert.Equal(signing, AwsEndpoints.Of(Service(id), RegionEndpoint.GetBySystemName(region), false, false).SigningRegion);
        Assert.Equal(fips is null ? [plain] : [plain, fips, dualStack!, both!], fips is null ? Hosts(id, region)[..1] : Hosts(id, region));
    }

    // The variables and the profile are the SDK's to read (AWS_USE_FIPS_ENDPOINT, AWS_USE_DUALSTACK_ENDPOINT): what it makes of them is followed by each client.
    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public void Client_WithFipsAndDualStack_IsLedThere(bool usesFips, bool usesDualStack)
    {
        var region = RegionEndpoint.GetBySystemName("us-east-1");
        foreach (var service in ClientOperation.Clients.Select(ClientOperation.ServiceOf))
        {
            var config = new AwsSettings().Apply(new AwsServiceConfig(service) { UseFIPSEndpoint = usesFips, UseDualstackEndpoint = usesDualStack }, region);

            var host = new Uri(config.ResolveEndpoint(new EndpointParameters()).URL).Host;

            Assert.Equal(new Uri(AwsEndpoints.Of(service, region, usesFips, usesDualStack).Url).Host, host);
            Assert.Equal((usesFips, usesDualStack), (host.Contains("fips", StringComparison.Ordinal), host.EndsWith(".api.aws", StringComparison.Ordinal)));
        }
    }

    private static string[] Hosts(string id, string region) =>
        [.. new[] { (false, false), (true, false), (false, true), (true, true) }.Select(flags => new Uri(AwsEndpoints.Of(Service(id), RegionEndpoint.GetBySystemName(region), flags.Item1, flags.Item2).Url).Host)];

    private static AwsService Service(string id) => Services.Single(service => service.Id == id);
}
