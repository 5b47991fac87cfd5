using System.Text.Json.Nodes;
using System.Xml.Linq;
using KubeApps.Aws.StandIn.Models;

namespace KubeApps.Aws.StandIn.Wire;

/// <summary>Values as XML has them.</summary>
internal static class XmlValues
{
    public static JsonObject ReadStructure(XElement element, Shape shape, string place, List<string> mismatches)
    {
        var content = new JsonObject();
        var known = shape.Members.Where(member => member.Value.Location is null).ToDictionary(member => member.Value.LocationName ?? member.Key);
        foreach (var child in element.Elements())
        {
            if (!known.TryGetValue(child.Name.LocalName, out var member))
                mismatches.Add($"{place} has no member {child.Name.LocalName}");
            else if (!content.TryAdd(member.Key, Read(child, member.Value, $"{place}.{member.Key}", mismatches)))
                mismatches.Add($"{place}.{member.Key} is there twice");
        }

        return content;
    }

    /// <summary>The elements of an answer's members.</summary>
    public static IEnumerable<XElement> Write(JsonObject content, Shape structure, XNamespace space) => structure.Members
        .Where(member => member.Value.Location is null && content[member.Key] is not null)
        .Select(member => Write(member.Value.LocationName ?? member.Key, content[member.Key]!, member.Value, space));

    private static XElement Write(string name, JsonNode value, Shape shape, XNamespace space) => shape.Type switch
    {
        "structure" => new XElement(space + name, Write(value.AsObject(), shape, space)),
        "list" => new XElement(space + name, value.AsArray().Select(item => Write(shape.Element.LocationName ?? "member", item!, shape.Element, space))),
        "map" => new XElement(space + name, value.AsObject().Select(entry => new XElement(
            space + "entry", new XElement(space + (shape.Key.LocationName ?? "key"), entry.Key), Write(shape.Value.LocationName ?? "value", entry.Value!, shape.Value, space)))),
        "timestamp" => new XElement(space + name, Scalars.Time(Scalars.Time(value))),
        _ => new XElement(space + name, Scalars.Text(value)),
    };

    private static JsonNode Read(XElement element, Shape shape, string place, List<string> mismatches)
    {
        switch (shape.Type)
        {
            case "structure":
                return ReadStructure(element, shape, place, mismatches);
            case "list":
                var name = shape.Element.LocationName ?? "member";
                mismatches.AddRange(element.Elements().Where(child => child.Name.LocalName != name).Select(child => $"{place} consists of {name}, not of {child.Name.LocalName}"));
                return new JsonArray([.. element.Elements().Select(child => Read(child, shape.Element, place, mismatches))]);
            default:
                return Scalars.Parse(element.Value, shape);
        }
    }
}
