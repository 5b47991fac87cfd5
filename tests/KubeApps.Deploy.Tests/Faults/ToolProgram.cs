using System.Diagnostics;
using System.Reflection;
using System.Runtime.InteropServices;

namespace KubeApps.Deploy.Tests.Faults;

/// <summary>The real tool: the program in KUBEAPPS_TEST_TOOL, as build/test.sh makes it of the sources and as users have it; else what this build made.</summary>
internal static class ToolProgram
{
    private static readonly string Built = typeof(ToolProgram).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(item => item.Key == "Tool").Value!;

    /// <summary>How it is started in a folder; it is read what it says.</summary>
    public static ProcessStartInfo Start(IEnumerable<string> arguments, string folder)
    {
        string[] command = Environment.GetEnvironmentVariable("KUBEAPPS_TEST_TOOL") is { Length: > 0 } native
            ? [native, .. arguments]
            : [Path.GetFullPath("../../../dotnet", RuntimeEnvironment.GetRuntimeDirectory()), Built, .. arguments];
        // A runner in the background of a shell ignores SIGINT, and what it starts would, too.
        return new ProcessStartInfo(OperatingSystem.IsLinux() ? "env" : command[0], OperatingSystem.IsLinux() ? ["--default-signal=INT", .. command] : command[1..])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder,
        };
    }
}
