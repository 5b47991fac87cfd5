using KubeApps.Deploy.Aws;

namespace KubeApps.Deploy.Tests.Aws;

public sealed class AwsIdentityTests
{
    [Theory]
    [InlineData("arn:aws:sts::123456789012:assumed-role/ci/run-7", "arn:aws:iam::123456789012:role/ci", true)]
    [InlineData("arn:aws:sts::123456789012:assumed-role/ci/run-7", "arn:aws:iam::123456789012:role/teams/shop/ci", true)]
    [InlineData("arn:aws:sts::123456789012:assumed-role/ci/run-7", "arn:aws:iam::123456789012:role/shop-ci", false)]
    [InlineData("arn:aws:sts::123456789012:assumed-role/ci/run-7", "arn:aws:iam::999999999999:role/ci", false)]
    [InlineData("arn:aws:sts::123456789012:assumed-role/ci/run-7", "arn:aws:iam::123456789012:user/ci", false)]
    [InlineData("arn:aws:iam::123456789012:user/ada", "arn:aws:iam::123456789012:user/ada", true)]
    [InlineData("arn:aws:iam::123456789012:user/ada", "arn:aws:iam::123456789012:role/ada", false)]
    public void Is_PrincipalOfIam_KnowsASessionByItsRole(string own, string principal, bool expected) =>
        Assert.Equal(expected, new AwsIdentity("123456789012", "eu-central-1", own).Is(principal));
}
