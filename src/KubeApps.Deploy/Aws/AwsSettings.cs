using Amazon;
using Amazon.Runtime;
using Amazon.Runtime.Internal;
using KubeApps.Deploy.Aws.Protocols;

namespace KubeApps.Deploy.Aws;

/// <summary>Where AWS is entered, and as whom. What is not said, the SDK's chain says: variables, profiles, SSO, web identity, the machine's role.</summary>
internal sealed record AwsSettings
{
    /// <summary>The account that it must be: the environment's. Null takes that of the credentials.</summary>
    public string? Account { get; init; }

    /// <summary>The region: the environment's. Null takes <c>AWS_REGION</c>, or the profile's.</summary>
    public string? Region { get; init; }

    /// <summary>A profile of AWS's own files. Null takes <c>AWS_PROFILE</c>, or <c>default</c>.</summary>
    public string? Profile { get; init; }

    /// <summary>In place of those of the chain.</summary>
    public AWSCredentials? Credentials { get; init; }

    /// <summary>In place of AWS's own addresses and of those in <c>AWS_ENDPOINT_URL*</c>.</summary>
    public Uri? Endpoint { get; init; }

    /// <summary>Makes a service's configuration that of these settings.</summary>
    public T Apply<T>(T config, RegionEndpoint region)
        where T : ClientConfig
    {
        if (Profile is { } profile)
            config.Profile = new Profile(profile);
        if (Endpoint is { } endpoint)
        {
            config.ServiceURL = endpoint.AbsoluteUri;
            // An address alone says nothing of the region that is signed for.
            config.AuthenticationRegion = config is AwsServiceConfig { Service: var service } ? AwsEndpoints.Of(service, region, false, false).SigningRegion : region.SystemName;
        }
        else
        {
            config.RegionEndpoint = region;
            // Neither does one that the environment names (AWS_ENDPOINT_URL): AWS's own clients would sign for whatever region that has.
            if (config is not AwsServiceConfig)
                config.AuthenticationRegion = region.SystemName;
        }

        // A team's sixty clusters are asked about side by side: slowing down is better than giving up. Not the adaptive mode: after two refusals in a
        // row it finds no "capacity" any more, and fails without asking (AWSSDK.Core 4.0.102). AWS_RETRY_MODE and AWS_MAX_ATTEMPTS say otherwise.
        if (FallbackInternalConfigurationFactory.RetryMode is null)
            config.RetryMode = RequestRetryMode.Standard;
        if (FallbackInternalConfigurationFactory.MaxAttempts is null)
            config.MaxErrorRetry = 7;
        config.Timeout = TimeSpan.FromSeconds(60);
        return config;
    }
}
