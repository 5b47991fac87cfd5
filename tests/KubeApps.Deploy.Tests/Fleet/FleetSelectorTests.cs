using KubeApps.Deploy.Fleet;

namespace KubeApps.Deploy.Tests.Fleet;

public sealed class FleetSelectorTests
{
    [Theory]
    [InlineData("app=shop", true)]
    [InlineData("app==shop", true)]
    [InlineData("app=sh*", true)]
    [InlineData("app!=shop", false)]
    [InlineData("app=shop,environment=prod", true)]
    [InlineData("app=shop, environment=test", false)]
    [InlineData("environment in (prod, live)", true)]
    [InlineData("environment=PROD", true)]
    [InlineData("environment notin (prod,live)", false)]
    [InlineData("app in (a,b),environment in (prod)", false)]
    [InlineData("cluster=arn:aws:eks:*:cluster/eu", true)]
    [InlineData("namespace=shop-*,cluster!=*-old", true)]
    public void Matches_OfConditions_HoldsWhereAllDo(string text, bool expected) =>
        Assert.Equal(expected, FleetSelector.Parse(text).Selector!.Matches("shop", "prod", "shop-prod", "arn:aws:eks:eu-central-1:123456789012:cluster/eu"));

    [Theory]
    [InlineData("")]
    [InlineData("app")]
    [InlineData("app=")]
    [InlineData("app=a,")]
    [InlineData("app in ()")]
    [InlineData("app in (a")]
    [InlineData("tier=web")]
    [InlineData("app=a=b")]
    public void Parse_OfWhatIsNoSelector_SaysWhatIsWrong(string text)
    {
        var (selector, mistake) = FleetSelector.Parse(text);

        Assert.Null(selector);
        Assert.EndsWith(".", mistake, StringComparison.Ordinal);
    }
}
