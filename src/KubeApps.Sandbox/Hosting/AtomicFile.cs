namespace KubeApps.Sandbox.Hosting;

/// <summary>Files that are there whole or not at all, also when the process or the machine dies while they are written.</summary>
internal static class AtomicFile
{
    private const UnixFileMode OnlyOwner = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <param name="path">Replaced if it is there.</param>
    /// <param name="content">All of the new content.</param>
    /// <param name="durable">Wait until the content is on the disk. Without it the file may be lost with the machine's power, never torn by a crash of the process.</param>
    public static void Write(string path, ReadOnlySpan<byte> content, bool durable = true)
    {
        var temporary = $"{path}.{Guid.NewGuid():n}.tmp";
        try
        {
            using (var stream = new FileStream(temporary, PrivateFile(FileMode.CreateNew)))
            {
                stream.Write(content);
                if (durable)
                    stream.Flush(flushToDisk: true);
            }

            File.Move(temporary, path, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    /// <summary>Opens for writing a file that only its owner may read.</summary>
    public static FileStreamOptions PrivateFile(FileMode mode)
    {
        var options = new FileStreamOptions { Mode = mode, Access = FileAccess.Write, Share = FileShare.Read, BufferSize = 0 };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = OnlyOwner;
        return options;
    }

    /// <summary>Makes a folder that only its owner may enter.</summary>
    public static void CreatePrivateFolder(string path)
    {
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(path);
        else
            Directory.CreateDirectory(path, OnlyOwner | UnixFileMode.UserExecute);
    }
}
