using System.Collections;
using System.Globalization;
using System.Reflection;
using System.Text.Json.Nodes;
using KubeApps.Aws.StandIn.Models;

namespace KubeApps.Deploy.Tests.Aws.Operations;

/// <summary>Values of our records and AWS's descriptions, side by side: each member has another one, so that none can stand in another's place.</summary>
internal sealed class Sample
{
    private const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss'Z'";

    private static readonly NullabilityInfoContext Nullability = new();

    private readonly List<string> _mismatches = [];
    private int _count;

    /// <summary>Why a record is not as AWS describes it.</summary>
    public IReadOnlyList<string> Mismatches => _mismatches;

    /// <summary>A record with all that it can say, and what AWS must read of it.</summary>
    public (object? Value, JsonNode? Expected) Request(Type type, Shape shape, string place)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (Scalar(shape, place) is { } scalar)
            return (Typed(scalar, type, shape, place), scalar);
        switch (shape.Type)
        {
            case "list" when ItemOf(type, typeof(IReadOnlyList<>)) is { } item:
                var (first, second) = (Request(item, shape.Element, place), Request(item, shape.Element, place));
                var list = (IList)Activator.CreateInstance(typeof(List<>).MakeGenericType(item))!;
                list.Add(first.Value);
                list.Add(second.Value);
                return (list, new JsonArray(first.Expected, second.Expected));
            case "map" when type == typeof(IReadOnlyDictionary<string, string>):
                return (new Dictionary<string, string> { ["kubeapps.dev/app"] = "shop & co" }, new JsonObject { ["kubeapps.dev/app"] = "shop & co" });
            case "structure" when type != typeof(string):
                return Record(type, shape, place);
            default:
                _mismatches.Add($"{place} is a {shape.Type}, not {type.Name}");
                return (null, null);
        }
    }

    /// <summary>All that AWS may answer.</summary>
    public JsonNode Answer(Shape shape, string place, int depth = 0) => (JsonNode?)Scalar(shape, place) ?? shape.Type switch
    {
        "list" => new JsonArray(Answer(shape.Element, place, depth + 1), Answer(shape.Element, place, depth + 1)),
        "map" => new JsonObject { [shape.Key.Enumeration?[0] ?? $"key-{++_count}"] = Answer(shape.Value, place, depth + 1) },
        // Some describe themselves by themselves.
        _ => new JsonObject(shape.Members.Where(member => depth < 8 || shape.Required.Contains(member.Key)).Select(member => KeyValuePair.Create(member.Key, (JsonNode?)Answer(member.Value, member.Key, depth + 1)))),
    };

    /// <summary>Holds an answer as we read it against what was answered.</summary>
    public void Read(object? actual, Type type, JsonNode? expected, Shape shape, string place)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        switch (shape.Type, actual)
        {
            case (_, null):
                _mismatches.Add($"{place} is not read");
                break;
            case ("list", IEnumerable items) when ItemOf(type, typeof(IReadOnlyList<>)) is { } itemType:
                var (read, given) = (items.Cast<object?>().ToList(), expected!.AsArray());
                if (read.Count != given.Count)
                    _mismatches.Add($"{place} has {read.Count} items, not {given.Count}");
                for (var index = 0; index < Math.Min(read.Count, given.Count); index++)
                    Read(read[index], itemType, given[index], shape.Element, $"{place}[{index}]");
                break;
            case ("map", IReadOnlyDictionary<string, string> entries):
                if (!entries.OrderBy(entry => entry.Key).SequenceEqual(expected!.AsObject().Select(entry => KeyValuePair.Create(entry.Key, (string)entry.Value!))))
                    _mismatches.Add($"{place} is read wrong");
                break;
            case ("structure", not string):
                foreach (var property in Properties(type))
                {
                    if (Member(shape, property.Name) is (var name, var member))
                        Read(property.GetValue(actual), property.PropertyType, expected![name], member, $"{place}.{name}");
                    else
                        _mismatches.Add($"{place} has no member {property.Name}");
                }

                break;
            default:
                if (!Equals(actual, Typed(expected!, type, shape, place)))
                    _mismatches.Add($"{place} is {actual}, not {expected}");
                break;
        }
    }

    private static (string Name, Shape Shape)? Member(Shape shape, string property) =>
        shape.Members.Keys.FirstOrDefault(key => string.Equals(key, property, StringComparison.OrdinalIgnoreCase)) is { } name ? (name, shape.Members[name]) : null;

    private static IEnumerable<PropertyInfo> Properties(Type type) => type.GetProperties(BindingFlags.Instance | BindingFlags.Public);

    private static Type? ItemOf(Type type, Type generic) => type.IsGenericType && type.GetGenericTypeDefinition() == generic ? type.GenericTypeArguments[0] : null;

    private (object? Value, JsonNode? Expected) Record(Type type, Shape shape, string place)
    {
        var (values, expected) = (new Dictionary<string, object?>(), new JsonObject());
        foreach (var property in Properties(type))
        {
            if (Member(shape, property.Name) is not (var name, var member))
            {
                _mismatches.Add($"{place} has no member {property.Name}");
                continue;
            }

            (values[property.Name], var said) = Request(property.PropertyType, member, name);
            expected[name] = said;
        }

        var parameters = type.GetConstructors().Single().GetParameters();
        _mismatches.AddRange(shape.Required.Where(name => !parameters.Any(parameter =>
                string.Equals(parameter.Name, name, StringComparison.OrdinalIgnoreCase) && Nullability.Create(parameter).ReadState != NullabilityState.Nullable))
            .Select(name => $"{place}.{name} is required, and {type.Name} can be without it"));
        if (_mismatches.Count > 0)
            return (null, null);
        var record = type.GetConstructors().Single().Invoke([.. parameters.Select(parameter => values[parameter.Name!])]);
        foreach (var property in Properties(type).Where(property => parameters.All(parameter => parameter.Name != property.Name)))
            property.SetValue(record, values[property.Name]);
        return (record, expected);
    }

    private JsonValue? Scalar(Shape shape, string place) => shape.Type switch
    {
        "string" => JsonValue.Create(shape.Enumeration is { } values ? values[^1] : string.Create(CultureInfo.InvariantCulture, $"{place} {++_count}:ü+&=<")),
        "integer" => JsonValue.Create(++_count),
        "long" => JsonValue.Create((long)++_count),
        "float" or "double" => JsonValue.Create(++_count + 0.5),
        "boolean" => JsonValue.Create(true),
        "timestamp" => JsonValue.Create(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero).AddMinutes(++_count).ToString(TimeFormat, CultureInfo.InvariantCulture)),
        _ => null,
    };

    private object? Typed(JsonNode value, Type type, Shape shape, string place)
    {
        object? typed = shape.Type switch
        {
            "string" when type == typeof(string) => (string?)value,
            "integer" when type == typeof(int) => (int)value,
            "integer" or "long" when type == typeof(long) => (long)value,
            "float" or "double" when type == typeof(double) => (double)value,
            "boolean" when type == typeof(bool) => (bool)value,
            "timestamp" when type == typeof(DateTimeOffset) => DateTimeOffset.Parse((string)value!, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal),
            _ => null,
        };
        if (typed is null)
            _mismatches.Add($"{place} is a {shape.Type}, not {type.Name}");
        return typed;
    }
}
