using System.Reflection;
using System.Text.RegularExpressions;

namespace KubeApps.Cli.Workflows;

/// <summary>Where the reusable workflows are, at which commit.</summary>
/// <param name="Repository"><c>OWNER/NAME</c>.</param>
/// <param name="Reference">A commit, which nobody can change afterwards; or a tag or branch, for who wants that.</param>
/// <param name="Version">What the commit is, for people; null where it is not known.</param>
internal sealed partial record ToolingReference(string Repository, string Reference, string? Version)
{
    /// <summary>A workflow of it, as a <c>uses:</c> names it.</summary>
    public string Uses(string workflow) => $"{Repository}/.github/workflows/{workflow}.yml@{Reference}{(Version is null ? "" : $" # v{Version}")}";

    /// <summary>Null where the text is not of the form <c>OWNER/NAME@REF</c>.</summary>
    public static ToolingReference? Parse(string text) =>
        Form().Match(text) is { Success: true } match ? new ToolingReference(match.Groups["repository"].Value, match.Groups["reference"].Value, null) : null;

    /// <summary>The workflows that belong to this very tool: those of the commit that it was built from. Null where the build did not know its repository.</summary>
    public static ToolingReference? OfThisTool()
    {
        var assembly = typeof(ToolingReference).Assembly;
        var address = assembly.GetCustomAttributes<AssemblyMetadataAttribute>().FirstOrDefault(item => item.Key == "RepositoryUrl")?.Value;
        return Of(address, assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion);
    }

    internal static ToolingReference? Of(string? repositoryUrl, string? informationalVersion)
    {
        if (!Uri.TryCreate(repositoryUrl, UriKind.Absolute, out var address) || informationalVersion?.Split('+') is not [var version, var commit])
            return null;
        var repository = address.AbsolutePath.Trim('/');
        return Parse($"{(repository.EndsWith(".git", StringComparison.Ordinal) ? repository[..^4] : repository)}@{commit}") is { } parsed && commit.Length == 40
            ? parsed with { Version = version }
            : null;
    }

    [GeneratedRegex("^(?<repository>[A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9._-]+)@(?<reference>[A-Za-z0-9][A-Za-z0-9._/-]*)$")]
    private static partial Regex Form();
}
