using System.Diagnostics;
using System.Globalization;
using KubeApps.Deploy.Targets;

namespace KubeApps.Bench;

/// <summary>A sandbox in a folder of its own, on free ports; both go away with it.</summary>
internal sealed class BenchHome : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private Process? _process;

    public static string Program => Path.Combine(Programs.SandboxFolder, SandboxLocation.ProgramFile);

    public string Folder { get; } = Directory.CreateTempSubdirectory("kubeapps-bench-").FullName;

    public SandboxEndpoint Endpoint { get; private set; } = null!;

    /// <summary>For what is started in this home.</summary>
    public Dictionary<string, string> Environment => new()
    {
        [SandboxLocation.HomeVariable] = Folder,
        [SandboxLocation.ApiPortVariable] = "0",
        [SandboxLocation.RegistryPortVariable] = "0",
    };

    public async Task StartAsync()
    {
        _process = Programs.Start("dotnet", [Program, "run", "--home", Folder, "--api-port", "0", "--registry-port", "0"]);
        var began = Stopwatch.GetTimestamp();
        while (SandboxEndpoint.Read(Path.Combine(Folder, "sandbox", "endpoint.json")) is not { } endpoint || !await AnswersAsync(endpoint))
        {
            if (_process.HasExited || Stopwatch.GetElapsedTime(began) > Limit)
                throw new InvalidOperationException("The sandbox did not start.");
            await Task.Delay(2);
        }
    }

    public Task<string> KubectlAsync(params string[] arguments) => Programs.RunAsync("kubectl", ["--kubeconfig", Endpoint.Kubeconfig, .. arguments]);

    /// <summary>Builds a sample's image straight into the registry; returns what a pod names it by.</summary>
    public async Task<string> PushAsync(string sample)
    {
        var environment = Environment;
        environment["DOTNET_CONTAINER_REGISTRY_UNAME"] = SandboxEndpoint.RegistryUser;
        environment["DOTNET_CONTAINER_REGISTRY_PWORD"] = Endpoint.Token;
        await Programs.RunAsync(
            "dotnet",
            [
                "publish", Path.Combine(Programs.Root, "samples", sample), "-nologo", "-v", "q", "-t:PublishContainer", "-p:KubeAppRender=false",
                $"-p:ContainerRegistry={Endpoint.Registry}", "-p:ContainerRepository=bench/app", "-p:ContainerImageTag=v1",
                $"-p:ContainerBaseImage={Endpoint.Registry}/kubeapps/host-runtime:10.0",
            ],
            environment);
        return $"{Endpoint.Registry}/bench/app:v1";
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is { HasExited: false })
        {
            await Programs.RunAsync("kill", ["-TERM", _process.Id.ToString(CultureInfo.InvariantCulture)]);
            await _process.WaitForExitAsync();
        }

        _process?.Dispose();
        // The tool may have started one of its own here.
        await new SandboxLauncher(new SandboxLocation(Folder, Programs.SandboxFolder), TimeProvider.System).StopAsync(CancellationToken.None);
        Directory.Delete(Folder, recursive: true);
    }

    private async Task<bool> AnswersAsync(SandboxEndpoint endpoint)
    {
        Endpoint = endpoint;
        using var client = endpoint.CreateApiClient();
        using var response = await client.GetAsync("/readyz");
        return response.IsSuccessStatusCode;
    }
}
