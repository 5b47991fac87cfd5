using KubeApps.Deploy.Aws;
using KubeApps.Diagnostics;

namespace KubeApps.Deploy.Tests.Aws;

public sealed class AwsRegionsTests
{
    [Theory]
    [InlineData("eu-central-1")]
    [InlineData("us-gov-west-1")]
    [InlineData("us-iso-east-1")]
    [InlineData("eusc-de-east-1")]
    public void Find_RegionOfAnyPartition_IsTaken(string name) => Assert.Equal(name, AwsRegions.Find(new AwsSettings { Region = name }).SystemName);

    // It becomes part of a host name.
    [Theory]
    [InlineData("frankfurt")]
    [InlineData("eu-central-1.example.com")]
    [InlineData("EU-CENTRAL-1")]
    [InlineData("")]
    public void Find_AnythingElse_IsRefused(string name) =>
        Assert.Equal("KUBEAPP8108", Assert.Throws<DiagnosticException>(() => AwsRegions.Find(new AwsSettings { Region = name })).Diagnostics[0].Code);
}
