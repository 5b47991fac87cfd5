using System.Buffers;
using System.Text;

namespace KubeApps.Sandbox.Api.Http;

/// <summary>
/// The older OpenAPI document in its protobuf form, which kubectl 1.27 and 1.28 read before they apply: they look there for whether a kind's
/// PATCH takes <c>fieldValidation</c>. It has the paths for that and no definitions; for merging those clients use their own types.
/// </summary>
internal static class OpenApiV2
{
    public const string MediaType = "application/com.github.proto-openapi.spec.v2@v1.0+protobuf";

    /// <summary>What the answer is called: the name in requests is not one that MIME allows.</summary>
    public const string ResponseType = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf";

    public static byte[] Document(IEnumerable<ServedResource> resources)
    {
        var paths = new Message();
        foreach (var served in resources)
            paths.Put(2, new Message().Put(1, PathOf(served.Type)).Put(2, PathItem(served.Type)));
        return new Message()
            .Put(1, "2.0")
            .Put(2, new Message().Put(1, "KubeApps sandbox").Put(2, "v1.34"))
            .Put(8, paths)
            .ToArray();
    }

    private static string PathOf(ResourceType type) =>
        $"/{(type.Group.Length == 0 ? $"api/{type.Version}" : $"apis/{type.Group}/{type.Version}")}/{(type.Namespaced ? "namespaces/{namespace}/" : "")}{type.Plural}/{{name}}";

    private static Message PathItem(ResourceType type)
    {
        var patch = new Message();
        foreach (var parameter in (ReadOnlySpan<string>)["dryRun", "fieldManager", "fieldValidation", "force"])
        {
            var query = new Message().Put(2, "query").Put(4, parameter).Put(6, parameter == "force" ? "boolean" : "string");
            // ParametersItem.parameter.non_body_parameter.query_parameter_sub_schema
            patch.Put(8, new Message().Put(1, new Message().Put(2, new Message().Put(3, query))));
        }

        var kind = new Message().Put(2, $"group: \"{type.Group}\"\nkind: {type.Kind}\nversion: {type.Version}\n");
        patch.Put(13, new Message().Put(1, "x-kubernetes-group-version-kind").Put(2, kind));
        return new Message().Put(8, patch);
    }

    /// <summary>A protobuf message under construction; all that is needed here are texts and messages in it.</summary>
    private sealed class Message
    {
        private readonly ArrayBufferWriter<byte> _content = new();

        public Message Put(int field, string text) => Put(field, Encoding.UTF8.GetBytes(text));

        public Message Put(int field, Message message) => Put(field, message._content.WrittenSpan);

        public byte[] ToArray() => _content.WrittenSpan.ToArray();

        private Message Put(int field, ReadOnlySpan<byte> bytes)
        {
            const int LengthDelimited = 2;
            Varint((uint)((field << 3) | LengthDelimited));
            Varint((uint)bytes.Length);
            _content.Write(bytes);
            return this;
        }

        private void Varint(uint value)
        {
            for (; value >= 0x80; value >>= 7)
                _content.Write([(byte)(value | 0x80)]);
            _content.Write([(byte)value]);
        }
    }
}
