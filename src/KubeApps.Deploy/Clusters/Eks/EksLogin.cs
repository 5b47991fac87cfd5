using System.Net.Http.Headers;
using Amazon.Runtime;
using KubeApps.Deploy.Aws;
using KubeApps.Diagnostics;
using KubeApps.Events;

namespace KubeApps.Deploy.Clusters.Eks;

/// <summary>Says who we are to a cluster of EKS, request by request, for as long as the credentials can be renewed.</summary>
internal sealed class EksLogin(AWSCredentials credentials, string region, string cluster, IEventSink sink, TimeProvider clock)
{
    // Not for each request: a cluster asks STS about every token that it does not know. Not for a quarter of an hour, either: a token is over with the
    // credentials that signed it, and the SDK renews those five minutes before their end.
    private static readonly TimeSpan Use = TimeSpan.FromMinutes(4);

    private volatile Shown? _shown;

    /// <exception cref="DiagnosticException">The credentials are over and cannot be renewed.</exception>
    public async Task<AuthenticationHeaderValue?> AuthorizeAsync(CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        if (_shown is { } shown && now - shown.Since is var age && age >= TimeSpan.Zero && age < Use)
            return shown.Header;
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            // Of two that sign at once, either is as good.
            var token = await EksToken.SignAsync(credentials, region, cluster, now);
            sink.Publish(new DeployEvent.SecretsLearned([token.Value]));
            _shown = new Shown(new AuthenticationHeaderValue("Bearer", token.Value), now);
            return _shown.Header;
        }
        catch (AmazonClientException failure)
        {
            throw new DiagnosticException(DiagnosticDescriptors.AwsCredentialsRefused.Because($"The credentials for {cluster} cannot be renewed: {AwsRefusal.Words(failure.Message)}."), failure);
        }
    }

    private sealed record Shown(AuthenticationHeaderValue Header, DateTimeOffset Since);
}
