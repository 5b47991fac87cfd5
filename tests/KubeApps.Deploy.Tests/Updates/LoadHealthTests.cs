using KubeApps.Deploy.Clusters;
using KubeApps.Deploy.Updates;

namespace KubeApps.Deploy.Tests.Updates;

public class LoadHealthTests
{
    [Theory]
    [InlineData(0, 0, 0, 0, true)]
    [InlineData(1000, 2, 1000, 0, true)]
    [InlineData(1000, 11, 1000, 0, false)]
    [InlineData(10, 2, 1000, 0, true)]
    [InlineData(10, 3, 1000, 0, false)]
    [InlineData(1000, 90, 1000, 50, true)]
    [InlineData(1000, 110, 1000, 50, false)]
    [InlineData(0, 5, 1000, 0, false)]
    public void Verdict_OfWhatArrived_ComparesWithTheOldCluster(int requests, int errors, int oldRequests, int oldErrors, bool isGood) => Assert.Equal(isGood, LoadHealth.Verdict(
        "shop-prod-2", new ArrivingLoad(TimeSpan.FromMinutes(1), requests, errors), new ArrivingLoad(TimeSpan.FromMinutes(1), oldRequests, oldErrors)) is null);
}
