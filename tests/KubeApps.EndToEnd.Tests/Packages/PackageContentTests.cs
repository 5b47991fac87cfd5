using System.Reflection.PortableExecutable;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using KubeApps.Testing;

namespace KubeApps.EndToEnd.Tests;

/// <summary>What is in the packages, and what they say of themselves.</summary>
[Collection(nameof(ReleaseBuild))]
public sealed class PackageContentTests(PackedPackages packages)
{
    public static TheoryData<string> Ids { get; } = ["KubeApps.MSBuild", "KubeApps.Spec", "KubeApps.Templates", PackedPackages.Tool, PackedPackages.AnyTool];

    [Fact]
    public void Pack_OneCommand_GivesThePackagesAndTheirSymbols()
    {
        string[] expected =
        [
            .. Ids.Select(id => $"{id.Data}.{packages.Version}.nupkg"),
            $"{PackedPackages.ThisTool}.{packages.Version}.nupkg",
            // The others have no code, or the same.
            .. ((string[])["KubeApps.MSBuild", "KubeApps.Spec", PackedPackages.AnyTool]).Select(id => $"{id}.{packages.Version}.snupkg"),
        ];

        Assert.Equal(expected.Order(StringComparer.Ordinal), Directory.EnumerateFiles(packages.Feed).Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Ids))]
    public void Nuspec_OfEachPackage_SaysWhatItIs(string id)
    {
        var package = packages.Open(id);

        Assert.Equal(id, package.Find("id")!.Value);
        Assert.Equal(packages.Version, package.Find("version")!.Value);
        Assert.Equal(("expression", "MIT"), ((string?)package.Find("license")!.Attribute("type"), package.Find("license")!.Value));
        Assert.Contains(package.Find("icon")!.Value, package.Files);
        Assert.Contains(package.Find("readme")!.Value, package.Files);
        Assert.NotEmpty(package.Find("description")!.Value);
        Assert.NotEmpty(package.Find("authors")!.Value);
        Assert.NotEmpty(package.Find("tags")!.Value);
        Assert.Equal(Directory.Exists(Path.Combine(Workplace.RepositoryRoot, ".git")) || File.Exists(Path.Combine(Workplace.RepositoryRoot, ".git")), package.Find("repository")?.Attribute("commit") is not null);
    }

    // All that is needed is inside; a user gets no packages of others, and none that does not exist.
    [Theory]
    [MemberData(nameof(Ids))]
    public void Nuspec_OfEachPackage_DependsOnNothing(string id) =>
        Assert.DoesNotContain(packages.Open(id).Nuspec.Descendants(), element => element.Name.LocalName == "dependency");

    [Theory]
    [MemberData(nameof(Ids))]
    public void Files_OfEachPackage_AreThoseThatWereReviewed(string id)
    {
        var files = packages.Open(id).Files.Keys.ToList();
        if (File.Exists(Path.Combine(packages.Feed, $"{id}.{packages.Version}.snupkg")))
            files.AddRange(packages.Open(id, "snupkg").Files.Keys.Select(file => $"symbols: {file}"));

        Snapshot.Matches(string.Join('\n', files) + "\n", $"{id}.txt");
    }

    [Theory]
    [MemberData(nameof(Ids))]
    public void Files_OfEachPackage_AreThereOnce(string id)
    {
        // The sandbox runs from a copy of its folder, so that holds all that it needs.
        var twice = packages.Open(id).Files
            .Where(file => !file.Key.EndsWith("/sandbox/YamlDotNet.dll", StringComparison.Ordinal))
            .GroupBy(file => Convert.ToHexString(SHA256.HashData(file.Value)), file => file.Key)
            .Where(same => same.Count() > 1);

        Assert.Empty(twice);
    }

    // Whoever starts the sandbox, the build or the tool, starts the same one; else each would end the other's.
    [Fact]
    public void Sandbox_OfTheToolAndOfTheBuild_IsTheSame()
    {
        var ofBuild = Sandbox("KubeApps.MSBuild");

        Assert.NotEmpty(ofBuild);
        Assert.Equal(ofBuild, Sandbox(PackedPackages.AnyTool));
        Assert.Equal(ofBuild, Sandbox(PackedPackages.ThisTool));

        IEnumerable<(string, string)> Sandbox(string id) => packages.Open(id).Files
            .Where(file => file.Key.Contains("/sandbox/", StringComparison.Ordinal))
            .Select(file => (Path.GetFileName(file.Key), Convert.ToHexString(SHA256.HashData(file.Value))));
    }

    [Fact]
    public void Tool_ForOneSystem_IsTheSameCompiledBeforehand()
    {
        var (any, here) = (packages.Open(PackedPackages.AnyTool).Files, packages.Open(PackedPackages.ThisTool).Files);

        Assert.False(IsCompiled(any, "KubeApps.Deploy.dll"));
        if (PackedPackages.IsNative)
        {
            var folder = $"tools/any/{RuntimeInformation.RuntimeIdentifier}/";
            string[] program = [$"{folder}DotnetToolSettings.xml", $"{folder}{(OperatingSystem.IsWindows() ? "dotnet-kubeapp.exe" : "dotnet-kubeapp")}"];
            Assert.Equal(any.Keys.Where(file => !file.StartsWith("tools/", StringComparison.Ordinal)), here.Keys.Where(file => !file.StartsWith("tools/", StringComparison.Ordinal)));
            Assert.Equal(program, here.Keys.Where(file => file.StartsWith("tools/", StringComparison.Ordinal) && !file.Contains("/sandbox/", StringComparison.Ordinal)));
            return;
        }

        Assert.Equal(any.Keys.Select(file => file.Replace("/any/", $"/{RuntimeInformation.RuntimeIdentifier}/", StringComparison.Ordinal)), here.Keys);
        Assert.True(IsCompiled(here, "dotnet-kubeapp.dll") && IsCompiled(here, "KubeApps.Deploy.dll") && IsCompiled(here, "Spectre.Console.dll"));

        static bool IsCompiled(IReadOnlyDictionary<string, byte[]> files, string name)
        {
            using var reader = new PEReader(new MemoryStream(files.Single(file => file.Key.EndsWith($"/{name}", StringComparison.Ordinal)).Value));
            return reader.PEHeaders.CorHeader!.ManagedNativeHeaderDirectory.Size > 0;
        }
    }

    // Licenses ask for it: whose programs are carried along, and under which terms.
    [Theory]
    [InlineData("KubeApps.MSBuild")]
    [InlineData(PackedPackages.AnyTool)]
    public void Notices_OfAPackage_NameEveryProgramOfOthers(string id)
    {
        var package = packages.Open(id);
        var notices = System.Text.Encoding.UTF8.GetString(package.Files["THIRD-PARTY-NOTICES.txt"]);
        var others = package.Files.Keys.Select(file => Path.GetFileName(file))
            .Where(file => file.EndsWith(".dll", StringComparison.Ordinal) && !file.Contains("kubeapp", StringComparison.OrdinalIgnoreCase))
            .Select(file => file.Replace(".Signed", "", StringComparison.Ordinal).Replace(".Ansi", "", StringComparison.Ordinal)[..^".dll".Length]);

        Assert.All(others, name => Assert.Contains($"  {name} ", notices, StringComparison.Ordinal));
    }
}
