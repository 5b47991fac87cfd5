using KubeApps.Bundles;
using KubeApps.Cli.Actions;
using KubeApps.Deploy;
using KubeApps.Events;

namespace KubeApps.Cli.Tests.Actions;

public sealed class StepOutputsTests : IDisposable
{
    private static readonly string[] Names = ["deployment-id", "failure", "outcome", "revision", "url"];

    private static readonly DeployResult Result = DeployResult.Nothing(DeployOutcome.Deployed, ExitCodes.Done, "shop", "prod") with { Urls = ["https://shop.example", "https://other.example"], Revision = 7 };

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Of_EveryOutcome_HasAllNames()
    {
        Assert.All(Enum.GetValues<DeployOutcome>(), outcome =>
        {
            Assert.Equal(Names, StepOutputs.Of(Result with { Outcome = outcome }).Select(output => output.Name).Order());
            Assert.Equal(Names, StepOutputs.Of(outcome.ToString(), null).Select(output => output.Name).Order());
        });
    }

    [Fact]
    public void Of_GoodDeploy_TellsAddressAndRevisionAndNoFailure()
    {
        var outputs = Read(StepOutputs.Of(Result));

        Assert.Equal(("deployed", "https://shop.example", "7", ""), (outputs["outcome"], outputs["url"], outputs["revision"], outputs["failure"]));
    }

    [Fact]
    public void Of_HeldDeploy_TellsWhereTheNewVersionAnswers()
    {
        var outputs = Read(StepOutputs.Of(Result with { Outcome = DeployOutcome.Held, Urls = [], PreviewUrls = ["https://preview.example"] }));

        Assert.Equal(("held", "https://preview.example"), (outputs["outcome"], outputs["url"]));
    }

    [Fact]
    public void Of_FailedDeploy_TellsTheCauseInOneShortLine()
    {
        var failed = Result with
        {
            Outcome = DeployOutcome.RolledBack,
            ExitCode = ExitCodes.RolledBack,
            Failures = [new FailureReport("KUBEAPP6010", "Deployment shop/web", "Pod shop/web-1", "app", "CrashLoopBackOff", $"It\nends. {new string('x', 500)}", [], "Look.")],
        };

        var failure = Read(StepOutputs.Of(failed))["failure"];

        Assert.StartsWith("Deployment shop/web: It ends. xxx", failure, StringComparison.Ordinal);
        Assert.InRange(failure.Length, 100, 140);
    }

    [Theory]
    [InlineData("two\nlines")]
    [InlineData("EOF\nurl=https://evil.example\noutcome<<EOF\ndeployed\nEOF")]
    [InlineData("a=b<<c")]
    [InlineData("$(reboot) `reboot` ; \"' \\")]
    [InlineData("")]
    public void Append_OfAnyValue_IsReadBackAsItWas(string value)
    {
        var outputs = Read([("before", "1"), ("value", value), ("after", "2")]);

        Assert.Equal(3, outputs.Count);
        Assert.Equal(("1", value, "2"), (outputs["before"], outputs["value"], outputs["after"]));
    }

    [Fact]
    public void Append_AfterAStepThatLeftItsLineOpen_LeavesBothReadable()
    {
        var file = _folder.Write("output", "theirs=1");

        CommandFile.Append(file, _ => CommandFile.Of([("ours", "2")]));
        CommandFile.Append(file, _ => CommandFile.Of([("more", "3")]));

        Assert.Equal(["1", "2", "3"], ((string[])["theirs", "ours", "more"]).Select(name => Runner.Outputs(file)[name]));
    }

    [Fact]
    public void Of_Bundle_TellsImagesAndDigestsAsJson()
    {
        var bundle = new Bundle(1, "shop", null, false, new Dictionary<string, BundleImage>
        {
            ["web"] = new("registry.example/shop/web", "t", "sha256:abc", []),
            ["a"] = new("registry.example/shop/a", "t", "sha256:def", []),
        }, [])
        { Reference = "oci://registry.example/shop@sha256:123" };

        var outputs = Read(StepOutputs.Of(bundle, "/out"));

        Assert.Equal("/out", outputs["bundle"]);
        Assert.Equal("oci://registry.example/shop@sha256:123", outputs["bundle-reference"]);
        Assert.Equal("""["registry.example/shop/a@sha256:def","registry.example/shop/web@sha256:abc"]""", outputs["images"]);
        Assert.Equal("""{"a":"sha256:def","web":"sha256:abc"}""", outputs["digests"]);
    }

    private Dictionary<string, string> Read(IEnumerable<(string, string)> values)
    {
        var file = Path.Combine(_folder.Path, "output");
        CommandFile.Append(file, _ => CommandFile.Of(values));
        return Runner.Outputs(file);
    }
}
