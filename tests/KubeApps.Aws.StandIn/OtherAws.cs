using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using System.Xml.Linq;
using KubeApps.Aws.StandIn.Models;
using KubeApps.Aws.StandIn.Wire;
using Microsoft.AspNetCore.Http;

namespace KubeApps.Aws.StandIn;

/// <summary>An AWS of somebody else's making, which is asked what the stand-in has found to be as AWS describes it.</summary>
/// <param name="endpoint">Where all of its services answer.</param>
public sealed class OtherAws(Uri endpoint) : IDisposable
{
    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false });
    private readonly Lock _lock = new();
    private readonly SortedSet<string> _remarks = new(StringComparer.Ordinal);

    /// <summary>What in its answers is not as AWS describes it; the answers are given nevertheless.</summary>
    public IReadOnlyList<string> Remarks
    {
        get
        {
            lock (_lock)
                return [.. _remarks];
        }
    }

    public void Dispose() => _http.Dispose();

    internal async Task AnswerAsync(HttpContext context, StandInAccount account, ServiceModel service, WireRequest wire, OperationModel operation, StandInRequest request)
    {
        using var forward = new HttpRequestMessage(new HttpMethod(wire.Method), new Uri(endpoint, $"{wire.RawPath}{(wire.RawQuery.Length > 0 ? "?" : "")}{wire.RawQuery}"));
        if (wire.Body.Length > 0)
            forward.Content = new ByteArrayContent(wire.Body);
        foreach (var (name, value) in wire.Headers.Where(header => header.Key is not "Host" and not "Content-Length"))
            if (!forward.Headers.TryAddWithoutValidation(name, value))
                forward.Content?.Headers.TryAddWithoutValidation(name, value);
        using var answer = await _http.SendAsync(forward, context.RequestAborted);
        var body = await answer.Content.ReadAsByteArrayAsync(context.RequestAborted);
        request.Status = (int)answer.StatusCode;
        if (answer.IsSuccessStatusCode)
            Check(service, operation, answer, Encoding.UTF8.GetString(body));
        // What it does not have is the test's mistake, not the product's.
        else if (answer.StatusCode is HttpStatusCode.NotImplemented || (int)answer.StatusCode >= 500)
            account.Violated($"{request.Action} of the other AWS: {(int)answer.StatusCode} {Encoding.UTF8.GetString(body)[..Math.Min(body.Length, 300)]}");
        context.Response.StatusCode = (int)answer.StatusCode;
        foreach (var (name, values) in answer.Headers.Concat<KeyValuePair<string, IEnumerable<string>>>(answer.Content.Headers).Where(header => header.Key is not "Transfer-Encoding" and not "Connection" and not "Content-Length"))
            context.Response.Headers[name] = values.ToArray();
        context.Response.ContentLength = body.Length;
        await context.Response.Body.WriteAsync(body, context.RequestAborted);
    }

    private void Check(ServiceModel service, OperationModel operation, HttpResponseMessage answer, string text)
    {
        var mismatches = new List<string>();
        try
        {
            var content = service.Protocol is "json" or "rest-json" ? Named(text.Length == 0 ? [] : JsonNode.Parse(text)!.AsObject(), operation.Output) : Read(service, operation, text, mismatches);
            foreach (var (name, member) in operation.Output.Members.Where(member => member.Value.Location == "header"))
                if (answer.Headers.TryGetValues(member.LocationName ?? name, out var values))
                    content[name] = Scalars.Parse(values.First(), member);
            mismatches.AddRange(ValueCheck.Mismatches(content, operation.Output, operation.Name));
        }
        catch (Exception failure) when (failure is System.Text.Json.JsonException or System.Xml.XmlException or InvalidOperationException)
        {
            mismatches.Add($"{operation.Name} cannot be read: {failure.Message}");
        }

        lock (_lock)
            _remarks.UnionWith(mismatches);
    }

    private static JsonObject Named(JsonObject content, Shape shape)
    {
        var names = shape.Members.ToDictionary(member => member.Value.LocationName ?? member.Key, member => member.Key);
        return new JsonObject(content.Where(member => member.Value is not null).Select(member => KeyValuePair.Create(names.GetValueOrDefault(member.Key, member.Key), member.Value?.DeepClone())));
    }

    private static JsonObject Read(ServiceModel service, OperationModel operation, string text, List<string> mismatches)
    {
        if (text.Length == 0)
            return [];
        var root = XDocument.Parse(text).Root!;
        if (operation.ResultWrapper is { } wrapper)
            root = root.Elements().FirstOrDefault(element => element.Name.LocalName == wrapper) ?? new XElement(wrapper);
        else
            root.Elements().Where(element => element.Name.LocalName is "requestId" or "RequestId" or "ResponseMetadata" or "return").Remove();
        return XmlValues.ReadStructure(root, operation.Output, operation.Name, mismatches);
    }
}
