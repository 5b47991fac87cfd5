using System.Runtime.InteropServices;
using KubeApps.Sandbox.Pods.Images;
using KubeApps.Sandbox.Pods.Processes;

namespace KubeApps.Sandbox.Pods.Containers;

/// <summary>
/// Finds the host's program for a container's command. What runs: programs that the image brings and that are made for this system, and
/// .NET assemblies with the host's own <c>dotnet</c>. What does not: scripts and the programs of the image's operating system, which
/// would work on the host's files.
/// </summary>
internal static class ContainerCommand
{
    private static readonly string[] SystemFolders = ["bin", "sbin", "lib", "lib32", "lib64", "libexec"];

    /// <exception cref="ContainerException">There is no such program, or it cannot run here.</exception>
    public static ProcessStart Resolve(
        ContainerRoot root, IReadOnlyList<string> command, IReadOnlyDictionary<string, string> environment, string workingDirectory)
    {
        if (command.Count == 0)
            throw new ContainerException(ContainerException.CreateError, "no command specified");
        var program = command[0];
        var folder = root.Resolve(workingDirectory);
        if (!Directory.Exists(folder))
            Directory.CreateDirectory(folder); // As container runtimes do.
        var arguments = command.Skip(1).Select(root.MapArgument).ToList();
        if (program.Split('/')[^1] is "dotnet" or "dotnet.exe")
            return new ProcessStart(DotnetHost.Program, arguments, environment, folder);

        var (path, seen) = Find(root, program, environment, workingDirectory);
        Check(program, path, seen);
        return new ProcessStart(path, arguments, environment, folder);
    }

    private static (string Path, string Seen) Find(
        ContainerRoot root, string program, IReadOnlyDictionary<string, string> environment, string workingDirectory)
    {
        if (program.Contains('/'))
        {
            var seen = program.StartsWith('/') ? program : $"{workingDirectory.TrimEnd('/')}/{program}";
            var path = root.Resolve(seen);
            return File.Exists(path) ? (path, seen)
                : Directory.Exists(path) ? throw ContainerException.NotStarted(program, "is a directory")
                : throw ContainerException.NotStarted(program, $"stat {program}: no such file or directory");
        }

        foreach (var folder in (environment.GetValueOrDefault("PATH") ?? "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin").Split(':'))
            if (folder.StartsWith('/') && $"{folder.TrimEnd('/')}/{program}" is var seen && root.Resolve(seen) is var path && File.Exists(path))
                return (path, seen);
        throw ContainerException.NotStarted(program, "executable file not found in $PATH");
    }

    private static void Check(string program, string path, string seen)
    {
        if (!OperatingSystem.IsWindows()
            && (File.GetUnixFileMode(path) & (UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute)) == 0)
            throw ContainerException.NotStarted(program, "permission denied");
        var parts = RootPath.Parts(seen);
        if (SystemFolders.Contains(parts[0]) || (parts[0] == "usr" && parts.Length > 2 && SystemFolders.Contains(parts[1])))
            throw NotRunnable(program, "it belongs to the image's operating system, and the sandbox runs containers as processes of this machine");
        var start = new byte[20];
        int length;
        using (var file = File.OpenRead(path))
            length = file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        if (Foreign(start.AsSpan(0, length)) is { } why)
            throw NotRunnable(program, why);
    }

    private static ContainerException NotRunnable(string program, string why) => new(
        ContainerException.CreateError, $"not runnable here: \"{program}\": {why}; .NET apps and programs made for {HostPlatform.System}/{HostPlatform.Architecture} run");

    /// <summary>Why the system would not run a file that starts like this; null if nothing speaks against it.</summary>
    private static string? Foreign(ReadOnlySpan<byte> start)
    {
        if (start.StartsWith("#!"u8))
            return "it is a script, whose interpreter would be this machine's";
        if (start.StartsWith("\u007fELF"u8) && start.Length >= 20)
        {
            Architecture? architecture = (start[18] | (start[19] << 8)) switch
            {
                3 => Architecture.X86,
                40 => Architecture.Arm,
                62 => Architecture.X64,
                183 => Architecture.Arm64,
                _ => null,
            };
            return !OperatingSystem.IsLinux() ? "it is made for Linux"
                : architecture != RuntimeInformation.OSArchitecture ? $"it is made for {architecture?.ToString() ?? "another processor"}"
                : null;
        }

        if (start.StartsWith("MZ"u8))
            return OperatingSystem.IsWindows() ? null : "it is made for Windows";
        return OperatingSystem.IsMacOS() ? null : "it is no program of this system";
    }
}
