using System.Diagnostics;
using System.Reflection;
using System.Text.Json.Nodes;

namespace KubeApps.Deploy.Tests.Targets;

/// <summary>Two terminals, one sandbox: started with the tool itself.</summary>
public sealed class SandboxInSeveralProcessesTests : IAsyncDisposable
{
    private readonly string _home = Directory.CreateTempSubdirectory("kubeapps test – Jürgen 日本 ").FullName;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Start_FromTwoProcessesAtOnce_StartsOne()
    {
        var started = await Task.WhenAll(RunAsync("sandbox", "start"), RunAsync("sandbox", "start"));

        Assert.All(started, run => Assert.True(run.Exit == 0, run.Output));
        Assert.Single(started, run => run.Output.Contains("Started the sandbox", StringComparison.Ordinal));
        var (exit, status) = await RunAsync("sandbox", "status", "-o", "json");
        Assert.True(exit == 0, status);
        var file = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(_home, "sandbox", "endpoint.json"), Token))!;
        Assert.Contains((string)file["apiServer"]!, status, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stop_FromTwoProcessesAtOnce_StopsItAndNeitherFails()
    {
        Assert.Equal(0, (await RunAsync("sandbox", "start")).Exit);

        var stopped = await Task.WhenAll(RunAsync("sandbox", "stop"), RunAsync("sandbox", "stop"));

        Assert.All(stopped, run => Assert.True(run.Exit == 0, run.Output));
        Assert.False(File.Exists(Path.Combine(_home, "sandbox", "endpoint.json")));
    }

    public async ValueTask DisposeAsync()
    {
        await RunAsync("sandbox", "stop");
        Directory.Delete(_home, recursive: true);
    }

    private async Task<(int Exit, string Output)> RunAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Metadata("Tool"), .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["KUBEAPPS_HOME"] = _home;
        start.Environment["KUBEAPPS_SANDBOX_PATH"] = Metadata("SandboxFolder");
        start.Environment["KUBEAPPS_SANDBOX_API_PORT"] = start.Environment["KUBEAPPS_SANDBOX_REGISTRY_PORT"] = "0";
        using var process = Process.Start(start)!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(CancellationToken.None), process.StandardError.ReadToEndAsync(CancellationToken.None));
        await process.WaitForExitAsync(CancellationToken.None).WaitAsync(TimeSpan.FromMinutes(2), CancellationToken.None);
        return (process.ExitCode, await output + await error);
    }

    private static string Metadata(string key) =>
        typeof(SandboxInSeveralProcessesTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(item => item.Key == key).Value!;
}
