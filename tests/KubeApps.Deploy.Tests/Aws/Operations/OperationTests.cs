using System.Reflection;
using System.Text.Json.Nodes;
using KubeApps.Aws.StandIn;
using KubeApps.Aws.StandIn.Models;
using KubeApps.Deploy.Aws.Protocols;

namespace KubeApps.Deploy.Tests.Aws.Operations;

/// <summary>
/// Each operation of each client, over the wire: all that its request can say arrives where AWS's description of the service has it, signed as AWS signs, and
/// all that its answer has members for is read.
/// </summary>
public sealed class OperationTests(AwsStandIn aws)
{
    public static TheoryData<string> Operations => [.. ClientOperation.All.Select(operation => operation.ToString())];

    public static TheoryData<string> Clients => [.. ClientOperation.Clients.Select(client => client.Name)];

    [Theory]
    [MemberData(nameof(Operations))]
    public async Task Operation_AskedWithEverything_IsWhatAwsDescribes(string name)
    {
        var operation = ClientOperation.Of(name);
        using var account = await aws.NewAccountAsync();
        var sample = new Sample();
        var (request, expected) = operation.Request is { } type ? sample.Request(type, operation.Described.Input, operation.Name) : (null, new JsonObject());
        Assert.Empty(sample.Mismatches);
        var answer = sample.Answer(operation.Described.Output, operation.Name);
        account.Answers = _ => (JsonObject)answer;

        var read = await operation.AskAsync(account, request, TestContext.Current.CancellationToken);

        var sent = (JsonObject)Assert.Single(account.Requests).Input.DeepClone();
        foreach (var token in operation.Described.Input.Members.Where(member => member.Value.IsIdempotencyToken).Select(member => member.Key))
            Assert.True(sent.Remove(token), $"There is no {token}, by which AWS knows a request that is sent again.");
        Assert.Equal(expected!.ToJsonString(), Ordered(sent, (JsonObject)expected).ToJsonString());
        sample.Read(read, operation.Answer, answer, operation.Described.Output, operation.Answer.Name);
        Assert.Empty(sample.Mismatches);
    }

    [Theory]
    [MemberData(nameof(Operations))]
    public void Types_OfAnOperation_AreCalledAsInAwsPackages(string name)
    {
        var operation = ClientOperation.Of(name);

        // Those that say nothing are one.
        Assert.Equal(operation.Described.Output.Members.Count == 0 ? nameof(EmptyAnswer) : $"{operation.Name}Response", operation.Answer.Name);
        Assert.Equal(operation.Request is null ? null : $"{operation.Name}Request", operation.Request?.Name);
        Assert.Empty(TypeNaming.Differences(operation.Answer, operation.Described.Output).Concat(operation.Request is { } request ? TypeNaming.Differences(request, operation.Described.Input) : []));
    }

    [Fact]
    public void Clients_HaveOperationsThatWeCallAlone()
    {
        var calls = CallSites.In(typeof(AwsServiceClient).Assembly.Location);

        Assert.Empty(ClientOperation.All.Where(operation => !calls.Contains((operation.Client.Name, operation.Method.Name))).Select(operation => operation.ToString()));
    }

    [Theory]
    [MemberData(nameof(Clients))]
    public void Service_OfAClient_IsWhatAwsDescribes(string name)
    {
        var service = ClientOperation.ServiceOf(ClientOperation.Clients.Single(client => client.Name == name));
        var model = ServiceModel.Of(service.SigningName);

        Assert.Equal(
            (model.Id, model.EndpointPrefix, model.Version, model.TargetPrefix, model.Protocol),
            (service.Id, service.EndpointPrefix, service.Version, service.TargetPrefix,
                service.Protocol switch { AwsProtocol.RestJson => "rest-json", AwsProtocol.RestXml => "rest-xml", AwsProtocol.Query => "query", _ => "json" }));
        Assert.Equal(model.IsGlobal, service.IsGlobal);
        if (service.Protocol == AwsProtocol.RestXml)
            Assert.Equal(model.XmlNamespace, service.XmlNamespace);
    }

    [Fact]
    public void Values_ThatWeKnowByName_AreAws()
    {
        foreach (var client in ClientOperation.Clients)
        {
            var model = ServiceModel.Of(ClientOperation.ServiceOf(client).SigningName);
            foreach (var type in client.Assembly.GetTypes().Where(type => type.Namespace == client.Namespace && IsOfValues(type)))
            {
                var known = model.ValuesOf(type.Name)
                    ?? model.Operations.Values.SelectMany(operation => operation.Input.Members).FirstOrDefault(member => string.Equals(member.Key, type.Name, StringComparison.OrdinalIgnoreCase)).Value?.Enumeration;
                Assert.True(known is not null, $"{model.Id} has no {type.Name}.");
                Assert.All(type.GetFields(BindingFlags.Static | BindingFlags.Public).Where(field => field.IsLiteral), field => Assert.Contains((string)field.GetRawConstantValue()!, known));
            }
        }
    }

    // Static classes that do something are no lists of values.
    private static bool IsOfValues(Type type) => type is { IsAbstract: true, IsSealed: true } && !type.Name.StartsWith('<')
        && type.GetMethods(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly).Length == 0;

    // In the order of the other; what is missing or too much shows.
    private static JsonNode Ordered(JsonNode value, JsonNode like) => (value, like) switch
    {
        (JsonObject members, JsonObject other) => new JsonObject(members.OrderBy(member => other.IndexOf(member.Key) is >= 0 and var index ? index : int.MaxValue)
            .Select(member => KeyValuePair.Create(member.Key, other[member.Key] is { } counterpart ? Ordered(member.Value!, counterpart) : member.Value?.DeepClone()))),
        (JsonArray items, JsonArray others) when items.Count == others.Count => new JsonArray([.. items.Zip(others).Select(pair => Ordered(pair.First!, pair.Second!))]),
        _ => value.DeepClone(),
    };
}
