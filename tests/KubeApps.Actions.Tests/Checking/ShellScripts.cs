using System.Diagnostics;
using System.Text.Json.Nodes;
using YamlDotNet.RepresentationModel;

namespace KubeApps.Actions.Tests.Checking;

/// <summary>The scripts of steps, through ShellCheck: unquoted variables, above all.</summary>
internal static class ShellScripts
{
    public static bool IsThere { get; } = RealPart.IsThere("shellcheck");

    public static async Task<IReadOnlyList<Finding>> CheckAsync(IReadOnlyList<YamlFile> files)
    {
        var folder = Directory.CreateTempSubdirectory("kubeapps-scripts-");
        try
        {
            var places = new Dictionary<string, (YamlFile File, YamlScalarNode Script)>();
            foreach (var file in files)
                foreach (var script in file.Steps.Where(step => step.Value("shell") is null or "bash").Select(step => step.Find("run")).OfType<YamlScalarNode>())
                {
                    var path = Path.Combine(folder.FullName, $"{places.Count}.sh");
                    await File.WriteAllTextAsync(path, $"{script.Value}\n");
                    places[path] = (file, script);
                }

            if (places.Count == 0)
                return [];
            using var process = Process.Start(new ProcessStartInfo("shellcheck", ["--shell=bash", "--norc", "--format=json", .. places.Keys]) { RedirectStandardOutput = true })!;
            var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            return
            [
                .. JsonNode.Parse(output)!.AsArray().Select(item =>
                {
                    var (file, script) = places[(string)item!["file"]!];
                    return file.Found("shellcheck", script.Start.Line + (int)item["line"]! - (script.Value!.Contains('\n') ? 0 : 1), $"{item["message"]} [SC{item["code"]}]");
                }),
            ];
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
