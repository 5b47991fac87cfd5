using System.Text;
using Amazon.Runtime;
using KubeApps.Deploy.Images;
using KubeApps.Diagnostics;
using KubeApps.Events;

namespace KubeApps.Deploy.Aws.Ecr;

/// <summary>A registry of ECR as a place for images: the way in is asked for in each run, and kept in memory alone.</summary>
internal static class EcrRegistry
{
    /// <summary>Enters a registry to push to it.</summary>
    /// <param name="place">The registry of the account, <c>ecr</c> or <c>ecr/team</c>; or one of any account and region, by its address.</param>
    /// <param name="settings">The account and the region of the environment.</param>
    /// <param name="app">Whose images they are.</param>
    /// <param name="ecr">How they are kept; null where nothing is said.</param>
    /// <param name="sink">Told what is made, and what must not be shown.</param>
    /// <param name="clock">The time.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>Null where the place is none of ECR. Its repositories are to be disposed of.</returns>
    public static async Task<ImageRegistry?> OpenAsync(
        string place, AwsSettings settings, string app, EcrSettings? ecr, IEventSink sink, TimeProvider clock, CancellationToken cancellationToken)
    {
        var named = ImageRegistry.Parse(place);
        var isOwn = EcrAddress.IsOwn(place, out var prefix);
        var address = EcrAddress.TryParse(named.Host);
        if (!isOwn && address is null)
            return null;
        // A registry of another region gives its own tokens.
        var access = await AwsAccess.OpenAsync(settings with { Region = address?.Region ?? settings.Region }, cancellationToken);
        try
        {
            var (credentials, host) = await LogInAsync(access, cancellationToken);
            sink.Publish(new DeployEvent.SecretsLearned([credentials.Password]));
            var registry = isOwn ? new ImageRegistry(host, prefix, credentials) : named with { Credentials = credentials };
            return registry with { Repositories = new EcrRepositories(access, address?.Account ?? access.Identity.Account, app, $"{registry.PathOf(app)}/", ecr, sink, clock) };
        }
        catch
        {
            access.Dispose();
            throw;
        }
    }

    /// <summary>The way into a registry, for as long as twelve hours; null where the host is none of ECR.</summary>
    /// <exception cref="DiagnosticException">AWS does not let us in.</exception>
    public static async Task<RegistryCredentials?> FindCredentialsAsync(string host, CancellationToken cancellationToken)
    {
        if (EcrAddress.TryParse(host) is not { } address)
            return null;
        using var access = await AwsAccess.OpenAsync(new AwsSettings { Region = address.Region }, cancellationToken);
        return (await LogInAsync(access, cancellationToken)).Credentials;
    }

    private static async Task<(RegistryCredentials Credentials, string Host)> LogInAsync(AwsAccess access, CancellationToken cancellationToken)
    {
        var answer = await EcrRepositories.AskAsync("ecr:GetAuthorizationToken", () => access.Ecr.GetAuthorizationTokenAsync(cancellationToken), cancellationToken);
        try
        {
            var data = answer.AuthorizationData[0];
            var parts = Encoding.UTF8.GetString(Convert.FromBase64String(data.AuthorizationToken)).Split(':', 2);
            return (new RegistryCredentials(parts[0], parts[1]), HostOf(new Uri(data.ProxyEndpoint).Authority, access.Ecr.Config));
        }
        catch (Exception failure) when (failure is FormatException or IndexOutOfRangeException or ArgumentOutOfRangeException)
        {
            throw new DiagnosticException(DiagnosticDescriptors.AwsUnexpected.Because("What ECR gives for a token is none."), failure);
        }
    }

    // ECR tells the usual address, by whichever of its own it was asked. Where AWS is reached by FIPS or IPv6 (AWS_USE_FIPS_ENDPOINT, AWS_USE_DUALSTACK_ENDPOINT), so are images.
    internal static string HostOf(string told, IClientConfig config) =>
        EcrAddress.TryParse(told) is { } address ? (address with { IsFips = config.UseFIPSEndpoint, IsDualStack = config.UseDualstackEndpoint }).Host : told;
}
