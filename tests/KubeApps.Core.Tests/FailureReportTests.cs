using KubeApps.Events;

namespace KubeApps.Core.Tests;

public class FailureReportTests
{
    /// <summary>Room that names take is taken from the cause; but nothing is left out that is not known otherwise.</summary>
    [Theory]
    [InlineData("Deployment shop/web", "shop", "web", "Container 'web' crashes.", "Deployment web: crashes.")]
    [InlineData("Deployment shop/web", "shop", "sidecar", "Container 'sidecar' crashes.", "Deployment web: Container 'sidecar' crashes.")]
    [InlineData("Deployment shop/web", "shop", "web", "The image r/web:1 does not exist.", "Deployment web: The image r/web:1 does not exist.")]
    [InlineData("Deployment other/web", "shop", "web", "Container 'web' crashes.", "Deployment other/web: crashes.")]
    [InlineData("Deployment shop/web", null, "web", "Container 'web' crashes.", "Deployment shop/web: crashes.")]
    [InlineData("Check 'http web/'", "shop", "web", "GET / answered 500.", "Check 'http web/': GET / answered 500.")]
    public void FirstLine_NamesWhatFailsOnce(string workload, string? home, string container, string cause, string line) =>
        Assert.Equal(line, new FailureReport("KUBEAPP6013", workload, "Pod shop/web-1", container, "Error", cause, [], "Read.") { Home = home }.FirstLine);

    [Fact]
    public void ToString_OfWhatAHostileProgramWrote_FitsOnAScreenAndCommandsNoTerminal()
    {
        var report = new FailureReport(
            "KUBEAPP6013", "Deployment shop/web", "Pod shop/web-1", "web", "Error", "Container 'web' crashes: \u001b[2J" + new string('x', 100_000),
            ["\u001b]0;owned\u0007" + new string('y', 100_000), "\u001b[31mred"], "Read.");

        var screen = report.ToString();

        Assert.InRange(screen.Length, 1000, 2500);
        Assert.DoesNotContain('\u001b', screen);
        Assert.EndsWith("    red\n  next step: Read. (KUBEAPP6013)", screen, StringComparison.Ordinal);
        Assert.Equal(140, report.FirstLine.Length);
    }
}
