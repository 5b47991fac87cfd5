namespace KubeApps.EndToEnd.Tests;

/// <summary>The samples beside the sources, and a sandbox of its own: what a user has after cloning, without touching the user's.</summary>
public sealed class Workplace : IAsyncLifetime
{
    /// <summary>Where the sandbox of these tests keeps its state.</summary>
    private readonly DirectoryInfo _home = Directory.CreateTempSubdirectory("kubeapps-e2e-");

    public static string RepositoryRoot { get; } = FindRepositoryRoot();

    public static string Sample(string name) => Path.Combine(RepositoryRoot, "samples", name);

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await Tool("sandbox", "stop");
        _home.Delete(recursive: true);
    }

    public Task<Outcome> DotNet(params string[] arguments) => Program.RunAsync("dotnet", arguments, RepositoryRoot, Program.SandboxIn(_home.FullName));

    /// <summary>Runs the tool that the samples' build made: <c>dotnet kubeapp …</c>.</summary>
    public Task<Outcome> Tool(params string[] arguments) =>
        DotNet([Path.Combine(RepositoryRoot, "artifacts", "bin", "KubeApps.Cli", "release", "dotnet-kubeapp.dll"), .. arguments]);

    private static string FindRepositoryRoot()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (directory is not null && !File.Exists(Path.Combine(directory.FullName, "KubeApps.Tooling.sln")))
            directory = directory.Parent;
        return directory?.FullName ?? throw new InvalidOperationException("The tests must run inside the repository.");
    }
}
