using KubeApps.Diagnostics;

namespace KubeApps.Cli.Git;

/// <summary>A commit checked out beside the user's working tree, which is not touched; gone again when this is disposed, whatever happened.</summary>
internal sealed class CommitWorktree : IAsyncDisposable
{
    private const string FolderPrefix = "kubeapps-commit-";
    private const string LockName = "lock";
    private static readonly TimeSpan Youth = TimeSpan.FromMinutes(1);

    private readonly GitRepository _repository;
    private readonly string _folder;

    // Held as long as the folder is used: it tells one that is in use from one whose process was killed.
    private readonly FileStream _lock;

    private CommitWorktree(GitRepository repository, string folder)
    {
        (_repository, _folder) = (repository, folder);
        _lock = new FileStream(Path.Combine(folder, LockName), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None);
    }

    /// <summary>The root of what is checked out.</summary>
    public string Root => Path.Combine(_folder, "tree");

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
        await _lock.DisposeAsync();
        // A compiler server may still hold a file: then the next one deletes the rest.
        TryDelete(_folder);
        await GitCommand.RunAsync(_repository.Folder, CancellationToken.None, "worktree", "prune");
    }

    private async Task RequireAsync(string directory, string[] arguments, CancellationToken cancellationToken)
    {
        var answer = await GitCommand.RunAsync(directory, cancellationToken, ["-c", $"core.hooksPath={Path.Combine(_folder, "no-hooks")}", .. arguments]);
        if (!answer.Succeeded)
            throw new DiagnosticException(DiagnosticDescriptors.WorktreeFailed.Because($"git {arguments[0]} failed: {answer.Reason}."));
    }

    private static CommitWorktree Make(GitRepository repository)
    {
        DeleteAbandoned();
        try
        {
            return new CommitWorktree(repository, Directory.CreateTempSubdirectory(FolderPrefix).FullName);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new DiagnosticException(DiagnosticDescriptors.WorktreeFailed.Because($"There can be no folder in {Path.GetTempPath()}: {failure.Message}"), failure);
        }
    }

    // Those of processes that were killed. One that is being made is left alone.
    private static void DeleteAbandoned()
    {
        foreach (var folder in Directory.EnumerateDirectories(Path.GetTempPath(), FolderPrefix + "*"))
        {
            var file = Path.Combine(folder, LockName);
            try
            {
                if (DateTime.UtcNow - File.GetLastWriteTimeUtc(file) < Youth)
                    continue;
                using (new FileStream(file, FileMode.Open, FileAccess.ReadWrite, FileShare.None))
                {
                }
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
            {
                // In use, somebody else's, or just being made.
                continue;
            }

            TryDelete(folder);
        }
    }

    private static void TryDelete(string folder)
    {
        try
        {
            Directory.Delete(folder, recursive: true);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
        }
    }
}
