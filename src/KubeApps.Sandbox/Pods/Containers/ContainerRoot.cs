using KubeApps.Sandbox.Pods.Images;
using KubeApps.Sandbox.Pods.Processes;

namespace KubeApps.Sandbox.Pods.Containers;

/// <param name="Path">Where the container sees it.</param>
/// <param name="Source">The host's folder or file.</param>
internal sealed record Mount(string Path, string Source);

/// <summary>
/// What stands for <c>/</c> in one container: the image's folders with links to its files, which costs no space, and its volumes in
/// their places. A process is not locked in: <c>/etc/config</c> is the host's to it. What works the same as in a cluster:
/// paths relative to the working directory or to the app's own folder; absolute paths below a volume where they stand in the command,
/// the arguments or the environment (they are rewritten); and <c>KUBEAPPS_ROOT</c> plus the path for programs that build paths by themselves.
/// </summary>
internal sealed class ContainerRoot
{
    private readonly string _root;
    private readonly IReadOnlyList<Mount> _mounts;

    private ContainerRoot(string root, IReadOnlyList<Mount> mounts) => (_root, _mounts) = (root, mounts);

    public string Path => _root;

    /// <summary>Lays the root out anew: what an earlier run of the container wrote is gone, as in a cluster.</summary>
    public static ContainerRoot Create(string root, string imageRoot, IReadOnlyList<Mount> mounts)
    {
        if (Directory.Exists(root))
            Directory.Delete(root, recursive: true);
        Mirror(new DirectoryInfo(imageRoot), root);
        var placed = new List<Mount>();
        foreach (var mount in mounts.OrderBy(mount => mount.Path.Length))
        {
            Place(root, new ContainerRoot(root, [.. placed]).Resolve(mount.Path), mount);
            placed.Add(mount);
        }

        var made = new ContainerRoot(root, placed);
        Directory.CreateDirectory(made.Resolve("/tmp"));
        return made;
    }

    /// <summary>The host's path of a path that the container sees.</summary>
    public string Resolve(string path)
    {
        var mount = _mounts.LastOrDefault(mount => IsBelow(path, mount.Path));
        return mount is null
            ? RootPath.Resolve(_root, path)
            : System.IO.Path.Combine([mount.Source, .. RootPath.Parts(path).Skip(RootPath.Parts(mount.Path).Length)]);
    }

    /// <summary>Rewrites a value that is an absolute path at or below a mount; others stay as they are.</summary>
    public string MapMounted(string value) =>
        value.StartsWith('/') && _mounts.Any(mount => IsBelow(value, mount.Path)) ? InRoot(value) : value;

    /// <summary>Rewrites an argument that is the absolute path of something in the root.</summary>
    public string MapArgument(string value)
    {
        if (!value.StartsWith('/') || value.Length == 1)
            return value;
        var mounted = MapMounted(value);
        return mounted != value || System.IO.Path.Exists(InRoot(value)) ? InRoot(value) : value;
    }

    private static void Mirror(DirectoryInfo from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var entry in from.EnumerateFileSystemInfos())
        {
            var path = System.IO.Path.Combine(to, entry.Name);
            if (entry.LinkTarget is { } target)
                File.CreateSymbolicLink(path, target);
            else if (entry is DirectoryInfo folder)
                Mirror(folder, path);
            else
                HardLink.CreateOrCopy(entry.FullName, path);
        }
    }

    private static bool IsBelow(string path, string folder) =>
        path == folder || path.StartsWith(folder.TrimEnd('/') + "/", StringComparison.Ordinal);

    private static void Place(string root, string path, Mount mount)
    {
        if (path == root)
            throw new ContainerException(ContainerException.CreateError, "a volume cannot be mounted at / in the sandbox");
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        if (Directory.Exists(path))
            Directory.Delete(path, recursive: true);
        else
            File.Delete(path);
        if (File.Exists(mount.Source))
            File.CreateSymbolicLink(path, mount.Source);
        else
            Directory.CreateSymbolicLink(path, mount.Source);
    }

    private string InRoot(string path) => System.IO.Path.Combine([_root, .. RootPath.Parts(path)]);
}
