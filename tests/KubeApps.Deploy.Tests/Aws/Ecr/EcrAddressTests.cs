using KubeApps.Deploy.Aws.Ecr;
using KubeApps.Deploy.Aws.Protocols;

namespace KubeApps.Deploy.Tests.Aws.Ecr;

public sealed class EcrAddressTests
{
    [Theory]
    [InlineData("123456789012.dkr.ecr.eu-central-1.amazonaws.com", "eu-central-1", false, false)]
    [InlineData("123456789012.dkr.ecr-fips.us-gov-west-1.amazonaws.com", "us-gov-west-1", true, false)]
    [InlineData("123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn", "cn-north-1", false, false)]
    [InlineData("123456789012.dkr-ecr.eu-west-1.on.aws", "eu-west-1", false, true)]
    [InlineData("123456789012.dkr-ecr-fips.us-east-1.on.aws", "us-east-1", true, true)]
    [InlineData("123456789012.dkr-ecr.cn-northwest-1.on.amazonwebservices.com.cn", "cn-northwest-1", false, true)]
    public void Parse_ARegistryOfEcr_SaysWhoseAndWhereAndIsWrittenTheSame(string host, string region, bool isFips, bool isDualStack)
    {
        var address = EcrAddress.TryParse(host);

        Assert.Equal(new EcrAddress("123456789012", region) { IsFips = isFips, IsDualStack = isDualStack }, address);
        Assert.Equal(host, address!.Host);
    }

    [Theory]
    [InlineData("registry.example.com")]
    [InlineData("public.ecr.aws")]
    [InlineData("12345.dkr.ecr.eu-central-1.amazonaws.com")]
    [InlineData("123456789012.dkr.ecr.eu-central-1.amazonaws.com.example.com")]
    [InlineData("123456789012.dkr.ecr.eu-central-1.amazonaws.com:443")]
    public void Parse_AnythingElse_IsNone(string host) => Assert.Null(EcrAddress.TryParse(host));

    [Theory]
    [InlineData("123456789012.dkr.ecr.us-east-1.amazonaws.com", false, false, "123456789012.dkr.ecr.us-east-1.amazonaws.com")]
    [InlineData("123456789012.dkr.ecr.us-east-1.amazonaws.com", true, false, "123456789012.dkr.ecr-fips.us-east-1.amazonaws.com")]
    [InlineData("123456789012.dkr.ecr.us-east-1.amazonaws.com", true, true, "123456789012.dkr-ecr-fips.us-east-1.on.aws")]
    [InlineData("localhost:5000", true, true, "localhost:5000")]
    public void Host_OfTheAccountsOwn_IsReachedAsAwsIs(string told, bool usesFips, bool usesDualStack, string host) =>
        Assert.Equal(host, EcrRegistry.HostOf(told, new AwsServiceConfig(AmazonECRClient.Service) { UseFIPSEndpoint = usesFips, UseDualstackEndpoint = usesDualStack }));

    [Theory]
    [InlineData("ecr", true, "")]
    [InlineData("ecr/team/shop", true, "team/shop")]
    [InlineData("ecr.example.com/team", false, "team")]
    public void Own_ByItsShortName_IsTold(string place, bool isOwn, string prefix) => Assert.Equal((isOwn, prefix), (EcrAddress.IsOwn(place, out var found), found));
}
