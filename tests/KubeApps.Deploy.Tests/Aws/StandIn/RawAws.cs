using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Amazon;
using Amazon.Runtime;
using KubeApps.Aws.StandIn;
using KubeApps.Aws.StandIn.Models;
using KubeApps.Deploy.Aws.Protocols;

namespace KubeApps.Deploy.Tests.Aws.StandIn;

/// <summary>Any operation of any service, asked for as AWS's description has it, through the product's own client.</summary>
internal sealed class RawAws(ServiceModel service, StandInAccount account, StandInPrincipal? principal = null, string? region = null, int retries = 0)
    : AwsServiceClient(Credentials(principal ?? account.User), Reach(service, account, region, retries), RawJson.Default)
{
    public Task<JsonObject> AskAsync(string operation, string input = "{}") => AskAsync(operation, (JsonObject)JsonNode.Parse(input)!);

    public Task<JsonObject> AskAsync(string operation, JsonObject input)
    {
        var described = service.Operations[operation];
        // The path speaks of members by their names on the wire.
        foreach (var (name, member) in described.Input.Members.Where(member => member.Value.Location is not null && member.Value.LocationName is not null).ToList())
        {
            if (input.Remove(name, out var value))
                input[member.LocationName!] = value;
        }

        return SendAsync<JsonObject>(new(operation, described.Method, described.Path), input, TestContext.Current.CancellationToken);
    }

    /// <summary>The code with which AWS refuses it.</summary>
    public async Task<string> RefusalOfAsync(string operation, string input = "{}") =>
        (await Assert.ThrowsAsync<AmazonServiceException>(() => AskAsync(operation, input))).ErrorCode;

    private static AWSCredentials Credentials(StandInPrincipal principal) => principal.SessionToken is { } token
        ? new SessionAWSCredentials(principal.AccessKey, principal.SecretKey, token)
        : new BasicAWSCredentials(principal.AccessKey, principal.SecretKey);

    private static AwsServiceConfig Reach(ServiceModel service, StandInAccount account, string? region, int retries) =>
        new(Of(service)) { RegionEndpoint = RegionEndpoint.GetBySystemName(region ?? account.Region), ServiceURL = account.Endpoint.ToString(), AuthenticationRegion = region ?? account.Region, MaxErrorRetry = retries };

    private static AwsService Of(ServiceModel service) => new(service.Id, service.SigningName, service.EndpointPrefix, service.Version, service.Protocol switch
    {
        "rest-json" => AwsProtocol.RestJson,
        "json" => AwsProtocol.Json,
        "rest-xml" => AwsProtocol.RestXml,
        _ => AwsProtocol.Query,
    })
    {
        TargetPrefix = service.TargetPrefix,
        XmlNamespace = service.XmlNamespace,
        IsGlobal = service.IsGlobal,
    };
}

[JsonSerializable(typeof(JsonObject))]
internal sealed partial class RawJson : JsonSerializerContext;
