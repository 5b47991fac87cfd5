using System.Text.Json;
using System.Text.Json.Nodes;

namespace KubeApps.Sandbox.Objects;

/// <summary>
/// A value of a type that its field does not take. The server has two ways to say so: that of its JSON decoder (the message), and that of
/// its conversion of objects that are in memory already.
/// </summary>
internal sealed class WrongTypeException(string message, string conversion) : FormatException(message)
{
    public string Conversion { get; } = conversion;

    public static string Words(JsonNode? value, SchemaType type)
    {
        var given = value?.GetValueKind() switch
        {
            JsonValueKind.Object => "map",
            JsonValueKind.Array => "slice",
            JsonValueKind.String => "string",
            JsonValueKind.Number => Json.TryInteger(value, out _) ? "int64" : "float64",
            _ => "bool",
        };
        return type.Kind switch
        {
            SchemaKind.Struct => $"cannot restore struct from: {given}",
            SchemaKind.Map => $"cannot restore map from {given}",
            SchemaKind.List => $"cannot restore slice from {given}",
            SchemaKind.String when given is "int64" => "cannot convert int64 to string",
            SchemaKind.Integer when given is "float64" => $"cannot convert float64 to {type.GoName}",
            _ => $"unrecognized type: {type.GoName}",
        };
    }
}
