using System.ComponentModel;
using KubeApps.Bundles;
using KubeApps.Processes;

namespace KubeApps.Deploy.Checks;

/// <summary>Runs a check's program where the deploy runs. No shell is involved; it is ended with all that it started.</summary>
internal static class CommandCheck
{
    private const string UrlVariable = "KUBEAPP_URL";
    private const int LongestTail = 30;

    /// <param name="check">What to run.</param>
    /// <param name="folder">Where.</param>
    /// <param name="url">The app's address; null where it has none.</param>
    /// <param name="limit">How long it may run.</param>
    /// <param name="onLine">Gets each line that it writes.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task<CheckAnswer> RunAsync(
        BundleCheck check, string folder, string? url, TimeSpan limit, Action<string> onLine, CancellationToken cancellationToken)
    {
        var command = check.Command ?? [];
        if (command.Count == 0)
            return new CheckAnswer(false, "it names no program");
        var output = new Queue<string>();
        CheckAnswer Say(bool passed, string said) => new(passed, said) { Output = [.. output] };
        try
        {
            var exit = await new ChildProcess(command[0], [.. command.Skip(1)], folder)
            {
                Environment = new Dictionary<string, string?> { [UrlVariable] = url },
                Limit = limit,
            }.RunAsync(
                (line, _) =>
                {
                    output.Enqueue(line);
                    if (output.Count > LongestTail)
                        output.Dequeue();
                    onLine(line);
                },
                cancellationToken);
            return Say(exit == 0, $"'{command[0]}' ended with code {exit}");
        }
        catch (TimeoutException)
        {
            return Say(false, $"'{command[0]}' did not end within {limit.TotalSeconds:0} s");
        }
        catch (Win32Exception failure)
        {
            return Say(false, $"'{command[0]}' cannot be started: {failure.Message}");
        }
    }
}
