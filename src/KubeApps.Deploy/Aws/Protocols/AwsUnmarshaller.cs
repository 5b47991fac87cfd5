using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Xml;
using System.Xml.Linq;
using Amazon.Runtime;
using Amazon.Runtime.Internal.Transform;

namespace KubeApps.Deploy.Aws.Protocols;

/// <summary>Reads answers and refusals of any protocol as JSON.</summary>
internal sealed class AwsUnmarshaller(AwsProtocol protocol) : ResponseUnmarshaller
{
    // What EKS answers about a hundred node groups is far from it.
    private const int LargestAnswer = 32 * 1024 * 1024;

    private bool IsXml => protocol is AwsProtocol.Query or AwsProtocol.RestXml;

    public override AmazonWebServiceResponse Unmarshall(UnmarshallerContext context)
    {
        var body = ((Answer)context).Read();
        try
        {
            return new AwsAnswer { Content = body.Length == 0 ? [] : IsXml ? Content(Parse(body)) : (JsonObject)JsonNode.Parse(body)! };
        }
        catch (Exception failure) when (failure is JsonException or XmlException or InvalidCastException)
        {
            throw new AmazonUnmarshallingException(context.ResponseData.GetHeaderValue("x-amzn-RequestId"), null, failure);
        }
    }

    public override AmazonServiceException UnmarshallException(UnmarshallerContext context, Exception innerException, HttpStatusCode statusCode)
    {
        var (code, message) = Refusal(context);
        return new AmazonServiceException(
            message ?? $"AWS answered with {(int)statusCode}.", innerException, (int)statusCode < 500 ? ErrorType.Sender : ErrorType.Receiver, code ?? "",
            context.ResponseData.GetHeaderValue("x-amzn-RequestId"), statusCode);
    }

    protected override UnmarshallerContext ConstructUnmarshallerContext(Stream responseStream, bool maintainResponseBody, IWebResponseData response, bool isException) =>
        new Answer(responseStream, response, isException);

    protected override UnmarshallerContext ConstructUnmarshallerContext(
        Stream responseStream, bool maintainResponseBody, IWebResponseData response, bool isException, IRequestContext requestContext) =>
        new Answer(responseStream, response, isException);

    private (string? Code, string? Message) Refusal(UnmarshallerContext context)
    {
        var body = ((Answer)context).Read();
        var header = context.ResponseData.GetHeaderValue("x-amzn-ErrorType");
        try
        {
            if (IsXml)
                return Parse(body).Descendants().FirstOrDefault(item => item.Name.LocalName == "Error") is { } error
                    ? (Child(error, "Code"), Child(error, "Message"))
                    : (header, null);
            var content = JsonNode.Parse(body) as JsonObject ?? [];
            // Some put the namespace of the error before its name, some a link behind it.
            var code = header is { Length: > 0 } ? header : (string?)content["__type"] ?? (string?)content["code"];
            return (code?.Split('#')[^1].Split(':')[0], (string?)content["message"] ?? (string?)content["Message"]);
        }
        catch (Exception failure) when (failure is JsonException or XmlException or InvalidOperationException)
        {
            // A proxy's page.
            return (header, null);
        }

        static string? Child(XElement error, string name) => error.Elements().FirstOrDefault(item => item.Name.LocalName == name)?.Value;
    }

    private static XElement Parse(byte[] body)
    {
        using var reader = XmlReader.Create(new MemoryStream(body), new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null });
        return XElement.Load(reader);
    }

    // Of <CreateRoleResponse><CreateRoleResult>…</CreateRoleResult><ResponseMetadata/></CreateRoleResponse> the result alone.
    private static JsonObject Content(XElement root) =>
        Json(root.Elements().FirstOrDefault(item => item.Name.LocalName == root.Name.LocalName.Replace("Response", "Result", StringComparison.Ordinal)) ?? root) as JsonObject ?? [];

    private static JsonNode? Json(XElement element)
    {
        var children = element.Elements().ToList();
        if (children.Count == 0)
            return element.Value.Length == 0 ? null : JsonValue.Create(element.Value);
        var names = children.Select(child => child.Name.LocalName).Distinct().ToList();
        if (names is [var only] && (only == "member" || only + "s" == element.Name.LocalName))
            return new JsonArray([.. children.Select(Json)]);
        var content = new JsonObject();
        foreach (var child in children)
            content[child.Name.LocalName] = Json(child);
        return content;
    }

    private sealed class Answer : UnmarshallerContext
    {
        private readonly Stream _stream;

        public Answer(Stream stream, IWebResponseData response, bool isException)
        {
            (_stream, ResponseData, IsException) = (stream, response, isException);
            WebResponseData = response;
        }

        public new IWebResponseData ResponseData { get; }

        public override string CurrentPath => "";

        public override int CurrentDepth => 0;

        public override bool IsStartElement => false;

        public override bool IsEndElement => false;

        public override bool IsStartOfDocument => false;

        public byte[] Read()
        {
            using var copy = new MemoryStream();
            var buffer = new byte[16 * 1024];
            while (_stream.Read(buffer) is > 0 and var length)
            {
                copy.Write(buffer, 0, length);
                if (copy.Length > LargestAnswer)
                    throw new AmazonClientException($"AWS answers with more than {LargestAnswer / 1024 / 1024} MiB.");
            }

            return copy.ToArray();
        }
    }
}
