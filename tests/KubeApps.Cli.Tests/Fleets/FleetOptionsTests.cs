using KubeApps.Cli.Commands;

namespace KubeApps.Cli.Tests.Fleets;

public sealed class FleetOptionsTests
{
    [Fact]
    public void Settings_OfRegionsAndProfiles_AreEachWithEachOnce()
    {
        var settings = FleetOptions.Settings(["123456789012/eu-central-1,us-east-1", "us-east-1", "us-east-1"], ["prod", "dev"]);

        Assert.Equal(
            [
                "123456789012 eu-central-1 prod", "123456789012 eu-central-1 dev", "123456789012 us-east-1 prod", "123456789012 us-east-1 dev", " us-east-1 prod", " us-east-1 dev",
            ],
            settings.Select(item => $"{item.Account} {item.Region} {item.Profile}"));
        Assert.Null(Assert.Single(FleetOptions.Settings(["us-gov-west-1"], [])).Profile);
    }
}
