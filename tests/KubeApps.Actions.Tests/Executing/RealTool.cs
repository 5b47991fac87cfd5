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

    public static Task<string> HelpAsync(params string[] command) => DotnetAsync([Path.Combine(Folder, "dotnet-kubeapp.dll"), .. command, "--help"]);

    /// <summary>Packs what is built.</summary>
    public static Task PackAsync(string folder) =>
        DotnetAsync("pack", Path.Combine(RepositoryFiles.Root, "src", "KubeApps.Cli"), "--no-build", "-p:BuildProjectReferences=false", "-c", Configuration, "-o", folder, "-nodeReuse:false", "-tl:off");

    private static async Task<string> DotnetAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", arguments) { RedirectStandardOutput = true };
        // What 'dotnet test' sets for itself must not reach another build.
        foreach (var name in (string[])["MSBuildSDKsPath", "MSBUILD_EXE_PATH", "MSBuildExtensionsPath", "MSBuildLoadMicrosoftTargetsReadOnly"])
            start.Environment.Remove(name);
        using var process = Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == 0, output);
        return output;
    }

    private static string Metadata(string key) =>
        typeof(RealTool).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(item => item.Key == key).Value!;
}
