using System.Text.Json.Nodes;
using KubeApps.Sandbox.Registry;

namespace KubeApps.Sandbox.Tests.Registry;

public sealed class HostRuntimeImageTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("kubeapps-test-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void EnsurePresent_InTwoStores_MakesTheSameBytes()
    {
        var (first, second) = (Build("a"), Build("b"));

        Assert.Equal(first.Digest, second.Digest);
        Assert.Equal(first.Content, second.Content);
    }

    [Fact]
    public void EnsurePresent_Again_LeavesItAsItIs()
    {
        var store = new ContentStore(Path.Combine(_folder, "c"), TimeProvider.System);
        HostRuntimeImage.EnsurePresent(store);
        var written = new DirectoryInfo(_folder).EnumerateFiles("*", SearchOption.AllDirectories).ToDictionary(file => file.FullName, file => file.LastWriteTimeUtc);

        HostRuntimeImage.EnsurePresent(new ContentStore(Path.Combine(_folder, "c"), TimeProvider.System));

        Assert.All(new DirectoryInfo(_folder).EnumerateFiles("*", SearchOption.AllDirectories), file => Assert.Equal(written[file.FullName], file.LastWriteTimeUtc));
    }

    [Fact]
    public void Config_SaysWhatTheSdkTakesFromABaseImage()
    {
        var store = new ContentStore(Path.Combine(_folder, "d"), TimeProvider.System);
        HostRuntimeImage.EnsurePresent(store);
        var manifest = JsonNode.Parse(store.ResolveManifest("kubeapps/host-runtime", "10.0")!.Content)!;

        var config = JsonNode.Parse(store.OpenBlob((string)manifest["config"]!["digest"]!))!;

        var environment = config["config"]!["Env"]!.AsArray().Select(value => (string)value!).ToList();
        Assert.Contains("APP_UID=1654", environment);
        Assert.Contains("ASPNETCORE_HTTP_PORTS=8080", environment);
        Assert.Contains($"DOTNET_VERSION={Environment.Version.ToString(3)}", environment);
    }

    private StoredManifest Build(string name)
    {
        var store = new ContentStore(Path.Combine(_folder, name), TimeProvider.System);
        HostRuntimeImage.EnsurePresent(store);
        return store.ResolveManifest(HostRuntimeImage.Repository, HostRuntimeImage.Tag)!;
    }
}
