using KubeApps.Deploy.Aws.Ecr;

namespace KubeApps.Deploy.Tests.Aws.Ecr;

public sealed class EcrAddressTests
{
    [Theory]
    [InlineData("123456789012.dkr.ecr.eu-central-1.amazonaws.com", "123456789012", "eu-central-1")]
    [InlineData("123456789012.dkr.ecr-fips.us-gov-west-1.amazonaws.com", "123456789012", "us-gov-west-1")]
    [InlineData("123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn", "123456789012", "cn-north-1")]
    [InlineData("123456789012.dkr-ecr.eu-west-1.on.aws", "123456789012", "eu-west-1")]
    public void Parse_ARegistryOfEcr_SaysWhoseAndWhere(string host, string account, string region) =>
        Assert.Equal(new EcrAddress(account, region), EcrAddress.TryParse(host));

    [Theory]
    [InlineData("registry.example.com")]
    [InlineData("public.ecr.aws")]
    [InlineData("12345.dkr.ecr.eu-central-1.amazonaws.com")]
    [InlineData("123456789012.dkr.ecr.eu-central-1.amazonaws.com.example.com")]
    [InlineData("123456789012.dkr.ecr.eu-central-1.amazonaws.com:443")]
    public void Parse_AnythingElse_IsNone(string host) => Assert.Null(EcrAddress.TryParse(host));

    [Theory]
    [InlineData("eu-central-1", "123456789012.dkr.ecr.eu-central-1.amazonaws.com")]
    [InlineData("cn-northwest-1", "123456789012.dkr.ecr.cn-northwest-1.amazonaws.com.cn")]
    public void Host_OfAnAccountAndRegion_IsTheirRegistry(string region, string host) => Assert.Equal(host, new EcrAddress("123456789012", region).Host);

    [Theory]
    [InlineData("ecr", true, "")]
    [InlineData("ecr/team/shop", true, "team/shop")]
    [InlineData("ecr.example.com/team", false, "team")]
    public void Own_ByItsShortName_IsTold(string place, bool isOwn, string prefix) => Assert.Equal((isOwn, prefix), (EcrAddress.IsOwn(place, out var found), found));
}
