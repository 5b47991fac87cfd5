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
    [InlineData("region=eu-*,account=123456789012", true)]
    [InlineData("region in (us-east-1,us-west-2)", false)]
    public void Matches_OfConditions_HoldsWhereAllDo(string text, bool expected) =>
        Assert.Equal(expected, FleetSelector.Parse(text).Selector!.Matches(Cluster("arn:aws:eks:eu-central-1:123456789012:cluster/eu", "eu-central-1"), "shop", "prod", "shop-prod"));

    [Theory]
    [InlineData("region=*-1", false)]
    [InlineData("region!=us-*", true)]
    [InlineData("cluster=eu/*", true)]
    [InlineData("cluster=prod", true)]
    public void Matches_OfWhatIsNotKnown_IsNothing(string text, bool expected) =>
        Assert.Equal(expected, FleetSelector.Parse(text).Selector!.Matches(Cluster("prod", null) with { Title = "eu/prod" }, "shop", "prod", null));

    [Theory]
    [InlineData("app=nosuch,environment=nosuch,namespace=nosuch", true)]
    [InlineData("cluster=eu*", true)]
    [InlineData("cluster!=eu*,app=shop", false)]
    [InlineData("region notin (us-east-1)", true)]
    [InlineData("account=999999999999", false)]
    public void MayMean_OfACluster_GoesByWhatIsKnownBeforeItIsEntered(string text, bool expected)
    {
        var selector = FleetSelector.Parse(text).Selector!;

        Assert.Equal(expected, selector.MayMean(Cluster("eu", "eu-central-1")));
        Assert.True(selector.MayMean(Cluster("EKS eu-central-1", null) with { Unreadable = new([]) }));
    }

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

    private static FleetCluster Cluster(string name, string? region) =>
        new(name, (_, _) => throw new NotSupportedException(), (_, _) => throw new NotSupportedException()) { Region = region, Account = region is null ? null : "123456789012" };
}
