using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace KubeApps.MSBuild.Tests;

/// <summary>The package's readme is the one reference of properties, items and targets: it and the targets file say the same.</summary>
public sealed partial class ReferencePageTests
{
    private static readonly string Folder = Path.Combine(PackageFeed.RepositoryRoot, "src", "KubeApps.MSBuild");
    private static readonly XElement[] Files =
    [
        .. Directory.EnumerateFiles(Path.Combine(Folder, "build")).Select(file => XDocument.Load(file).Root!),
    ];

    [Fact]
    public void Properties_OfTheTargetsFile_AreThoseOfTheReference()
    {
        var properties = Files.SelectMany(file => file.Descendants("PropertyGroup")).Elements().Select(element => element.Name.LocalName);

        Assert.Equal(Public(properties), Public(Documented("Properties")));
    }

    [Fact]
    public void Items_OfTheTargetsFile_AreThoseOfTheReference()
    {
        var items = Files.SelectMany(file => file.Descendants("ItemGroup")).Elements().Select(element => element.Name.LocalName)
            .Concat(Files.SelectMany(file => ItemUse().Matches(file.ToString()).Select(match => match.Groups[1].Value)))
            .Where(name => name.StartsWith("KubeApp", StringComparison.Ordinal));

        Assert.Equal(Public(items), Public(Documented("Items")));
    }

    [Fact]
    public void Targets_OfTheTargetsFile_AreThoseOfTheReference()
    {
        var targets = Files.SelectMany(file => file.Elements("Target")).Select(target => target.Attribute("Name")!.Value);

        Assert.Equal(Public(targets), Public(Documented("Targets")));
    }

    private static IEnumerable<string> Public(IEnumerable<string> names) =>
        names.Where(name => name[0] != '_').Distinct().Order(StringComparer.Ordinal);

    private static IEnumerable<string> Documented(string heading)
    {
        var text = File.ReadAllText(Path.Combine(Folder, "README.md")).ReplaceLineEndings("\n");
        var section = text[text.IndexOf($"\n## {heading}\n", StringComparison.Ordinal)..];
        var end = section.IndexOf("\n## ", 1, StringComparison.Ordinal);
        return Row().Matches(end < 0 ? section : section[..end]).Select(match => match.Groups[1].Value);
    }

    [GeneratedRegex("^\\| `([A-Za-z_]+)` \\|", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex("@\\(([A-Za-z_]+)")]
    private static partial Regex ItemUse();
}
