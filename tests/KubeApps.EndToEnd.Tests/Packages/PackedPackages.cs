using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Xml.Linq;

namespace KubeApps.EndToEnd.Tests;

/// <summary>All packages, packed by the one command that packs them, into a folder that serves as a feed.</summary>
public sealed class PackedPackages : IAsyncLifetime
{
    /// <summary>What a user names; it only says which of the others is for whom.</summary>
    public const string Tool = "dotnet-kubeapp";

    /// <summary>The tool for systems for which it was not compiled beforehand.</summary>
    public const string AnyTool = "dotnet-kubeapp.any";

    /// <summary>The tool compiled for this machine. One system's is enough here: it takes long.</summary>
    public static string ThisTool { get; } = $"dotnet-kubeapp.{RuntimeInformation.RuntimeIdentifier}";

    /// <summary>Whether that is a program without a runtime: where build/test.sh found what makes one.</summary>
    public static bool IsNative { get; } = Environment.GetEnvironmentVariable("KUBEAPPS_TEST_TOOL") is { Length: > 0 };

    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("kubeapps-packages-");

    /// <summary>With a separator at its end.</summary>
    public string Feed => _root.FullName + Path.DirectorySeparatorChar;

    /// <summary>The version of the sources: caches are fresh, so it can be no other's.</summary>
    public string Version { get; private set; } = "";

    public async ValueTask InitializeAsync()
    {
        string[] pack = ["pack", "build/Packages.proj", $"-p:ToolRuntimes={RuntimeInformation.RuntimeIdentifier}", $"-p:NativeTool={(IsNative ? "true" : "false")}", "-o", Feed, "-tl:off", "-nodeReuse:false"];
        (await Program.RunAsync("dotnet", pack, Workplace.RepositoryRoot, minutes: 20)).Expect(0);
        Version = Path.GetFileNameWithoutExtension(Directory.GetFiles(Feed, "KubeApps.Spec.*.nupkg").Single())["KubeApps.Spec.".Length..];
    }

    public ValueTask DisposeAsync()
    {
        _root.Delete(recursive: true);
        return ValueTask.CompletedTask;
    }

    /// <summary>A package by its id: its own files, without what NuGet adds to every package.</summary>
    internal Package Open(string id, string extension = "nupkg") => Package.Read(Path.Combine(Feed, $"{id}.{Version}.{extension}"));
}

/// <summary>Tests that build the tools in the repository's own folder, which one build at a time may do.</summary>
[CollectionDefinition(nameof(ReleaseBuild), DisableParallelization = true)]
public sealed class ReleaseBuild : ICollectionFixture<PackedPackages>;

/// <summary>What is in a package.</summary>
/// <param name="Nuspec">Its metadata element.</param>
/// <param name="Files">Path and content, in order of the path.</param>
internal sealed record Package(XElement Nuspec, IReadOnlyDictionary<string, byte[]> Files)
{
    public static Package Read(string file)
    {
        using var archive = ZipFile.OpenRead(file);
        var contents = new SortedDictionary<string, byte[]>(StringComparer.Ordinal);
        XElement? nuspec = null;
        foreach (var entry in archive.Entries)
        {
            using var stream = entry.Open();
            using var content = new MemoryStream();
            stream.CopyTo(content);
            if (entry.FullName.EndsWith(".nuspec", StringComparison.Ordinal))
                nuspec = XDocument.Parse(System.Text.Encoding.UTF8.GetString(content.ToArray()).TrimStart('\uFEFF')).Root!.Elements().Single();
            else if (entry.FullName is not "[Content_Types].xml" && !entry.FullName.StartsWith("_rels/", StringComparison.Ordinal) && !entry.FullName.StartsWith("package/", StringComparison.Ordinal))
                contents.Add(entry.FullName, content.ToArray());
        }

        return new Package(nuspec!, contents);
    }

    /// <summary>An element of the nuspec.</summary>
    public XElement? Find(string name) => Nuspec.Element(Nuspec.Name.Namespace + name);
}
