using KubeApps.Deploy;
using KubeApps.Diagnostics;

namespace KubeApps.Cli.Git;

/// <summary>A commit checked out beside the user's working tree, which is not touched; gone again when this is disposed, whatever happened.</summary>
internal sealed class CommitWorktree : IAsyncDisposable
{
    private readonly GitRepository _repository;
    private readonly ScratchFolder _folder;

    private CommitWorktree(GitRepository repository, ScratchFolder folder) => (_repository, _folder) = (repository, folder);

    /// <summary>The root of what is checked out.</summary>
    public string Root => Path.Combine(_folder.Path, "tree");

    /// <summary>
    /// Checks the commit out, submodules included. Filters (Git LFS) run as in any checkout; the repository's hooks do not: they are written for
    /// the working tree of a person.
    /// </summary>
    /// <exception cref="DiagnosticException">git cannot; why.</exception>
    public static async Task<CommitWorktree> AddAsync(GitRepository repository, string commit, CancellationToken cancellationToken)
    {
        var tree = Make(repository);
        try
        {
            await tree.RequireAsync(repository.Folder, ["worktree", "add", "--quiet", "--detach", tree.Root, commit], cancellationToken);
            if (File.Exists(Path.Combine(tree.Root, ".gitmodules")))
                await tree.RequireAsync(tree.Root, ["submodule", "--quiet", "update", "--init", "--recursive"], cancellationToken);
            return tree;
        }
        catch
        {
            await tree.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        // Also when the deploy was cancelled. Twice forced: even if something was written there, or locked it.
        await GitCommand.RunAsync(_repository.Folder, CancellationToken.None, "worktree", "remove", "--force", "--force", Root);
        _folder.Dispose();
        await GitCommand.RunAsync(_repository.Folder, CancellationToken.None, "worktree", "prune");
    }

    private async Task RequireAsync(string directory, string[] arguments, CancellationToken cancellationToken)
    {
        var answer = await GitCommand.RunAsync(directory, cancellationToken, ["-c", $"core.hooksPath={Path.Combine(_folder.Path, "no-hooks")}", .. arguments]);
        if (!answer.Succeeded)
            throw new DiagnosticException(DiagnosticDescriptors.WorktreeFailed.Because($"git {arguments[0]} failed: {answer.Reason}."));
    }

    private static CommitWorktree Make(GitRepository repository)
    {
        try
        {
            return new CommitWorktree(repository, ScratchFolder.Create("commit"));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new DiagnosticException(DiagnosticDescriptors.WorktreeFailed.Because($"There can be no folder in {Path.GetTempPath()}: {failure.Message}"), failure);
        }
    }
}
