using System.Text.Json.Nodes;
using KubeApps.Deploy.Targets;
using KubeApps.Diagnostics;
using KubeApps.Events;

namespace KubeApps.Deploy.Fleet;

/// <summary>A cluster in which apps of the fleet may stand, and the way to it.</summary>
/// <param name="Name">For people, and for selecting by it: the context's name.</param>
/// <param name="ConnectAsync">Connects to it; nothing is asked before.</param>
/// <param name="KubeconfigAsync">A kubeconfig that leads to it and nowhere else, for programs of others.</param>
internal sealed record FleetCluster(
    string Name, Func<IEventSink, CancellationToken, Task<ClusterConnection>> ConnectAsync, Func<IEventSink, CancellationToken, Task<JsonObject>> KubeconfigAsync)
{
    /// <summary>Contexts of a kubeconfig, in the order in which they are named: who is named first comes first in a canary.</summary>
    /// <param name="kubeconfig">The file; null takes KUBECONFIG, else the user's own.</param>
    /// <param name="patterns">Names of contexts, in which * stands for anything.</param>
    /// <param name="clock">The time.</param>
    /// <exception cref="DiagnosticException">A pattern means none, or the file cannot be read.</exception>
    public static IReadOnlyList<FleetCluster> OfContexts(string? kubeconfig, IReadOnlyList<string> patterns, TimeProvider clock)
    {
        var config = KubeconfigTarget.Read(kubeconfig);
        var chosen = new List<string>();
        foreach (var pattern in patterns)
        {
            var meant = config.Contexts.Contains(pattern) ? [pattern] : config.Contexts.Where(name => FleetSelector.IsLike(name, pattern)).ToList();
            if (meant.Count == 0)
                throw NotChosen($"No context is called '{pattern}'.", config);
            chosen.AddRange(meant);
        }

        return patterns.Count == 0
            ? throw NotChosen("No context was named.", config)
            :
            [
                .. chosen.Distinct(StringComparer.Ordinal).Select(name => new FleetCluster(
                    name, async (sink, token) => (await KubeconfigTarget.LogInAsync(config, name, sink, clock, token)).Connect(clock),
                    (_, _) => Task.FromResult(config.Document(name)))),
            ];
    }

    private static DiagnosticException NotChosen(string cause, Kubeconfig config) => new(DiagnosticDescriptors.FleetNotChosen.Because(
        $"{cause} {(config.Contexts.Count == 0 ? "The kubeconfig has none." : $"The contexts are: {string.Join(", ", config.Contexts)}.")}"));
}
