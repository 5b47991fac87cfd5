using KubeApps.Deploy.Api;
using KubeApps.Deploy.Planning;
using KubeApps.Diagnostics;

namespace KubeApps.Deploy.Apps;

/// <summary>Finds what is deployed: every app has an inventory in its namespace.</summary>
internal sealed class AppLocator(KubeClient client)
{
    /// <summary>All apps of the cluster, or of one namespace.</summary>
    public async Task<IReadOnlyList<Inventory>> ListAsync(string? app, string? ns, CancellationToken cancellationToken)
    {
        var selector = "labelSelector=" + Uri.EscapeDataString(app is null ? Inventory.Label : $"{Inventory.Label}={app}");
        var (items, _) = await client.ListAsync(ResourceType.ConfigMap, ns, selector, cancellationToken);
        return [.. items.Select(Inventory.FromObject).OfType<Inventory>().OrderBy(item => item.Namespace, StringComparer.Ordinal).ThenBy(item => item.App, StringComparer.Ordinal)];
    }

    /// <summary>The one app that is meant.</summary>
    /// <param name="app">Its name, or null: the only one there, or the one that <paramref name="likely"/> names.</param>
    /// <param name="likely">A name that is a guess (the project's), used where several apps are there.</param>
    /// <param name="environment">Its environment, or null.</param>
    /// <param name="ns">Its namespace, or null.</param>
    /// <param name="where">The target, for messages.</param>
    /// <param name="cancellationToken">Ends the search.</param>
    public async Task<Inventory> FindAsync(
        string? app, string? likely, string? environment, string? ns, string where, CancellationToken cancellationToken)
    {
        var found = await FindAllAsync(app, environment, ns, cancellationToken);
        if (found.Count > 1 && found.Where(item => item.App == likely).ToList() is { Count: > 0 } meant)
            found = meant;
        return found.Count == 1 ? found[0] : throw new DiagnosticException(NotOne(found, app, environment, ns, where));
    }

    /// <summary>All that may be meant: none, one, or several.</summary>
    public async Task<IReadOnlyList<Inventory>> FindAllAsync(string? app, string? environment, string? ns, CancellationToken cancellationToken) =>
        [.. (await ListAsync(app, ns, cancellationToken)).Where(item => environment is null || string.Equals(item.Environment, environment, StringComparison.OrdinalIgnoreCase))];

    /// <summary>Why those are not the one app that is meant.</summary>
    public static Diagnostic NotOne(IReadOnlyList<Inventory> found, string? app, string? environment, string? ns, string where)
    {
        var isOneApp = found.DistinctBy(item => item.App).Count() == 1;
        return found.Count == 0
            ? DiagnosticDescriptors.AppNotFound.Because(
                $"There is {(app is null ? "no app" : $"no app '{app}'")}{(environment is null ? "" : $" of the environment '{environment}'")}{(ns is null ? "" : $" in the namespace {ns}")} on {where}.")
            : DiagnosticDescriptors.AppNotChosen.Because(
                $"{(isOneApp ? "The app stands several times" : "Several apps are deployed")} on {where}: {string.Join(", ", found.Select(item => $"{item.App} ({item.Environment}, namespace {item.Namespace})"))}.",
                nextStep: isOneApp ? "Name its namespace with -n, or its environment with -e." : null);
    }
}
