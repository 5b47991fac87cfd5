using KubeApps.Bundles;
using KubeApps.Deploy.Targets;
using KubeApps.Diagnostics;

namespace KubeApps.Deploy.Artifacts;

/// <summary>Pulled bundles on this machine, by their digest, which says what they are: one that is here is not asked for again. The last few stay.</summary>
internal sealed class BundleCache(string folder)
{
    private const int Kept = 20;

    /// <summary>The bundle of a digest, or null. One that cannot be read any more is forgotten.</summary>
    public Bundle? Find(string digest)
    {
        var directory = PathOf(digest);
        if (!File.Exists(Path.Combine(directory, BundleFiles.IndexName)))
            return null;
        try
        {
            var bundle = BundleFiles.Read(directory);
            Directory.SetLastWriteTimeUtc(directory, DateTime.UtcNow);
            return bundle;
        }
        catch (Exception failure) when (failure is DiagnosticException or IOException or UnauthorizedAccessException)
        {
            TryDelete(directory);
            return null;
        }
    }

    /// <summary>Writes files that were checked, and reads the bundle that they are.</summary>
    public Bundle Keep(string digest, IReadOnlyList<(string Path, ReadOnlyMemory<byte> Content)> files)
    {
        var (directory, staged) = (PathOf(digest), Path.Combine(folder, $".{Guid.NewGuid():N}"));
        try
        {
            PrivateFiles.CreateFolder(folder);
            PrivateFiles.CreateFolder(staged);
            foreach (var (path, content) in files)
            {
                var file = Path.Combine(staged, path.Replace('/', Path.DirectorySeparatorChar));
                Directory.CreateDirectory(Path.GetDirectoryName(file)!);
                File.WriteAllBytes(file, content.Span);
            }

            // Another process may have been faster; it has the same.
            if (!Directory.Exists(directory))
                Directory.Move(staged, directory);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            if (!Directory.Exists(directory))
                throw new DiagnosticException(DiagnosticDescriptors.BundleNotKept.Because($"The bundle {digest} cannot be written below {folder}: {failure.Message}"), failure);
        }
        finally
        {
            TryDelete(staged);
        }

        Forget(directory);
        return BundleFiles.Read(directory);
    }

    private void Forget(string current)
    {
        foreach (var old in new DirectoryInfo(folder).EnumerateDirectories("sha256-*").OrderByDescending(item => item.LastWriteTimeUtc).Skip(Kept))
            if (old.FullName != Path.GetFullPath(current))
                TryDelete(old.FullName);
    }

    private string PathOf(string digest) => Path.Combine(folder, digest.Replace(':', '-'));

    private static void TryDelete(string directory)
    {
        try
        {
            if (Directory.Exists(directory))
                Directory.Delete(directory, recursive: true);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // In use, perhaps; the next one tries again.
        }
    }
}
