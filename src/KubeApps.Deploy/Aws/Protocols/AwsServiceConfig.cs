using Amazon.Runtime;
using Amazon.Runtime.Endpoints;
using Amazon.Runtime.Internal;

namespace KubeApps.Deploy.Aws.Protocols;

/// <summary>How a service is reached: the region, and what the environment and the profile say (<c>AWS_ENDPOINT_URL*</c>, FIPS, dual stack).</summary>
internal sealed class AwsServiceConfig : ClientConfig, IEndpointProvider
{
    public AwsServiceConfig(AwsService service)
        : base(new DefaultConfigurationProvider(Modes))
    {
        Service = service;
        ServiceId = service.Id;
        AuthenticationServiceName = service.SigningName;
        EndpointProvider = this;
    }

    public AwsService Service { get; }

    public override string ServiceVersion => Service.Version;

    public override string UserAgent => "kubeapps";

    public override string RegionEndpointServiceName => Service.EndpointPrefix;

    // https://docs.aws.amazon.com/sdkref/latest/guide/feature-smart-config-defaults.html
    private static IEnumerable<IDefaultConfiguration> Modes =>
        new[] { DefaultConfigurationMode.Standard, DefaultConfigurationMode.InRegion, DefaultConfigurationMode.CrossRegion, DefaultConfigurationMode.Mobile }
            .Select(mode => new DefaultConfiguration { Name = mode, RetryMode = RequestRetryMode.Standard, ConnectTimeout = TimeSpan.FromMilliseconds(3100), TlsNegotiationTimeout = TimeSpan.FromMilliseconds(3100) });

    public Endpoint ResolveEndpoint(EndpointParameters parameters) => new(ServiceURL ?? AwsEndpoints.Of(Service, RegionEndpoint, UseFIPSEndpoint, UseDualstackEndpoint).Url);

    public override Endpoint DetermineServiceOperationEndpoint(ServiceOperationEndpointParameters parameters) => ResolveEndpoint(new EndpointParameters());
}
