using System.Diagnostics;
using System.Reflection;
using System.Runtime.InteropServices;

namespace KubeApps.Actions.Tests.Executing;

/// <summary>The tool as this repository builds it, in the place where <c>setup</c> puts that of a package.</summary>
internal static class RealTool
{
    /// <summary>With which the tool, and the build of the samples, was built.</summary>
    public static string Configuration { get; } = Metadata("Configuration");

    private static string Folder { get; } = Metadata("ToolFolder");

    public static void PutInto(Runner runner)
    {
        runner.Env["PATH"] = $"{Folder}{Path.PathSeparator}{runner.Env["PATH"]}";
        runner.Env["DOTNET_ROOT"] = Path.GetFullPath("../../..", RuntimeEnvironment.GetRuntimeDirectory());
    }

    public static async Task<string> HelpAsync(params string[] command)
    {
        using var process = Process.Start(new ProcessStartInfo("dotnet", [Path.Combine(Folder, "dotnet-kubeapp.dll"), .. command, "--help"]) { RedirectStandardOutput = true })!;
        var help = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return help;
    }

    private static string Metadata(string key) =>
        typeof(RealTool).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(item => item.Key == key).Value!;
}
