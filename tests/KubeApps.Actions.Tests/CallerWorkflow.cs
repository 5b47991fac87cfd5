using System.Text.RegularExpressions;

namespace KubeApps.Actions.Tests;

/// <summary>What <c>init --github</c> writes (as the tests of the tool have reviewed it), put beside the workflows that it calls.</summary>
internal static partial class CallerWorkflow
{
    public const string Path = ".github/workflows/kubeapp.yml";

    public static IReadOnlyDictionary<string, string> FilesWith(string snapshot)
    {
        var text = File.ReadAllText(System.IO.Path.Combine(RepositoryFiles.Root, "tests", "KubeApps.Cli.Tests", "Snapshots", snapshot));
        return FilesOf(Remote().Replace(text, "uses: ./${file}"));
    }

    /// <summary>A workflow that calls them.</summary>
    public static IReadOnlyDictionary<string, string> FilesOf(string text) => new Dictionary<string, string>(RepositoryFiles.Read()) { [Path] = text };

    [GeneratedRegex(@"uses: example/tooling/(?<file>\.github/workflows/[a-z-]+\.yml)@[0-9a-f]{40}( # v.*)?")]
    private static partial Regex Remote();
}
