using KubeApps.Deploy.Clusters;

namespace KubeApps.Deploy.Tests.Clusters;

public class ClusterNamesTests
{
    [Fact]
    public void Next_OfAnOwnerWithoutClusters_IsTheFirst() => Assert.Equal("shop-prod-1", ClusterNames.Next(new("shop", "prod"), []));

    [Fact]
    public void Next_CountsOnFromTheLast_NotFromHowManyThereAre() =>
        Assert.Equal("shop-prod-10", ClusterNames.Next(new("shop", "prod"), ["shop-prod-9", "shop-prod-2", "shop-prod-x", "other-prod-20"]));

    [Fact]
    public void Next_OfTwoOwnersWhoseNamesRunTogether_IsNeverTheSame()
    {
        var first = ClusterNames.Next(new("shop", "eu-prod"), []);

        Assert.Equal("shop-eu-prod-2", ClusterNames.Next(new("shop-eu", "prod"), [first]));
    }

    [Fact]
    public void Next_OfLongNames_IsALabelThatTellsThemApart()
    {
        var names = new[] { "prod", "production" }.Select(environment => ClusterNames.Next(new(new string('a', 60), environment), [])).ToList();

        Assert.Equal(2, names.Distinct().Count());
        Assert.All(names, name => Assert.True(ClusterNames.IsValid(name)));
    }

    [Theory]
    [InlineData("Shop", "EU_West", "shop-eu-west-1")]
    [InlineData("shop.web", "prod", "shop-web-prod-1")]
    public void Next_OfNamesThatNoHostHas_PutsDashes(string app, string environment, string expected)
    {
        Assert.Equal(expected, ClusterNames.Next(new(app, environment), []));
        Assert.True(ClusterNames.IsOf(new(app, environment), expected));
    }

    [Theory]
    [InlineData("")]
    [InlineData("../shop")]
    [InlineData("-shop")]
    [InlineData("Shop")]
    public void IsValid_OfWhatIsNoLabel_IsFalse(string name) => Assert.False(ClusterNames.IsValid(name));
}
