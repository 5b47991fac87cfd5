using KubeApps.Deploy.Api;
using KubeApps.Diagnostics;

namespace KubeApps.Deploy.Updates;

/// <summary>Keeps what is done to one cluster alone out of full updates: what is written to the old one would be lost with it, and what is written to the new one was never checked.</summary>
internal static class UpdatesUnderWay
{
    private const string Naming = "or name the cluster that is meant: 'dotnet kubeapp cluster kubeconfig NAME --file FILE', then --kubeconfig FILE.";

    /// <summary>Under the lock, so that none begins meanwhile.</summary>
    /// <exception cref="DiagnosticException">One is under way, or it cannot be told.</exception>
    public static async Task RequireNoneAsync(KubeClient client, string app, string ns, CancellationToken cancellationToken)
    {
        if (await FullUpdateObject.ReadAsync(client, app, ns, cancellationToken) is { } update)
            throw Refusal(app, update, null);
    }

    /// <param name="app">Whose.</param>
    /// <param name="update">What is under way.</param>
    /// <param name="share">What the new cluster has of the load, in percent; null where nobody looked.</param>
    public static DiagnosticException Refusal(string app, FullUpdate update, int? share) =>
        new(DiagnosticDescriptors.ClusterInUpdate.Because(Words(app, update, share), nextStep: $"{Way(update)}; {Naming}"));

    /// <summary>The same where one of its clusters was to be deleted.</summary>
    public static DiagnosticException RefusalOfDeletion(string app, FullUpdate update, int share) =>
        new(DiagnosticDescriptors.ClusterInUpdate.Because(Words(app, update, share), nextStep: $"{Way(update)}: the cluster that is not needed any more is deleted with that. Nothing was changed."));

    /// <summary>The same where one of its clusters was to be changed.</summary>
    public static DiagnosticException RefusalOfChange(string app, FullUpdate update, int share) =>
        new(DiagnosticDescriptors.ClusterInUpdate.Because(Words(app, update, share), nextStep: $"{Way(update)}, then run this again. Nothing was changed."));

    private static string Words(string app, FullUpdate update, int? share) =>
        $"A full update of {app}{(update.From is { } old ? $" from {old}" : "")} to {update.To} is {FullUpdateObject.Word(update.Phase)}{(share is { } percent ? $", and {update.To} has {percent} % of the load" : "")}.";

    private static string Way(FullUpdate update) => update switch
    {
        { From: null } => "Go on with it with 'dotnet kubeapp deploy --scope cluster'",
        { Phase: UpdatePhase.Preparing } => "Go on with it with 'dotnet kubeapp deploy --scope cluster', or give it up with 'dotnet kubeapp abort --scope cluster'",
        { Phase: UpdatePhase.Retiring } => "Finish it with 'dotnet kubeapp promote --scope cluster'",
        { Phase: UpdatePhase.Aborting } => "Finish that with 'dotnet kubeapp abort --scope cluster'",
        _ => "End it with 'dotnet kubeapp promote --scope cluster' or 'dotnet kubeapp abort --scope cluster'",
    };
}
