using System.Runtime.InteropServices;
using System.Text.Json.Nodes;

namespace KubeApps.Bench;

/// <summary>The tool as users get it: packed for this machine, and installed from its package. Once in a run.</summary>
internal static class InstalledTool
{
    private static readonly Lazy<Task<string>> Installation = new(InstallAsync);

    /// <summary>Runs it to its end.</summary>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="environment">Variables to set.</param>
    /// <param name="onEvent">With <c>-o jsonl</c>: gets each event when it comes.</param>
    /// <param name="expected">The exit code; null where any will do.</param>
    /// <returns>Its resident memory at its largest, in bytes.</returns>
    public static async Task<long> RunAsync(
        IEnumerable<string> arguments, IReadOnlyDictionary<string, string> environment, Action<JsonObject>? onEvent = null, int? expected = 0) =>
        await Programs.PeakAsync(
            await Installation.Value, arguments, environment,
            onEvent is null ? null : line =>
            {
                if (line.StartsWith('{'))
                    onEvent((JsonObject)JsonNode.Parse(line)!);
            },
            expected);

    /// <summary>Packs and installs it, if that was not done.</summary>
    public static Task PrepareAsync() => Installation.Value;

    private static async Task<string> InstallAsync()
    {
        var folder = Path.Combine(Programs.Root, "artifacts", "bench");
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
        var (feed, tools) = (Path.Combine(folder, "feed"), Path.Combine(folder, "tools"));
        await Programs.RunAsync("dotnet", ["pack", Path.Combine(Programs.Root, "build", "Packages.proj"), "-v", "q", $"-p:ToolRuntimes={RuntimeInformation.RuntimeIdentifier}", "-p:NativeTool=true", "-o", feed]);
        await Programs.RunAsync("dotnet", ["tool", "install", "dotnet-kubeapp", "--prerelease", "--source", feed, "--tool-path", tools]);
        return Path.Combine(tools, OperatingSystem.IsWindows() ? "dotnet-kubeapp.exe" : "dotnet-kubeapp");
    }
}
