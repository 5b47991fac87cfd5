using System.Text;
using System.Text.Json.Nodes;
using System.Xml.Linq;
using KubeApps.Aws.StandIn.Models;
using Microsoft.AspNetCore.Http;

namespace KubeApps.Aws.StandIn.Wire;

/// <summary>Writes answers and refusals as a service's protocol has them.</summary>
internal static class AnswerWriter
{
    public static Task WriteAsync(HttpContext context, ServiceModel service, OperationModel operation, JsonObject content)
    {
        var (id, space) = (Guid.NewGuid().ToString(), (XNamespace)(service.XmlNamespace ?? ""));
        context.Response.StatusCode = operation.StatusCode;
        context.Response.Headers["x-amzn-RequestId"] = id;
        foreach (var (name, member) in operation.Output.Members.Where(member => member.Value.Location == "header"))
        {
            if (content[name] is { } value)
                context.Response.Headers[member.LocationName ?? name] = Scalars.Text(value);
        }

        var members = XmlValues.Write(content, operation.Output, space);
        return service.Protocol switch
        {
            "json" => SendAsync(context, Json(content, operation.Output).ToJsonString(), "application/x-amz-json-1.1"),
            "rest-json" => SendAsync(context, Json(content, operation.Output).ToJsonString(), "application/json"),
            "query" => SendAsync(context, new XElement(
                space + $"{operation.Name}Response",
                operation.ResultWrapper is { } wrapper ? new XElement(space + wrapper, members) : null,
                new XElement(space + "ResponseMetadata", new XElement(space + "RequestId", id)))),
            "ec2" => SendAsync(context, new XElement(
                space + $"{operation.Name}Response", new XElement(space + "requestId", id), operation.Output.Members.Count == 0 ? [new XElement(space + "return", "true")] : members)),
            _ => SendAsync(context, new XElement(space + (operation.Output.LocationName ?? $"{operation.Name}Response"), members)),
        };
    }

    public static Task RefuseAsync(HttpContext context, ServiceModel? service, Refusal refusal)
    {
        var (id, space) = (Guid.NewGuid().ToString(), (XNamespace)(service?.XmlNamespace ?? ""));
        context.Response.StatusCode = refusal.Status;
        context.Response.Headers["x-amzn-RequestId"] = id;
        switch (service?.Protocol)
        {
            case "query" or "rest-xml":
                return SendAsync(context, new XElement(
                    space + "ErrorResponse",
                    new XElement(space + "Error", new XElement(space + "Type", refusal.Status < 500 ? "Sender" : "Receiver"), new XElement(space + "Code", refusal.Code), new XElement(space + "Message", refusal.Message)),
                    new XElement(space + "RequestId", id)));
            case "ec2":
                return SendAsync(context, new XElement(
                    "Response", new XElement("Errors", new XElement("Error", new XElement("Code", refusal.Code), new XElement("Message", refusal.Message))), new XElement("RequestID", id)));
            default:
                context.Response.Headers["x-amzn-ErrorType"] = refusal.Code;
                var content = new JsonObject { ["message"] = refusal.Message };
                if (service?.Protocol == "json")
                    content["__type"] = refusal.Code;
                return SendAsync(context, content.ToJsonString(), service?.Protocol == "json" ? "application/x-amz-json-1.1" : "application/json");
        }
    }

    // JSON has times as seconds.
    private static JsonNode Json(JsonNode value, Shape shape) => shape.Type switch
    {
        "structure" => new JsonObject(value.AsObject().Where(member => shape.Members[member.Key].Location is null)
            .Select(member => KeyValuePair.Create(shape.Members[member.Key].LocationName ?? member.Key, (JsonNode?)Json(member.Value!, shape.Members[member.Key])))),
        "list" => new JsonArray([.. value.AsArray().Select(item => Json(item!, shape.Element))]),
        "map" => new JsonObject(value.AsObject().Select(entry => KeyValuePair.Create(entry.Key, (JsonNode?)Json(entry.Value!, shape.Value)))),
        "timestamp" => JsonValue.Create(Scalars.Time(value).ToUnixTimeMilliseconds() / 1000m),
        _ => value.DeepClone(),
    };

    private static Task SendAsync(HttpContext context, XElement root) => SendAsync(context, new XDeclaration("1.0", "UTF-8", null) + root.ToString(SaveOptions.DisableFormatting), "text/xml");

    private static Task SendAsync(HttpContext context, string text, string type)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        context.Response.ContentType = type;
        context.Response.ContentLength = bytes.Length;
        return context.Response.Body.WriteAsync(bytes).AsTask();
    }
}
