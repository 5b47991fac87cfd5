using System.Globalization;
using System.Text.Json.Nodes;
using KubeApps.Aws.StandIn.Models;

namespace KubeApps.Aws.StandIn.Wire;

/// <summary>Puts the parameters of a form (<c>Tags.member.1.Key</c>) together; takes those that it knows out of it.</summary>
internal sealed class FormReader(ServiceModel service, Dictionary<string, string> form)
{
    private readonly bool _isEc2 = service.Protocol == "ec2";

    public JsonObject Read(Shape structure, string prefix = "")
    {
        var content = new JsonObject();
        foreach (var (name, member) in structure.Members)
        {
            if (ReadValue(member, $"{prefix}{WireName(name, member)}") is { } value)
                content[name] = value;
        }

        return content;
    }

    private string WireName(string name, Shape member)
    {
        if (!_isEc2)
            return member.LocationName ?? name;
        return member.QueryName ?? (member.LocationName is { } other ? $"{char.ToUpperInvariant(other[0])}{other[1..]}" : name);
    }

    private JsonNode? ReadValue(Shape shape, string name)
    {
        switch (shape.Type)
        {
            case "structure":
                return IsThere(name) ? Read(shape, $"{name}.") : null;
            case "list":
                // An empty list is there, with nothing in it.
                if (form.GetValueOrDefault(name) == "" && form.Remove(name))
                    return new JsonArray();
                return Items(_isEc2 ? name : $"{name}.{shape.Element.LocationName ?? "member"}", item => ReadValue(shape.Element, item)) is { Count: > 0 } items ? new JsonArray([.. items]) : null;
            case "map":
                var entries = Items($"{name}.entry", item => form.Remove($"{item}.{shape.Key.LocationName ?? "key"}", out var key)
                    ? new JsonObject { [key] = ReadValue(shape.Value, $"{item}.{shape.Value.LocationName ?? "value"}") }
                    : null);
                return entries.Count == 0 ? null : new JsonObject(entries.SelectMany(entry => entry!.AsObject().ToList().Select(pair => KeyValuePair.Create(pair.Key, pair.Value?.DeepClone()))));
            default:
                return form.Remove(name, out var text) ? Scalars.Parse(text, shape) : null;
        }
    }

    private List<JsonNode?> Items(string prefix, Func<string, JsonNode?> read)
    {
        var items = new List<JsonNode?>();
        while (string.Create(CultureInfo.InvariantCulture, $"{prefix}.{items.Count + 1}") is var name && IsThere(name) && read(name) is { } item)
            items.Add(item);
        return items;
    }

    private bool IsThere(string name) => form.Keys.Any(key => key == name || key.StartsWith($"{name}.", StringComparison.Ordinal));
}
