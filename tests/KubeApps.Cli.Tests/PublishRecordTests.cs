using KubeApps.Deploy;
using KubeApps.Deploy.Images;

namespace KubeApps.Cli.Tests;

/// <summary>What <c>-p:KubeAppRecord</c> may say.</summary>
public sealed class PublishRecordTests
{
    [Fact]
    public async Task Publish_WithARecordThatThereIsNot_IsRefusedBeforeAnythingIsBuilt()
    {
        using var folder = new TemporaryFolder();
        var request = Path.Combine(folder.Path, "publish.json");
        new PublishRequest
        {
            ModelFile = Path.Combine(folder.Path, "model.json"),
            BundleDirectory = folder.Path,
            WorkDirectory = folder.Path,
            ProjectDirectory = folder.Path,
            Environment = "local",
            ImageFiles = new Dictionary<string, string>(),
            ImageTargets = "none.targets",
            Use = BundleUse.Deployed,
            Record = "gitlab",
        }.Write(request);

        var (exit, output, _) = await Tool.RunInAsync(folder.Path, "", "publish-bundle", "--request", request);

        Assert.Equal(ExitCodes.Usage, exit);
        Assert.Contains("KUBEAPP0060", output, StringComparison.Ordinal);
    }
}
