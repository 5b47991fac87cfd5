using System.Text.Json;
using System.Text.Json.Nodes;
using System.Xml;
using System.Xml.Linq;
using KubeApps.Aws.StandIn.Models;

namespace KubeApps.Aws.StandIn.Wire;

/// <summary>What a request asks for.</summary>
/// <param name="Operation">Null where the service has none such.</param>
/// <param name="Input">By the names of the members, wherever in the request they were.</param>
/// <param name="Mismatches">What is not as AWS describes the service.</param>
internal sealed record ReadRequest(OperationModel? Operation, JsonObject Input, IReadOnlyList<string> Mismatches);

/// <summary>Reads requests as a service's protocol has them; takes nothing that is not described.</summary>
/// <seealso href="https://smithy.io/2.0/aws/protocols/index.html"/>
internal static class RequestReader
{
    public static ReadRequest Read(ServiceModel service, WireRequest request)
    {
        var mismatches = new List<string>();
        var input = new JsonObject();
        var operation = service.Protocol switch
        {
            "json" => ReadJson(service, request, mismatches, ref input),
            "query" or "ec2" => ReadForm(service, request, mismatches, ref input),
            _ => ReadRest(service, request, mismatches, ref input),
        };
        if (operation is not null)
            mismatches.AddRange(ValueCheck.Mismatches(input, operation.Input, operation.Name));
        return new ReadRequest(operation, input, mismatches);
    }

    private static OperationModel? ReadJson(ServiceModel service, WireRequest request, List<string> mismatches, ref JsonObject input)
    {
        var target = request.Header("X-Amz-Target") ?? "";
        var operation = target.StartsWith($"{service.TargetPrefix}.", StringComparison.Ordinal) ? service.Operations.GetValueOrDefault(target[(service.TargetPrefix!.Length + 1)..]) : null;
        if (operation is null)
            mismatches.Add($"{service.Id} has no operation \"{target}\"");
        if (request.Method != "POST" || request.RawPath != "/")
            mismatches.Add($"{service.Id} is asked with POST /, not with {request.Method} {request.RawPath}");
        ExpectType(request, "application/x-amz-json-1.1", mismatches);
        input = ParseJson(request.Text, mismatches);
        return operation;
    }

    private static OperationModel? ReadForm(ServiceModel service, WireRequest request, List<string> mismatches, ref JsonObject input)
    {
        // What is presigned has it all in its address.
        var pairs = request.Method == "GET" ? [.. request.Query.Where(pair => !pair.Name.StartsWith("X-Amz-", StringComparison.Ordinal))] : WireRequest.Pairs(request.Text);
        if (request.Method != "GET")
            ExpectType(request, "application/x-www-form-urlencoded", mismatches);
        if (request.RawPath != "/")
            mismatches.Add($"{service.Id} is asked at /, not at {request.RawPath}");
        mismatches.AddRange(pairs.GroupBy(pair => pair.Name).Where(group => group.Count() > 1).Select(group => $"{group.Key} is there twice"));
        var form = pairs.GroupBy(pair => pair.Name).ToDictionary(group => group.Key, group => group.First().Value);
        form.Remove("Action", out var action);
        form.Remove("Version", out var version);
        if (version != service.Version)
            mismatches.Add($"the version of {service.Id} is {service.Version}, not \"{version}\"");
        var operation = service.Operations.GetValueOrDefault(action ?? "");
        if (operation is null)
        {
            mismatches.Add($"{service.Id} has no operation \"{action}\"");
            return null;
        }

        input = new FormReader(service, form).Read(operation.Input);
        mismatches.AddRange(form.Keys.Select(name => $"{operation.Name} has no parameter {name}"));
        return operation;
    }

    private static OperationModel? ReadRest(ServiceModel service, WireRequest request, List<string> mismatches, ref JsonObject input)
    {
        var (operation, inPath) = service.Operations.Values.Select(candidate => (candidate, Match(candidate, request))).FirstOrDefault(match => match.Item2 is not null);
        if (operation is null)
        {
            mismatches.Add($"{service.Id} has no {request.Method} {request.RawPath}");
            return null;
        }

        var shape = operation.Input;
        var body = shape.Members.Where(member => member.Value.Location is null).ToDictionary();
        if (body.Count == 0)
        {
            if (request.Body.Length > 0 && request.Text.Trim() != "{}")
                mismatches.Add($"{operation.Name} has no body");
        }
        else if (service.Protocol == "rest-json")
        {
            // An operation all of whose members are left out may come without a body.
            if (request.Body.Length > 0)
                ExpectType(request, "application/json", mismatches);
            input = request.Body.Length == 0 ? [] : ParseJson(request.Text, mismatches);
            mismatches.AddRange(input.Where(member => shape.Members.TryGetValue(member.Key, out var known) && known.Location is not null).Select(member => $"{operation.Name}.{member.Key} does not belong into the body"));
        }
        else
        {
            input = ParseXml(service, operation, request, mismatches);
        }

        var rest = request.Query.Where(pair => !pair.Name.StartsWith("X-Amz-", StringComparison.Ordinal)).ToList();
        foreach (var (name, member) in shape.Members)
        {
            var wireName = member.LocationName ?? name;
            if (member.Location == "uri" && inPath!.TryGetValue(wireName, out var part))
            {
                input[name] = Scalars.Parse(part, member);
                if (part.Length == 0)
                    mismatches.Add($"{operation.Name}.{name} is empty in the path");
            }
            else if (member.Location == "querystring" && rest.Where(pair => pair.Name == wireName).ToList() is { Count: > 0 } given)
            {
                if (member.Type == "list")
                    input[name] = new JsonArray([.. given.Select(pair => Scalars.Parse(pair.Value, member.Element))]);
                else if (given.Count == 1)
                    input[name] = Scalars.Parse(given[0].Value, member);
                else
                    continue;
                rest.RemoveAll(pair => pair.Name == wireName);
            }
            else if (member.Location == "header" && request.Header(wireName) is { } header)
            {
                input[name] = Scalars.Parse(header, member);
            }
        }

        mismatches.AddRange(rest.Select(pair => $"{operation.Name} has no {pair.Name} in the query"));
        return operation;
    }

    private static Dictionary<string, string>? Match(OperationModel operation, WireRequest request)
    {
        var (template, path) = (operation.Path.Split('?')[0].Split('/'), request.RawPath.Split('/'));
        if (operation.Method != request.Method || template.Length != path.Length)
            return null;
        var parts = new Dictionary<string, string>();
        foreach (var (wanted, given) in template.Zip(path))
        {
            if (wanted.StartsWith('{'))
                parts[wanted[1..^1]] = Uri.UnescapeDataString(given);
            else if (wanted != given)
                return null;
        }

        return parts;
    }

    private static JsonObject ParseJson(string text, List<string> mismatches)
    {
        try
        {
            if (JsonNode.Parse(text) is JsonObject content)
                return content;
        }
        catch (JsonException e)
        {
            mismatches.Add($"the body is no JSON: {e.Message}");
            return [];
        }

        mismatches.Add("the body is no JSON object");
        return [];
    }

    private static JsonObject ParseXml(ServiceModel service, OperationModel operation, WireRequest request, List<string> mismatches)
    {
        XElement root;
        try
        {
            root = XDocument.Parse(request.Text).Root!;
        }
        catch (XmlException e)
        {
            mismatches.Add($"the body is no XML: {e.Message}");
            return [];
        }

        ExpectType(request, "application/xml", mismatches);
        var expected = operation.Input.LocationName ?? $"{operation.Name}Request";
        if (root.Name.LocalName != expected)
            mismatches.Add($"the body is a {root.Name.LocalName}, not a {expected}");
        mismatches.AddRange(root.DescendantsAndSelf().Where(element => element.Name.NamespaceName != service.XmlNamespace).Take(1).Select(element => $"{element.Name.LocalName} is in the namespace \"{element.Name.NamespaceName}\", not in {service.XmlNamespace}"));
        return XmlValues.ReadStructure(root, operation.Input, operation.Name, mismatches);
    }

    private static void ExpectType(WireRequest request, string type, List<string> mismatches)
    {
        if (request.Header("Content-Type")?.Split(';')[0] != type)
            mismatches.Add($"the content is {type}, not {request.Header("Content-Type") ?? "without a type"}");
    }
}
