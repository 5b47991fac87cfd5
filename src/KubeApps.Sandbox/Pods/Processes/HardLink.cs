using System.Runtime.InteropServices;

namespace KubeApps.Sandbox.Pods.Processes;

/// <summary>A second name for a file, so that ten pods of one image need its space once.</summary>
internal static partial class HardLink
{
    /// <summary>Where the file system cannot link (another volume, FAT), the file is copied.</summary>
    public static void CreateOrCopy(string existing, string path)
    {
        var linked = OperatingSystem.IsWindows() ? CreateHardLink(path, existing, 0) : Link(existing, path) == 0;
        if (!linked)
            File.Copy(existing, path);
    }

    [LibraryImport("libc", EntryPoint = "link", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Link(string existing, string path);

    [LibraryImport("kernel32", EntryPoint = "CreateHardLinkW", StringMarshalling = StringMarshalling.Utf16)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool CreateHardLink(string path, string existing, nint securityAttributes);
}
