namespace KubeApps.Deploy.Targets;

/// <summary>Files and folders for their owner's eyes only.</summary>
internal static class PrivateFiles
{
    private const UnixFileMode OnlyOwner = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Makes a folder that only its owner may enter.</summary>
    public static void CreateFolder(string path)
    {
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(path);
        else
            Directory.CreateDirectory(path, OnlyOwner | UnixFileMode.UserExecute);
    }

    /// <summary>Writes a file that is there whole or not at all; one that is there is replaced.</summary>
    public static void Write(string path, ReadOnlySpan<byte> content)
    {
        var temporary = $"{path}.{Guid.NewGuid():n}.tmp";
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, BufferSize = 0 };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = OnlyOwner;
        try
        {
            using (var stream = new FileStream(temporary, options))
                stream.Write(content);
            File.Move(temporary, path, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }
}
