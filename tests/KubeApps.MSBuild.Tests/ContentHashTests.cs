using KubeApps.Deploy.Images;

namespace KubeApps.MSBuild.Tests;

public sealed class ContentHashTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("kubeapps-hash-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData("obj/Release/net10.0/kubeapp/publish.lock", true)]
    [InlineData("bin/Release/net10.0/kubeapp/bundle.json", true)]
    [InlineData("obj/Release/net10.0/kubeapp-other.txt", false)]
    [InlineData("Dockerfile", false)]
    public void IsOwnOutput_FileOfADockerfilesContext_IsWhatThePublishItselfWrites(string file, bool expected)
    {
        var project = Path.GetFullPath("project");
        var request = new PublishRequest
        {
            ModelFile = "",
            BundleDirectory = Path.Combine(project, "bin", "Release", "net10.0", "kubeapp") + Path.DirectorySeparatorChar,
            WorkDirectory = Path.Combine(project, "obj", "Release", "net10.0", "kubeapp"),
            ProjectDirectory = project,
            Environment = "local",
            ImageTargets = "",
            ImageFiles = new Dictionary<string, string>(),
        };

        Assert.Equal(expected, DockerfileImages.IsOwnOutput(Path.Combine(project, file), request));
    }

    [Fact]
    public async Task Tag_SameContent_IsTheSameWhateverTheTimesAndTheOrder()
    {
        Write("b.txt", "2");
        Write("a.txt", "1");
        var before = await TagAsync();

        File.SetLastWriteTimeUtc(Path.Combine(_folder.FullName, "a.txt"), DateTime.UnixEpoch);

        Assert.Equal(before, await TagAsync());
        Assert.Matches("^content-[0-9a-f]{40}$", before);
    }

    [Fact]
    public async Task Tag_AnotherNameBytesModeOrSetting_IsAnother()
    {
        Write("a.txt", "1");
        HashSet<string> tags = [await TagAsync(), await TagAsync("base x")];
        Write("a.txt", "2");
        tags.Add(await TagAsync());
        File.Move(Path.Combine(_folder.FullName, "a.txt"), Path.Combine(_folder.FullName, "b.txt"));
        tags.Add(await TagAsync());
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(Path.Combine(_folder.FullName, "b.txt"), UnixFileMode.UserRead | UnixFileMode.UserExecute);
            tags.Add(await TagAsync());
        }

        Assert.Equal(OperatingSystem.IsWindows() ? 4 : 5, tags.Count);
    }

    [Theory]
    [InlineData(".git/HEAD", true)]
    [InlineData("bin/app.dll", true)]
    [InlineData("src/bin/app.dll", false)]
    [InlineData("src/obj/x.json", true)]
    [InlineData("notes.md", true)]
    [InlineData("docs/notes.md", false)]
    [InlineData("README.md", false)]
    public void DockerIgnore_Rules_DecideAsDockerDoes(string path, bool isIgnored)
    {
        var rules = DockerIgnore.Parse(["# comment", "bin", "**/obj", "*.md", "!README.md"]);

        Assert.Equal(isIgnored, rules.Matches(path));
    }

    private void Write(string name, string text) => File.WriteAllText(Path.Combine(_folder.FullName, name), text);

    private Task<string> TagAsync(params string[] settings) =>
        ContentHash.TagAsync(_folder.FullName, _ => true, settings, TestContext.Current.CancellationToken);
}
