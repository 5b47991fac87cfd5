namespace KubeApps.MSBuild;

/// <summary>Starts the specification's process while the app is still compiled: until its request comes, it compiles itself.</summary>
public sealed class StartSpecHost : SpecHostTask
{
    private protected override Task RunAsync(CancellationToken cancellationToken)
    {
        // A package that is not whole is told by the evaluation.
        if (File.Exists(SpecHost))
            Keep(StartHost());
        return Task.CompletedTask;
    }
}
