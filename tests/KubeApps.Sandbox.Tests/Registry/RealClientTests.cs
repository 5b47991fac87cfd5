using System.Text.Json.Nodes;
using KubeApps.Sandbox.Registry;
using KubeApps.Sandbox.Tests.Hosting;

namespace KubeApps.Sandbox.Tests.Registry;

/// <summary>The programs that people use with registries, unchanged.</summary>
public class RealClientTests(RunningSandbox sandbox) : IClassFixture<RunningSandbox>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Login => $"{Sandbox.Hosting.Gate.RegistryUser}:{sandbox.Endpoint.Token}";

    private string BaseImage => $"{sandbox.Endpoint.Registry}/{HostRuntimeImage.Repository}:{HostRuntimeImage.Tag}";

    [Fact]
    public async Task Skopeo_InspectsCopiesListsAndDeletes()
    {
        var target = $"docker://{sandbox.Endpoint.Registry}/skopeo/copy";
        string[] source = ["--tls-verify=false", "--creds", Login];
        string[] both = ["--src-tls-verify=false", "--dest-tls-verify=false", "--src-creds", Login, "--dest-creds", Login];

        var inspected = JsonNode.Parse(await Command.RunAsync("skopeo", ["inspect", .. source, $"docker://{BaseImage}"]))!;
        await Command.RunAsync("skopeo", ["copy", .. both, $"docker://{BaseImage}", $"{target}:one"]);
        await Command.RunAsync("skopeo", ["copy", "--format", "v2s2", .. both, $"docker://{BaseImage}", $"{target}:docker"]);
        var before = await TagsAsync();
        await Command.RunAsync("skopeo", ["delete", .. source, $"{target}:one"]);
        var after = await TagsAsync();

        Assert.Contains("APP_UID=1654", inspected["Env"]!.AsArray().Select(value => (string)value!));
        Assert.Equal(["docker", "one"], before);
        Assert.Equal(["docker"], after);
        using var docker = await sandbox.Registry.GetAsync("/v2/skopeo/copy/manifests/docker", Token);
        Assert.Equal(ManifestContent.DockerManifest, docker.Content.Headers.ContentType?.MediaType);

        async Task<IEnumerable<string>> TagsAsync() =>
            JsonNode.Parse(await Command.RunAsync("skopeo", ["list-tags", .. source, target]))!["Tags"]!.AsArray().Select(tag => (string)tag!);
    }

    [Fact]
    public async Task Podman_PullsAndPushes()
    {
        var storage = Directory.CreateTempSubdirectory("kubeapps-test-").FullName;
        string[] own = ["--root", Path.Combine(storage, "root"), "--runroot", Path.Combine(storage, "run"), "--storage-driver", "vfs"];
        var pushed = $"{sandbox.Endpoint.Registry}/podman/copy:v1";
        try
        {
            await Command.RunAsync("podman", [.. own, "pull", "--tls-verify=false", "--creds", Login, BaseImage]);
            await Command.RunAsync("podman", [.. own, "tag", BaseImage, pushed]);
            await Command.RunAsync("podman", [.. own, "push", "--tls-verify=false", "--creds", Login, pushed]);
        }
        finally
        {
            Directory.Delete(storage, recursive: true);
        }

        using var manifest = await sandbox.Registry.GetAsync("/v2/podman/copy/manifests/v1", Token);
        Assert.True(manifest.IsSuccessStatusCode);
    }

    [Fact]
    public async Task DotnetSdk_BuildsOnTheBaseImageAndSkipsWhatIsThere()
    {
        var folder = Directory.CreateTempSubdirectory("kubeapps-test-").FullName;
        try
        {
            await File.WriteAllTextAsync(
                Path.Combine(folder, "App.csproj"),
                """
                <Project Sdk="Microsoft.NET.Sdk">
                  <PropertyGroup><OutputType>Exe</OutputType><TargetFramework>net10.0</TargetFramework></PropertyGroup>
                </Project>
                """,
                Token);
            await File.WriteAllTextAsync(Path.Combine(folder, "Program.cs"), "System.Console.WriteLine(1);", Token);
            foreach (var file in new[] { "Directory.Build.props", "Directory.Packages.props" })
                await File.WriteAllTextAsync(Path.Combine(folder, file), "<Project />", Token);

            await PublishAsync("v1");
            await PublishAsync("v2");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        var manifest = JsonNode.Parse(await sandbox.Registry.GetStringAsync("/v2/sdk/app/manifests/v2", Token))!;
        var config = JsonNode.Parse(await sandbox.Registry.GetStringAsync($"/v2/sdk/app/blobs/{manifest["config"]!["digest"]}", Token))!;
        Assert.Equal("1654", (string?)config["config"]!["User"]);
        Assert.Equal(2, manifest["layers"]!.AsArray().Count);

        Task<string> PublishAsync(string tag) => Command.RunAsync(
            "dotnet",
            [
                "publish", folder, "-nologo", "-v", "q", "-t:PublishContainer", $"-p:ContainerRegistry={sandbox.Endpoint.Registry}",
                "-p:ContainerRepository=sdk/app", $"-p:ContainerImageTag={tag}", $"-p:ContainerBaseImage={BaseImage}",
            ],
            ("DOTNET_CONTAINER_REGISTRY_UNAME", Sandbox.Hosting.Gate.RegistryUser), ("DOTNET_CONTAINER_REGISTRY_PWORD", sandbox.Endpoint.Token));
    }
}
