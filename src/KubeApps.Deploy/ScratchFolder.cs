namespace KubeApps.Deploy;

/// <summary>
/// A folder of this user's for as long as something is done; gone again when this is disposed. What processes have left of the same kind that were killed, is
/// deleted before the next one is made.
/// </summary>
internal sealed class ScratchFolder : IDisposable
{
    private const string LockName = "lock";

    private static readonly TimeSpan Youth = TimeSpan.FromMinutes(1);

    // Held as long as the folder is used: it tells one that is in use from one whose process was killed.
    private readonly FileStream _lock;

    private ScratchFolder(string path)
    {
        Path = path;
        _lock = new FileStream(System.IO.Path.Combine(path, LockName), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None);
    }

    public string Path { get; }

    /// <param name="kind">What it is for: a word.</param>
    public static ScratchFolder Create(string kind)
    {
        var prefix = $"kubeapps-{kind}-";
        DeleteAbandoned(prefix);
        return new ScratchFolder(Directory.CreateTempSubdirectory(prefix).FullName);
    }

    public void Dispose()
    {
        _lock.Dispose();
        // Another program may still hold a file: then the next one deletes the rest.
        TryDelete(Path);
    }

    // One that is being made is left alone.
    private static void DeleteAbandoned(string prefix)
    {
        foreach (var folder in Directory.EnumerateDirectories(System.IO.Path.GetTempPath(), prefix + "*"))
        {
            var file = System.IO.Path.Combine(folder, LockName);
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
