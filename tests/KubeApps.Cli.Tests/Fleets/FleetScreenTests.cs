using KubeApps.Cli.Rendering.Fleets;
using KubeApps.Deploy.Fleet;
using Spectre.Console.Testing;

namespace KubeApps.Cli.Tests.Fleets;

public sealed class FleetScreenTests
{
    [Fact]
    public async Task Screen_WhileManyAreWorkedOn_CountsThemShowsThoseThatRunAndIsGoneAfterwards()
    {
        using var console = new TestConsole().Width(100).EmitAnsiSequences();
        console.Profile.Capabilities.Interactive = true;
        using (var screen = new FleetScreen(console, "apps deployed", ["first shop (prod)", "second shop (prod)", "third shop (prod)"], TimeProvider.System))
        {
            screen.Tell(0, FleetItemState.Running);
            screen.Tell(0, FleetItemState.Failed);
            screen.Tell(1, FleetItemState.Running);
            screen.Say(1, "Wait for the rollout");
            // The frame after that shows it, however slow the machine is.
            while (!console.Output.Contains("Wait for the rollout", StringComparison.Ordinal))
                await Task.Delay(20, TestContext.Current.CancellationToken);
            Assert.All(["0 of 3 apps deployed", "1 failed", "second shop (prod)"], part => Assert.Contains(part, console.Output, StringComparison.Ordinal));
            Assert.DoesNotContain("third shop", console.Output, StringComparison.Ordinal);
        }

        Assert.Empty(Screen.Of(console.Output));
    }
}
