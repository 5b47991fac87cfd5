using Amazon;
using Amazon.Runtime;
using Amazon.Runtime.Endpoints;
using Amazon.Runtime.Internal;

namespace KubeApps.Deploy.Aws.Protocols;

/// <summary>How a service is reached: the region, and what the environment and the profile say (<c>AWS_ENDPOINT_URL*</c>, FIPS, dual stack).</summary>
internal sealed class AwsServiceConfig : ClientConfig, IEndpointProvider
{
    private readonly AwsService _service;

    public AwsServiceConfig(AwsService service, RegionEndpoint region)
        : base(new DefaultConfigurationProvider(Modes))
    {
        _service = service;
        ServiceId = service.Id;
        AuthenticationServiceName = service.SigningName;
        RegionEndpoint = region;
        EndpointProvider = this;
    }

    // https://docs.aws.amazon.com/sdkref/latest/guide/feature-smart-config-defaults.html
    private static IEnumerable<IDefaultConfiguration> Modes =>
        new[] { DefaultConfigurationMode.Standard, DefaultConfigurationMode.InRegion, DefaultConfigurationMode.CrossRegion, DefaultConfigurationMode.Mobile }
            .Select(mode => new DefaultConfiguration { Name = mode, RetryMode = RequestRetryMode.Standard, ConnectTimeout = TimeSpan.FromMilliseconds(3100), TlsNegotiationTimeout = TimeSpan.FromMilliseconds(3100) });

    public override string ServiceVersion => _service.Version;

    public override string UserAgent => "kubeapps";

    public override string RegionEndpointServiceName => _service.EndpointPrefix;

    public Endpoint ResolveEndpoint(EndpointParameters parameters) => new(ServiceURL ?? AwsEndpoints.Of(_service, RegionEndpoint, UseFIPSEndpoint, UseDualstackEndpoint).Url);

    public override Endpoint DetermineServiceOperationEndpoint(ServiceOperationEndpointParameters parameters) => ResolveEndpoint(new EndpointParameters());
}
