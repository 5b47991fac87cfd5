using System.Reflection;
using System.Text.RegularExpressions;
using KubeApps.Diagnostics;

namespace KubeApps.Cli.Tests;

public partial class DiagnosticReferenceTests
{
    private static readonly IReadOnlyList<DiagnosticDescriptor> Table =
    [
        .. typeof(DiagnosticDescriptors).GetFields(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static)
            .Select(field => field.GetValue(null)).OfType<DiagnosticDescriptor>(),
    ];

    [Fact]
    public void Codes_OfAllDescriptors_AreUniqueAndWellFormed()
    {
        Assert.NotEmpty(Table);
        Assert.All(Table, descriptor => Assert.Matches("^KUBEAPP[0-9]{4}$", descriptor.Code));
        Assert.Empty(Table.GroupBy(descriptor => descriptor.Code).Where(group => group.Count() > 1).Select(group => group.Key));
    }

    [Fact]
    public void Reference_OfDiagnostics_HoldsExactlyTheTable()
    {
        var documented = Heading().Matches(Repository.Read("src/KubeApps.Cli/diagnostics.md").ReplaceLineEndings("\n"))
            .Select(match => $"{match.Groups[1].Value}: {match.Groups[2].Value}").Order(StringComparer.Ordinal);

        Assert.Equal(Table.Select(descriptor => $"{descriptor.Code}: {descriptor.Title}").Order(StringComparer.Ordinal), documented);
    }

    [Fact]
    public void Reference_OfDiagnostics_RepeatsEveryNextStep()
    {
        var text = Repository.Read("src/KubeApps.Cli/diagnostics.md");

        Assert.All(Table.Where(descriptor => descriptor.NextStep.Length > 0), descriptor => Assert.Contains(descriptor.NextStep, text, StringComparison.Ordinal));
    }

    [Fact]
    public void Reference_OfDiagnostics_SaysWhatLeadsToEach()
    {
        var entries = Repository.Read("src/KubeApps.Cli/diagnostics.md").ReplaceLineEndings("\n").Split("\n### ").Skip(1).ToList();

        Assert.Equal(Table.Count, entries.Count);
        // A sentence or more between the title and the next step.
        Assert.All(entries, entry => Assert.Matches(@"^KUBEAPP[0-9]{4}: .+\n\nCause: [^\n]{20,}\.\n\nNext step: ", entry));
    }

    [GeneratedRegex("^### (KUBEAPP[0-9]{4}): (.+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();
}

/// <summary>Files of the repository that tests hold against the code.</summary>
internal static class Repository
{
    public static string Root { get; } = Find();

    public static string Read(string path) => File.ReadAllText(Path.Combine(Root, path));

    private static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "KubeApps.Tooling.sln")))
                return folder.FullName;
        throw new InvalidOperationException("The tests run outside of the repository.");
    }
}
