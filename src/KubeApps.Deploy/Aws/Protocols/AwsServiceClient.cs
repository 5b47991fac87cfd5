using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Amazon.Runtime;
using Amazon.Runtime.Credentials.Internal;
using Amazon.Runtime.Endpoints;
using Amazon.Runtime.Internal;
using Amazon.Runtime.Internal.Auth;

namespace KubeApps.Deploy.Aws.Protocols;

/// <summary>
/// A service of AWS that has no package of its own here: the SDK's credentials, signatures, retries, clock correction and endpoint variables, with
/// operations that are one line each. Requests and answers are records named as in the official packages.
/// </summary>
internal abstract class AwsServiceClient : AmazonServiceClient
{
    private readonly AwsService _service;
    private readonly JsonSerializerContext _records;

    /// <param name="credentials">Whose requests they are.</param>
    /// <param name="config">The service and the way to it.</param>
    /// <param name="records">How the requests and answers of its operations are written and read.</param>
    protected AwsServiceClient(AWSCredentials credentials, AwsServiceConfig config, JsonSerializerContext records)
        : base(credentials, config)
    {
        (_service, _records) = (config.Service, records);
        // The base has built the pipeline before this client knew its service.
        RuntimePipeline.AddHandlerAfter<Marshaller>(new EndpointHandler(_service));
        RuntimePipeline.AddHandlerAfter<EndpointHandler>(new SignatureHandler());
    }

    /// <exception cref="AmazonServiceException">AWS refuses it; <see cref="AmazonServiceException.ErrorCode"/> says why.</exception>
    protected async Task<TAnswer> SendAsync<TAnswer>(AwsOperation operation, object request, CancellationToken cancellationToken)
    {
        var content = (JsonObject)JsonSerializer.SerializeToNode(request, request.GetType(), _records)!;
        if (operation.Token is { } token)
            content[token] = Guid.NewGuid().ToString();
        var options = new InvokeOptions { RequestMarshaller = new AwsMarshaller(_service), ResponseUnmarshaller = new AwsUnmarshaller(_service.Protocol) };
        var answer = await InvokeAsync<AwsAnswer>(new AwsCall(operation, content), options, cancellationToken);
        return (TAnswer)answer.Content.Deserialize(typeof(TAnswer), _records)!;
    }

    private sealed class EndpointHandler(AwsService service) : BaseEndpointResolver
    {
        protected override EndpointParameters MapEndpointsParameters(IRequestContext requestContext) => new();

        // The address is the configuration's to give; for whom and where it is signed, the service's.
        protected override void ServiceSpecificHandler(IExecutionContext executionContext, EndpointParameters parameters)
        {
            var config = executionContext.RequestContext.ClientConfig;
            var request = executionContext.RequestContext.Request;
            request.AuthenticationRegion = config.AuthenticationRegion ?? AwsEndpoints.Of(service, config.RegionEndpoint, config.UseFIPSEndpoint, config.UseDualstackEndpoint).SigningRegion;
            request.OverrideSigningServiceName = service.SigningName;
        }
    }

    private sealed class SignatureHandler : BaseAuthResolverHandler
    {
        protected override List<IAuthSchemeOption> ResolveAuthOptions(IExecutionContext executionContext) => AuthSchemeOption.DEFAULT_SIGV4;
    }
}

/// <summary>An operation of a service.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Method">With paths: its method.</param>
/// <param name="Path">With paths: its path, with members of the request in braces.</param>
/// <param name="Token">The member that tells the service that a request which is sent again is the same one; filled in here.</param>
internal sealed record AwsOperation(string Name, string Method = "POST", string Path = "/", string? Token = null);

/// <summary>A request as the SDK sees it.</summary>
internal sealed class AwsCall(AwsOperation operation, JsonObject content) : AmazonWebServiceRequest
{
    public AwsOperation Operation => operation;

    public JsonObject Content => content;
}

/// <summary>An answer as the SDK sees it.</summary>
internal sealed class AwsAnswer : AmazonWebServiceResponse
{
    public JsonObject Content { get; init; } = [];
}
