using System.Text.Json.Nodes;
using KubeApps.Deploy.Targets;

namespace KubeApps.Bench;

/// <summary>The one command, from a built sample to an app that answers, and again without a change.</summary>
internal static class DeployFigures
{
    public static async Task<IEnumerable<Figure>> PublishAsync()
    {
        await using var home = new BenchHome();
        var sample = Path.Combine(Programs.Root, "samples", "HelloWeb");
        await Programs.RunAsync("dotnet", ["build", sample, "-c", "Release", "-nologo", "-v", "q"], home.Environment);
        string[] publish = ["publish", sample, "-nologo", "-v", "q", "-p:KubeAppDeploy=true", "-p:BuildKubeAppsTools=false"];

        var first = await Programs.SecondsAsync(async () =>
        {
            await Programs.RunAsync("dotnet", publish, home.Environment);
            await AnswerAsync(home);
        });
        var before = await StateAsync(home);
        var again = await Programs.SecondsAsync(() => Programs.RunAsync("dotnet", publish, home.Environment));
        var writes = (await StateAsync(home)).Zip(before).Count(pair => pair.First != pair.Second);
        return
        [
            Figure.Below("dotnet publish -p:KubeAppDeploy=true on a built HelloWeb, sandbox not running, to answering", first, 8, "s"),
            Figure.Only("… again, without a change", again, "s"),
            Figure.AtMost("… which wrote to the API or put manifests (of 2)", writes, 0, ""),
        ];
    }

    private static SandboxEndpoint Endpoint(BenchHome home) =>
        SandboxEndpoint.Read(Path.Combine(home.Folder, "sandbox", "endpoint.json")) ?? throw new InvalidOperationException("No sandbox runs.");

    private static async Task AnswerAsync(BenchHome home)
    {
        using var api = Endpoint(home).CreateApiClient();
        var services = JsonNode.Parse(await api.GetStringAsync("/api/v1/services"))!["items"]!.AsArray();
        var url = services.Select(service => (string?)service!["metadata"]!["annotations"]?["kubeapps.dev/url"]).First(url => url?.StartsWith("http:", StringComparison.Ordinal) == true);
        using var client = new HttpClient();
        (await client.GetAsync(url)).EnsureSuccessStatusCode();
    }

    /// <summary>What a write to the deployed objects or a push would change.</summary>
    private static async Task<string[]> StateAsync(BenchHome home)
    {
        using var api = Endpoint(home).CreateApiClient();
        List<string> versions = [];
        foreach (var path in new[] { "/apis/apps/v1/deployments", "/api/v1/services", "/api/v1/configmaps", "/api/v1/secrets", "/api/v1/serviceaccounts" })
            versions.AddRange(JsonNode.Parse(await api.GetStringAsync(path))!["items"]!.AsArray().Select(item => (string)item!["metadata"]!["resourceVersion"]!));
        var log = await File.ReadAllLinesAsync(Path.Combine(home.Folder, "sandbox", "logs", "sandbox.log"));
        return [string.Join(',', versions), log.Count(line => line.Contains("\"pushed ", StringComparison.Ordinal)).ToString(System.Globalization.CultureInfo.InvariantCulture)];
    }
}
