using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Text;

namespace KubeApps.EndToEnd.Tests;

/// <summary>The symbols: those of the very assemblies in the packages, without a trace of the machine, and with a way to the sources.</summary>
[Collection(nameof(ReleaseBuild))]
public sealed class SymbolTests(PackedPackages packages) : IDisposable
{
    // Portable PDB v1.0, "Source Link (C# and VB compilers)".
    private static readonly Guid SourceLinkKind = new("CC110556-A091-4D38-9FEC-25AB9A351A6A");

    private readonly DirectoryInfo _clone = Directory.CreateTempSubdirectory("kubeapps-clone-");

    public void Dispose() => _clone.Delete(recursive: true);

    [Theory]
    [InlineData("KubeApps.MSBuild")]
    [InlineData("KubeApps.Spec")]
    [InlineData(PackedPackages.AnyTool)]
    public void SymbolPackage_OfAPackage_HasThoseOfEachAssemblyOfOurs(string id)
    {
        var assemblies = packages.Open(id).Files.Where(file => IsOurs(file.Key)).ToDictionary();
        var symbols = packages.Open(id, "snupkg").Files;

        Assert.Equal(assemblies.Keys.Select(file => Path.ChangeExtension(file, ".pdb")), symbols.Keys);
        foreach (var (file, content) in assemblies)
        {
            using var assembly = new PEReader(new MemoryStream(content));
            var debug = assembly.ReadDebugDirectory();
            var codeView = assembly.ReadCodeViewDebugDirectoryData(debug.Single(entry => entry.Type == DebugDirectoryEntryType.CodeView));
            using var provider = Read(symbols[Path.ChangeExtension(file, ".pdb")]);

            Assert.Contains(debug, entry => entry.Type == DebugDirectoryEntryType.Reproducible);
            Assert.StartsWith("/_/", codeView.Path, StringComparison.Ordinal);
            // The identity under which a symbol server is asked.
            Assert.Equal(codeView.Guid, new BlobContentId(provider.GetMetadataReader().DebugMetadataHeader!.Id).Guid);
        }
    }

    [Theory]
    [InlineData("KubeApps.MSBuild")]
    [InlineData("KubeApps.Spec")]
    [InlineData(PackedPackages.AnyTool)]
    public void Symbols_OfAPackage_NameSourcesByTheirPlaceInTheRepository(string id)
    {
        foreach (var content in packages.Open(id, "snupkg").Files.Values)
        {
            using var provider = Read(content);
            var symbols = provider.GetMetadataReader();
            Assert.All(symbols.Documents, document => Assert.StartsWith("/_/", symbols.GetString(symbols.GetDocument(document).Name), StringComparison.Ordinal));
        }
    }

    // The repository under test may have no remote. A clone of one that has is made of what the smallest package needs.
    [Fact]
    public async Task Pack_InACloneOfAHostedRepository_LinksToItsSources()
    {
        const string Hosted = "https://github.com/example/kubeapps";
        CopyToClone("global.json", "Directory.Packages.props", ".editorconfig", "build/Project.props", "build/icon.png", "src/Directory.Build.props", "src/Directory.Build.targets");
        CopyToClone([.. Directory.EnumerateFiles(Path.Combine(Workplace.RepositoryRoot, "src", "KubeApps.Spec"), "*", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(Workplace.RepositoryRoot, file))]);
        await Git("init", "--quiet");
        await Git("add", "--all");
        await Git("-c", "user.name=test", "-c", "user.email=test@example.com", "commit", "--quiet", "--message", "All");
        await Git("remote", "add", "origin", $"{Hosted}.git");
        var commit = (await Git("rev-parse", "HEAD")).Output.Trim();

        (await Program.RunAsync("dotnet", ["pack", "src/KubeApps.Spec", "-o", "packages", "-p:PackageVersion=1.0.0", "-tl:off"], _clone.FullName)).Expect(0);

        var repository = Package.Read(Path.Combine(_clone.FullName, "packages", "KubeApps.Spec.1.0.0.nupkg")).Find("repository")!;
        Assert.Equal(($"{Hosted}.git", commit), ((string?)repository.Attribute("url"), (string?)repository.Attribute("commit")));
        using var provider = Read(Package.Read(Path.Combine(_clone.FullName, "packages", "KubeApps.Spec.1.0.0.snupkg")).Files["lib/net10.0/KubeApps.Spec.pdb"]);
        var symbols = provider.GetMetadataReader();
        var link = symbols.CustomDebugInformation.Select(symbols.GetCustomDebugInformation)
            .Single(information => symbols.GetGuid(information.Kind) == SourceLinkKind);
        Assert.Equal(
            """{"documents":{"/_/*":"https://raw.githubusercontent.com/example/kubeapps/COMMIT/*"}}""".Replace("COMMIT", commit, StringComparison.Ordinal),
            Encoding.UTF8.GetString(symbols.GetBlobBytes(link.Value)));
    }

    private static bool IsOurs(string file) =>
        file.EndsWith(".dll", StringComparison.Ordinal) && Path.GetFileName(file).Contains("kubeapp", StringComparison.OrdinalIgnoreCase);

    // Refuses what is not a portable PDB.
    private static MetadataReaderProvider Read(byte[] symbols) => MetadataReaderProvider.FromPortablePdbStream(new MemoryStream(symbols));

    private async Task<Outcome> Git(params string[] arguments) => (await Program.RunAsync("git", arguments, _clone.FullName)).Expect(0);

    private void CopyToClone(params string[] files)
    {
        foreach (var file in files)
        {
            var target = Path.Combine(_clone.FullName, file);
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(Path.Combine(Workplace.RepositoryRoot, file), target);
        }
    }
}
