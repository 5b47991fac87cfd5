using System.Runtime.InteropServices;

namespace KubeApps.Sandbox.Pods.Containers;

/// <summary>The .NET installation of this machine: that which runs the sandbox.</summary>
internal static class DotnetHost
{
    /// <summary>What <c>DOTNET_ROOT</c> means.</summary>
    public static string Root { get; } = FindRoot();

    public static string Program { get; } = Path.Combine(Root, OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet");

    private static string FindRoot()
    {
        // <root>/shared/Microsoft.NETCore.App/<version>/
        var runtime = Path.TrimEndingDirectorySeparator(RuntimeEnvironment.GetRuntimeDirectory());
        var root = Path.GetFullPath(Path.Combine(runtime, "..", "..", ".."));
        return Directory.Exists(Path.Combine(root, "shared")) ? root
            : Environment.GetEnvironmentVariable("DOTNET_ROOT") is { Length: > 0 } configured ? configured
            : root;
    }
}
