using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Amazon.Runtime;
using Amazon.Runtime.Internal;
using Amazon.Runtime.Internal.Transform;

namespace KubeApps.Deploy.Aws.Protocols;

/// <summary>Puts the members of a request where a service's protocol has them.</summary>
/// <seealso href="https://smithy.io/2.0/aws/protocols/index.html"/>
internal sealed partial class AwsMarshaller(AwsService service) : IMarshaller<IRequest, AmazonWebServiceRequest>
{
    public IRequest Marshall(AmazonWebServiceRequest input)
    {
        var call = (AwsCall)input;
        // What is sent again is made again.
        var content = (JsonObject)call.Content.DeepClone();
        var request = new DefaultRequest(input, service.Id) { HttpMethod = call.Operation.Method, ResourcePath = "/" };
        switch (service.Protocol)
        {
            case AwsProtocol.Json:
                request.Headers["X-Amz-Target"] = $"{service.TargetPrefix}.{call.Operation.Name}";
                Body(request, content.ToJsonString(), "application/x-amz-json-1.1");
                break;
            case AwsProtocol.Query:
                request.Headers["Content-Type"] = "application/x-www-form-urlencoded; charset=utf-8";
                request.Parameters["Action"] = call.Operation.Name;
                request.Parameters["Version"] = service.Version;
                foreach (var (name, value) in content)
                    Flatten(request.Parameters, name, value);
                break;
            case AwsProtocol.RestJson:
                Place(request, call.Operation, content);
                if (HasBody(call.Operation))
                    Body(request, content.ToJsonString(), "application/json");
                break;
            default:
                Place(request, call.Operation, content);
                if (HasBody(call.Operation))
                    Body(request, new XDocument(Element($"{call.Operation.Name}Request", content)).ToString(SaveOptions.DisableFormatting), "application/xml");
                break;
        }

        return request;
    }

    private static bool HasBody(AwsOperation operation) => operation.Method is "POST" or "PUT" or "PATCH";

    private static void Body(DefaultRequest request, string text, string type)
    {
        request.Content = Encoding.UTF8.GetBytes(text);
        // A request without a body must have no type: its signature would not fit.
        request.Headers["Content-Type"] = type;
    }

    // What the path names goes there; without a body the rest goes into the query.
    private static void Place(DefaultRequest request, AwsOperation operation, JsonObject content)
    {
        request.ResourcePath = operation.Path;
        foreach (var name in PathMember().Matches(operation.Path).Select(match => match.Groups[1].Value))
        {
            request.AddPathResource($"{{{name}}}", Text(content[name]!));
            content.Remove(name);
        }

        if (HasBody(operation))
            return;
        request.UseQueryString = true;
        foreach (var (name, value) in content)
            if (value is JsonArray items)
                request.ParameterCollection.Add(name, [.. items.Select(item => Text(item!))]);
            else
                request.Parameters[name] = Text(value!);
    }

    private static void Flatten(IDictionary<string, string> parameters, string name, JsonNode? value)
    {
        switch (value)
        {
            case JsonObject members:
                foreach (var (member, content) in members)
                    Flatten(parameters, $"{name}.{member}", content);
                break;
            case JsonArray { Count: 0 }:
                parameters[name] = "";
                break;
            case JsonArray items:
                for (var index = 0; index < items.Count; index++)
                    Flatten(parameters, string.Create(CultureInfo.InvariantCulture, $"{name}.member.{index + 1}"), items[index]);
                break;
            case not null:
                parameters[name] = Text(value);
                break;
        }
    }

    private XElement Element(string name, JsonNode value)
    {
        XNamespace space = service.XmlNamespace!;
        return value switch
        {
            JsonObject members => new XElement(space + name, members.Where(member => member.Value is not null).Select(member => Element(member.Key, member.Value!))),
            // The items of Changes are each a Change.
            JsonArray items => new XElement(space + name, items.Select(item => Element(name[..^1], item!))),
            _ => new XElement(space + name, Text(value)),
        };
    }

    private static string Text(JsonNode value) => value.GetValueKind() switch
    {
        System.Text.Json.JsonValueKind.String => (string)value!,
        _ => value.ToJsonString(),
    };

    [GeneratedRegex(@"\{(\w+)\}")]
    private static partial Regex PathMember();
}
