using KubeApps.Cli.Rendering.Fleets;
using KubeApps.Deploy.Fleet;

namespace KubeApps.Cli.Tests.Fleets;

public sealed class FleetScreenTests
{
    [Fact]
    public async Task Screen_WhileManyAreWorkedOn_CountsThemShowsThoseThatRunAndIsGoneAfterwards()
    {
        using var console = new WatchedConsole(width: 100);
        using (var screen = new FleetScreen(console.Console, "apps deployed", ["first shop (prod)", "second shop (prod)", "third shop (prod)"], TimeProvider.System))
        {
            screen.Tell(0, FleetItemState.Running);
            screen.Tell(0, FleetItemState.Failed);
            screen.Tell(1, FleetItemState.Running);
            screen.Say(1, "Wait for the rollout");
            await console.SeeAsync("Wait for the rollout");
            Assert.All(["0 of 3 apps deployed", "1 failed", "second shop (prod)"], part => Assert.Contains(part, console.Output, StringComparison.Ordinal));
            Assert.DoesNotContain("third shop", console.Output, StringComparison.Ordinal);
        }

        Assert.Empty(Screen.Of(console.Output));
    }
}
