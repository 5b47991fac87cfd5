using KubeApps.Diagnostics;

namespace KubeApps.Cli.Git;

/// <summary>The repository that a folder is in.</summary>
/// <param name="Folder">That folder.</param>
/// <param name="Prefix">The folder's path in the repository: empty, or with a slash at its end.</param>
internal sealed record GitRepository(string Folder, string Prefix)
{
    /// <exception cref="DiagnosticException">The folder is in none.</exception>
    public static async Task<GitRepository> FindAsync(string folder, CancellationToken cancellationToken)
    {
        var answer = await GitCommand.RunAsync(folder, cancellationToken, "rev-parse", "--show-prefix");
        return answer.Succeeded
            ? new GitRepository(folder, answer.Line)
            : throw new DiagnosticException(DiagnosticDescriptors.NotAGitRepository.Because($"{folder} is in no git repository: {answer.Reason}."));
    }

    /// <summary>Where a folder's repository comes from: the remote 'origin', else its only one. Null where there is none, or no git. It may hold a password.</summary>
    public static async Task<string?> FindRemoteAsync(string folder, CancellationToken cancellationToken)
    {
        if (!Directory.Exists(folder))
            return null;
        try
        {
            if (await GitCommand.RunAsync(folder, cancellationToken, "remote", "get-url", "origin") is { Succeeded: true } origin)
                return origin.Line;
            return await GitCommand.RunAsync(folder, cancellationToken, "remote") is { Succeeded: true, Output: [var only] }
                && await GitCommand.RunAsync(folder, cancellationToken, "remote", "get-url", "--", only) is { Succeeded: true } other
                ? other.Line
                : null;
        }
        catch (DiagnosticException)
        {
            return null;
        }
    }

    /// <summary>The commit that a person means: its hash or the beginning of it, a branch, a tag.</summary>
    /// <exception cref="DiagnosticException">There is none, or more than one.</exception>
    public async Task<string> ResolveAsync(string commit, CancellationToken cancellationToken)
    {
        var answer = await GitCommand.RunAsync(Folder, cancellationToken, "rev-parse", "--verify", "--end-of-options", $"{commit}^{{commit}}");
        if (answer.Succeeded)
            return answer.Output[^1].Trim();
        // As build servers clone: the commit is likely to exist, elsewhere.
        var isShallow = (await GitCommand.RunAsync(Folder, cancellationToken, "rev-parse", "--is-shallow-repository")) is { Succeeded: true, Line: "true" };
        throw new DiagnosticException(DiagnosticDescriptors.CommitUnknown.Because(
            $"The repository of {Folder} has no commit '{commit}': {answer.Reason}.",
            nextStep: isShallow ? "The clone is shallow: get the rest with 'git fetch --unshallow', or check out with fetch-depth: 0." : null));
    }

    /// <summary>Whether a file of the folder is in a commit.</summary>
    public async Task<bool> HasAsync(string commit, string file, CancellationToken cancellationToken) =>
        (await GitCommand.RunAsync(Folder, cancellationToken, "cat-file", "-e", $"{commit}:{Prefix}{file}")).Succeeded;

    /// <summary>
    /// Why what stands here may be something else than that commit; null: it is the commit. Files that git ignores, and what builds leave in
    /// <c>bin</c> and <c>obj</c> and no commit has, do not count.
    /// </summary>
    public static async Task<string?> DifferenceAsync(string folder, string commit, CancellationToken cancellationToken)
    {
        var head = await GitCommand.RunAsync(folder, cancellationToken, "rev-parse", "--verify", "HEAD");
        if (!head.Succeeded)
            return $"git does not know what stands here ({head.Reason})";
        if (head.Line != commit)
            return $"{Events.Printable.Commit(head.Line)} is checked out";
        var status = await GitCommand.RunAsync(folder, cancellationToken, "status", "--porcelain", "--untracked-files=all", "--", ":/");
        if (!status.Succeeded)
            return $"git does not know what changed ({status.Reason})";
        return status.Output.Where(line => !IsBuilt(line)).ToList() switch
        {
            [] => null,
            [var only] => $"the working tree has a change ({only[3..]})",
            var several => $"the working tree has {several.Count} changes ({several[0][3..]} and more)",
        };
    }

    // "?? src/App/obj/project.assets.json": what is in the commit counts, wherever it is.
    private static bool IsBuilt(string line) =>
        line.StartsWith("?? ", StringComparison.Ordinal) && line[3..].Trim('"').Split('/')[..^1].Any(folder => folder is "bin" or "obj");
}
