namespace KubeApps.Sandbox.Pods.Images;

/// <summary>Paths of an image, brought below a folder of the host. Nothing that comes out of here lies outside of that folder.</summary>
internal static class RootPath
{
    private const int MostLinks = 40;

    /// <summary>
    /// The host's path of an absolute path inside the root. Links on the way are followed as they would be inside, where <c>/</c> is the root.
    /// </summary>
    /// <param name="root">The host's folder that stands for <c>/</c>.</param>
    /// <param name="path">With <c>/</c> between the parts; relative ones start at the root.</param>
    /// <param name="followLast">Whether a link at the end is followed, too.</param>
    /// <exception cref="IOException">Links go round in circles.</exception>
    public static string Resolve(string root, string path, bool followLast = true)
    {
        var todo = new Stack<string>(Parts(path).Reverse());
        var done = new List<string>();
        var links = 0;
        while (todo.TryPop(out var part))
        {
            if (part == "..")
            {
                if (done.Count > 0)
                    done.RemoveAt(done.Count - 1);
                continue;
            }

            done.Add(part);
            if (todo.Count == 0 && !followLast)
                break;
            var here = Below(root, done);
            if (new FileInfo(here).LinkTarget is not { } target)
                continue;
            if (++links > MostLinks)
                throw new IOException($"too many levels of symbolic links: {path}");
            target = target.Replace(Path.DirectorySeparatorChar, '/');
            if (target.StartsWith('/'))
                done.Clear();
            else
                done.RemoveAt(done.Count - 1);
            foreach (var next in Parts(target).Reverse())
                todo.Push(next);
        }

        return Below(root, done);
    }

    /// <summary>
    /// The parts of a name in a layer; null if it may not be: absolute, with <c>..</c>, or not a name of this host's file system.
    /// </summary>
    public static string[]? Checked(string name)
    {
        if (name.StartsWith('/') || name.Contains('\0') || (OperatingSystem.IsWindows() && name.AsSpan().ContainsAny("\\:*?\"<>|")))
            return null;
        var parts = Parts(name);
        return parts.Contains("..") ? null : parts;
    }

    /// <summary>
    /// What a symbolic link in <paramref name="folder"/> (its real place below the root) must hold so that the host, too, ends inside
    /// the root: steps up come first and are counted. Null if the target lies outside.
    /// </summary>
    public static string? LinkTarget(IReadOnlyList<string> folder, string target)
    {
        if (target.Length == 0 || target.Contains('\0') || (OperatingSystem.IsWindows() && target.AsSpan().ContainsAny("\\:*?\"<>|")))
            return null;
        var place = target.StartsWith('/') ? [] : folder.ToList();
        foreach (var part in Parts(target))
        {
            if (part != "..")
                place.Add(part);
            else if (place.Count == 0)
                return null;
            else
                place.RemoveAt(place.Count - 1);
        }

        var shared = 0;
        while (shared < folder.Count && shared < place.Count && folder[shared] == place[shared])
            shared++;
        var steps = Enumerable.Repeat("..", folder.Count - shared).Concat(place.Skip(shared)).ToList();
        return steps.Count == 0 ? "." : string.Join('/', steps);
    }

    public static string[] Parts(string path) => [.. path.Split('/').Where(part => part.Length > 0 && part != ".")];

    private static string Below(string root, List<string> parts) => Path.Combine([root, .. parts]);
}
