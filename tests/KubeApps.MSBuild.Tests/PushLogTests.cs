using KubeApps.Bundles;
using KubeApps.Deploy.Images;

namespace KubeApps.MSBuild.Tests;

/// <summary>What the SDK says of a push, and nothing else, tells which layers were sent.</summary>
public sealed class PushLogTests
{
    private const string Said = "/sdk/Microsoft.NET.Build.Containers.targets(255,5): message : [Microsoft.NET.Build.Containers.Registry] ";

    private static readonly (string Digest, long Size) Old = ($"sha256:{new string('a', 64)}", 78_000_000);
    private static readonly (string Digest, long Size) New = ($"sha256:{new string('b', 64)}", 345_600);

    [Fact]
    public void Of_APushOfTheSdk_SaysWhichLayersWereSentAndHowLongItTook()
    {
        var log = new PushLog();
        log.Take("  Building image 'shop/web' with tags 'a' on top of base image 'registry.example/base:1'.");
        log.Take($"{Said}Layer '{Old.Digest}' already exists. [/shop/web.csproj]");
        log.Take($"{Said}Uploading layer '{New.Digest}' to 'registry.example'. [/shop/web.csproj]");
        log.Take($"{Said}Finished uploading layer '{New.Digest}' to 'registry.example'. [/shop/web.csproj]");
        log.End();

        var image = log.Of("web", "registry.example/shop/web@sha256:1", wasThere: false, [Old, New]);

        Assert.Equal([new ImageLayer(Old.Digest, Old.Size, Sent: false), new ImageLayer(New.Digest, New.Size, Sent: true)], image.Layers);
        Assert.NotNull(image.PushSeconds);
        Assert.Equal("2 layers, 78.3 MB", image.Size());
        Assert.StartsWith("sent 345.6 kB in ", image.Push(), StringComparison.Ordinal);
    }

    [Fact]
    public void Of_APushThatTellsNoLayers_DoesNotGuess()
    {
        var log = new PushLog();
        log.Begin();
        log.End();

        var image = log.Of("web", "registry.example/shop/web@sha256:1", wasThere: false, [Old]);

        Assert.Null(Assert.Single(image.Layers).Sent);
        Assert.StartsWith("sent in ", image.Push(), StringComparison.Ordinal);
    }

    [Fact]
    public void Of_AnImageThatWasThere_SaysThatNothingWasSent()
    {
        var image = new PushLog().Of("web", "registry.example/shop/web@sha256:1", wasThere: true, [Old]);

        Assert.Equal((false, null, ""), (Assert.Single(image.Layers).Sent, image.PushSeconds, image.Push()));
    }
}
