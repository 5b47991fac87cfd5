using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using KubeApps.Diagnostics;

namespace KubeApps.Deploy.Targets;

/// <summary>
/// The sandbox's program files, run from a copy of their own under KUBEAPPS_HOME: a process that lives for days must not lock a package
/// cache or a build's output. The copy is named by what it contains.
/// </summary>
internal sealed class SandboxProgram
{
    // A daemon lives longer than the command that starts it: it gets what finds programs, folders and certificates, not the secrets that
    // a build has in its environment.
    private static readonly string[] Inherited =
    [
        "PATH", "HOME", "USER", "LOGNAME", "LANG", "LC_ALL", "TZ", "TMPDIR", "DOTNET_ROOT", "DOTNET_ROOT_X64", "DOTNET_ROOT_ARM64",
        "XDG_DATA_HOME", "XDG_RUNTIME_DIR", "SSL_CERT_FILE", "SSL_CERT_DIR",
    ];

    private readonly string _source;
    private readonly IReadOnlyList<string> _files;

    private SandboxProgram(string source, IReadOnlyList<string> files, string build)
    {
        _source = source;
        _files = files;
        Build = build;
    }

    /// <summary>A hash of the files.</summary>
    public string Build { get; }

    public static SandboxProgram Find(SandboxLocation location)
    {
        if (!File.Exists(Path.Combine(location.Program, SandboxLocation.ProgramFile)))
            throw new DiagnosticException(DiagnosticDescriptors.SandboxFilesMissing.Because(
                $"There is no {SandboxLocation.ProgramFile} in {location.Program}."));
        // What only a debugger or an IDE reads is not part of the program.
        var files = Directory.EnumerateFiles(location.Program, "*", SearchOption.AllDirectories)
            .Where(file => Path.GetExtension(file) is not (".pdb" or ".xml"))
            .Select(file => Path.GetRelativePath(location.Program, file)).Order(StringComparer.Ordinal).ToList();
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var file in files)
        {
            hash.AppendData(Encoding.UTF8.GetBytes(file + "\n"));
            hash.AppendData(SHA256.HashData(File.ReadAllBytes(Path.Combine(location.Program, file))));
        }

        return new SandboxProgram(location.Program, files, Convert.ToHexStringLower(hash.GetHashAndReset())[..16]);
    }

    /// <summary>Starts the sandbox from its copy. The caller holds the launch lock.</summary>
    public Process Start(SandboxLocation location)
    {
        var folder = Copy(location);
        var start = new ProcessStartInfo(FindDotnet())
        {
            ArgumentList =
            {
                Path.Combine(folder, SandboxLocation.ProgramFile), location.IsEdge ? "edge" : "run", "--home", location.Home, "--background", "--build", Build,
            },
            WorkingDirectory = location.Folder,
        };
        AddPort(start, "--api-port", location.ApiPort);
        AddPort(start, "--registry-port", location.RegistryPort);
        if (location.ImagesOf is { } other)
        {
            start.ArgumentList.Add("--images-of");
            start.ArgumentList.Add(other);
        }

        if (OperatingSystem.IsWindows())
        {
            // The shell starts it without any handle of ours, in a console that nobody sees.
            start.UseShellExecute = true;
            start.WindowStyle = ProcessWindowStyle.Hidden;
        }
        else
        {
            // Pipes that only we hold: the sandbox leaves them as soon as it runs; until then its host's complaints arrive here.
            start.RedirectStandardInput = start.RedirectStandardOutput = start.RedirectStandardError = true;
            var environment = Inherited.Select(name => (name, value: Environment.GetEnvironmentVariable(name))).ToList();
            start.Environment.Clear();
            foreach (var (name, value) in environment)
                if (!string.IsNullOrEmpty(value))
                    start.Environment[name] = value;
        }

        return Process.Start(start) ?? throw new DiagnosticException(
            DiagnosticDescriptors.SandboxDidNotStart.Because($"{start.FileName} could not be started."));
    }

    private static void AddPort(ProcessStartInfo start, string option, ushort? port)
    {
        if (port is null)
            return;
        start.ArgumentList.Add(option);
        start.ArgumentList.Add(port.Value.ToString(CultureInfo.InvariantCulture));
    }

    private string Copy(SandboxLocation location)
    {
        var folder = Path.Combine(location.Copies, Build);
        if (!Directory.Exists(folder))
        {
            var temporary = $"{folder}.{Guid.NewGuid():n}.tmp";
            foreach (var file in _files)
            {
                var target = Path.Combine(temporary, file);
                Directory.CreateDirectory(Path.GetDirectoryName(target)!);
                File.Copy(Path.Combine(_source, file), target);
            }

            Directory.Move(temporary, folder);
        }

        foreach (var old in Directory.EnumerateDirectories(location.Copies).Where(other => other != folder))
        {
            try
            {
                Directory.Delete(old, recursive: true);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Still in use, on Windows; the next start tries again.
            }
        }

        return folder;
    }

    private static string FindDotnet()
    {
        if (Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") is { Length: > 0 } host && File.Exists(host))
            return host;
        if (Environment.ProcessPath is { } self && Path.GetFileNameWithoutExtension(self) == "dotnet")
            return self;
        var name = OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet";
        return Environment.GetEnvironmentVariable("DOTNET_ROOT") is { Length: > 0 } root && File.Exists(Path.Combine(root, name))
            ? Path.Combine(root, name)
            : name;
    }
}
