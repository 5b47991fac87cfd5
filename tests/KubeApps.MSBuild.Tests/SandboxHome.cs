namespace KubeApps.MSBuild.Tests;

/// <summary>A sandbox of the tests' own: its state in a temporary folder, its ports free ones. The first deploy starts it.</summary>
public sealed class SandboxHome : IAsyncLifetime
{
    private static readonly string Tool = Path.Combine(
        PackageFeed.RepositoryRoot, "artifacts", "bin", "KubeApps.Cli", PackageFeed.Configuration, "dotnet-kubeapp.dll");

    private readonly DirectoryInfo _home = Directory.CreateTempSubdirectory("kubeapps-home-");

    public IReadOnlyDictionary<string, string?> Variables => new Dictionary<string, string?>
    {
        ["KUBEAPPS_HOME"] = _home.FullName,
        ["KUBEAPPS_SANDBOX_API_PORT"] = "0",
        ["KUBEAPPS_SANDBOX_REGISTRY_PORT"] = "0",
        ["GITHUB_ACTIONS"] = null,
    };

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await RunToolAsync("sandbox", "stop");
        _home.Delete(recursive: true);
    }

    internal Task<BuildResult> RunToolAsync(params string[] arguments) => RunToolAsync([], arguments);

    internal Task<BuildResult> RunToolAsync(IEnumerable<KeyValuePair<string, string?>> variables, string[] arguments) => PackageFeed.RunDotnetAsync(
        PackageFeed.RepositoryRoot, ["exec", Tool, .. arguments], CancellationToken.None, new Dictionary<string, string?>([.. Variables, .. variables]));
}
