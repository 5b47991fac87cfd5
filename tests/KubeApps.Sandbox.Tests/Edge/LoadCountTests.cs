using KubeApps.Sandbox.Edge;

namespace KubeApps.Sandbox.Tests.Edge;

public class LoadCountTests
{
    private readonly LoadCount _count = new();

    [Fact]
    public void Within_OfAWindow_CountsWhatEndedInIt()
    {
        Add(1, failed: false);
        Add(50, failed: true);
        Add(58, failed: false);

        Assert.Equal((2, 1), _count.Within(TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(60)));
        Assert.Equal((3, 1), _count.Within(TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(60)));
        Assert.Equal((0, 0), _count.Within(TimeSpan.FromSeconds(0.5), TimeSpan.FromSeconds(60)));
    }

    [Fact]
    public void Within_ASecondThatBeginsInTheMiddleOfTheWindow_IsSilentOnlyWhenItIsOver()
    {
        Add(50.9, failed: false);

        Assert.Equal(1, _count.Within(TimeSpan.FromSeconds(9.5), TimeSpan.FromSeconds(60)).Requests);
        Assert.Equal(0, _count.Within(TimeSpan.FromSeconds(9.5), TimeSpan.FromSeconds(60.6)).Requests);
    }

    [Fact]
    public void Within_AfterMoreThanAnHour_ForgetsTheOldSeconds()
    {
        Add(10, failed: true);
        Add(3610, failed: false);

        Assert.Equal((1, 0), _count.Within(LoadCount.Longest, TimeSpan.FromSeconds(3611)));
    }

    private void Add(double at, bool failed) => _count.Add(TimeSpan.FromSeconds(at), failed);
}
