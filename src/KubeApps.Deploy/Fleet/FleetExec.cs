using System.ComponentModel;
using KubeApps.Deploy.Targets;
using KubeApps.Diagnostics;
using KubeApps.Events;
using KubeApps.Processes;

namespace KubeApps.Deploy.Fleet;

/// <summary>What a program wrote that was run for an app, and how it ended.</summary>
/// <param name="ExitCode">How it ended; null where it was ended before.</param>
/// <param name="Lines">What it wrote, and whether that was to stderr.</param>
/// <param name="IsCut">Whether it wrote more than is kept.</param>
internal sealed record FleetExecution(int? ExitCode, IReadOnlyList<(string Text, bool IsError)> Lines, bool IsCut);

/// <summary>Runs a program of this machine for apps of the fleet: kubectl, or whatever reads a kubeconfig. It is told which app it is by variables.</summary>
/// <param name="command">The program and its arguments; no shell is involved.</param>
internal sealed class FleetExec(IReadOnlyList<string> command) : IDisposable
{
    // Of all apps together all is kept until the last one has ended.
    private const int MostText = 1024 * 1024;

    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    // The way into a cluster is nobody else's, and gone when the program is.
    private readonly Lazy<ScratchFolder> _folder = new(() => ScratchFolder.Create("fleet"));

    /// <exception cref="DiagnosticException">It cannot be started, or there is no way to the cluster for it.</exception>
    public async Task<FleetExecution> RunAsync(FleetApp app, IEventSink sink, CancellationToken cancellationToken)
    {
        var kubeconfig = await app.Cluster.KubeconfigAsync(sink, cancellationToken);
        foreach (var context in kubeconfig["contexts"]!.AsArray())
            context!["context"]!["namespace"] = app.Inventory.Namespace;
        var file = Path.Combine(_folder.Value.Path, Guid.NewGuid().ToString("n"));
        PrivateFiles.Write(file, System.Text.Encoding.UTF8.GetBytes(kubeconfig.ToJsonString()));
        try
        {
            return await RunAsync(new Dictionary<string, string?>
            {
                ["KUBECONFIG"] = file,
                ["KUBEAPP_CLUSTER"] = app.Cluster.Name,
                ["KUBEAPP_REGION"] = app.Cluster.Region,
                ["KUBEAPP_ACCOUNT"] = app.Cluster.Account,
                ["KUBEAPP_NAME"] = app.Inventory.App,
                ["KUBEAPP_ENVIRONMENT"] = app.Inventory.Environment,
                ["KUBEAPP_NAMESPACE"] = app.Inventory.Namespace,
            }, cancellationToken);
        }
        finally
        {
            File.Delete(file);
        }
    }

    public void Dispose()
    {
        if (_folder.IsValueCreated)
            _folder.Value.Dispose();
    }

    private async Task<FleetExecution> RunAsync(Dictionary<string, string?> variables, CancellationToken cancellationToken)
    {
        var (lines, size) = (new List<(string Text, bool IsError)>(), 0L);
        try
        {
            // How long it may take is the fleet's to say.
            var exit = await new ChildProcess(command[0], [.. command.Skip(1)], Environment.CurrentDirectory) { Environment = variables, Limit = Timeout.InfiniteTimeSpan, Grace = Grace }.RunAsync(
                (line, isError) =>
                {
                    lock (lines)
                        if ((size += line.Length + 1) <= MostText)
                            lines.Add((line, isError));
                },
                cancellationToken);
            return Execution(exit);
        }
        catch (OperationCanceledException)
        {
            return Execution(null);
        }
        catch (Win32Exception failure)
        {
            throw new DiagnosticException(DiagnosticDescriptors.FleetNotStarted.Because($"'{command[0]}' cannot be started: {failure.Message}."), failure);
        }

        // What the program has started may write after its end.
        FleetExecution Execution(int? exit)
        {
            lock (lines)
                return new FleetExecution(exit, [.. lines], size > MostText);
        }
    }
}
