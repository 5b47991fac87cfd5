using System.Security.Cryptography.X509Certificates;
using KubeApps.Bundles;
using KubeApps.Deploy.Aws;
using KubeApps.Deploy.Clusters;
using KubeApps.Deploy.Clusters.Sandbox;
using KubeApps.Deploy.Updates;
using KubeApps.Diagnostics;
using KubeApps.Events;

namespace KubeApps.Deploy.Targets;

/// <summary>What the user said about the cluster: nothing (then the environment says it), a context, a kubeconfig, or both.</summary>
internal sealed record TargetChoice(string? Context = null, string? Kubeconfig = null)
{
    public bool IsExplicit => Context is not null || Kubeconfig is not null;
}

/// <summary>Connects to the cluster that was named: by the user, else by the environment; never to one that nobody named.</summary>
internal static class TargetSelector
{
    /// <param name="choice">What the user said.</param>
    /// <param name="target">Where the environment lives; null means the sandbox.</param>
    /// <param name="owner">Whose cluster is meant, where apps have clusters of their own.</param>
    /// <param name="writes">Whether something is to be changed there: not in a cluster that a full update has.</param>
    /// <param name="startsSandbox">Whether a sandbox that does not run is started, or nothing is there then.</param>
    /// <param name="sink">Told about a sandbox that starts.</param>
    /// <param name="clock">The time.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public static async Task<ClusterConnection> ConnectAsync(
        TargetChoice choice, BundleTarget? target, ClusterOwner? owner, bool writes, bool startsSandbox, IEventSink sink, TimeProvider clock, CancellationToken cancellationToken)
    {
        if (choice.IsExplicit)
            return await KubeconfigTarget.ConnectAsync(choice.Context, choice.Kubeconfig, sink, clock, cancellationToken) with { MayBeInUpdate = true };
        return target?.Kind switch
        {
            null or "sandbox" => await ConnectOwnAsync(owner, writes, sink, clock, cancellationToken) ?? await ConnectSandboxAsync(startsSandbox, sink, clock, cancellationToken),
            "context" when target.Context is { } context => await KubeconfigTarget.ConnectAsync(context, null, sink, clock, cancellationToken),
            "eks" when owner is not null => await ConnectEksAsync(new AwsSettings { Account = target.Account, Region = target.Region }, owner, writes, sink, clock, cancellationToken),
            _ => throw new DiagnosticException(DiagnosticDescriptors.TargetNotSupported.Because($"The environment's target is '{target.Kind}'.")),
        };
    }

    /// <summary>The app's cluster in an account and a region.</summary>
    public static async Task<ClusterConnection> ConnectEksAsync(
        AwsSettings settings, ClusterOwner owner, bool writes, IEventSink sink, TimeProvider clock, CancellationToken cancellationToken)
    {
        // It was listed a moment ago; and connections outlive it.
        using var provider = ClusterProviders.OfEks(settings, clock, entersAsListed: true);
        return await new AppClusters(provider, owner, sink).ConnectAsync(writes, cancellationToken)
            ?? throw new DiagnosticException(DiagnosticDescriptors.ClusterMissing.Because($"In {provider.Description} no cluster has the tags of {owner.App} ({owner.Environment})."));
    }

    // Who has none there stands in the machine's sandbox, as most do.
    private static async Task<ClusterConnection?> ConnectOwnAsync(ClusterOwner? owner, bool writes, IEventSink sink, TimeProvider clock, CancellationToken cancellationToken)
    {
        if (owner is null)
            return null;
        using var provider = new SandboxClusterProvider(SandboxLocation.FromEnvironment(), clock);
        return await new AppClusters(provider, owner, sink).ConnectAsync(writes, cancellationToken);
    }

    private static async Task<ClusterConnection> ConnectSandboxAsync(bool starts, IEventSink sink, TimeProvider clock, CancellationToken cancellationToken)
    {
        var location = SandboxLocation.FromEnvironment();
        var launcher = new SandboxLauncher(location, clock);
        var endpoint = starts
            ? await launcher.EnsureRunningAsync(sink, cancellationToken)
            : (await launcher.StatusAsync(cancellationToken)).Endpoint
                ?? throw new DiagnosticException(DiagnosticDescriptors.SandboxNotRunning.Because($"No sandbox runs for {location.Home}."));
        sink.Publish(new DeployEvent.SecretsLearned([endpoint.Token]));
        X509Certificate2Collection authorities = [X509CertificateLoader.LoadCertificateFromFile(endpoint.CaCertificate)];
        return ClusterConnection.WithToken("sandbox", endpoint.ApiServer, authorities, endpoint.Token, clock);
    }
}
