using System.Reflection;
using KubeApps.Aws.StandIn.Models;

namespace KubeApps.Deploy.Tests.Aws.Operations;

/// <summary>What our records are called, held against what AWS calls the structures of its services.</summary>
internal static class TypeNaming
{
    /// <summary>Each record in another one that has a name of its own.</summary>
    public static IEnumerable<string> Differences(Type type, Shape shape) =>
        type.GetProperties(BindingFlags.Instance | BindingFlags.Public)
            .Select(property => (property.PropertyType, Shape: shape.Members.FirstOrDefault(member => string.Equals(member.Key, property.Name, StringComparison.OrdinalIgnoreCase)).Value))
            .Where(member => member.Shape is not null).SelectMany(member => Of(member.PropertyType, member.Shape));

    private static IEnumerable<string> Of(Type type, Shape shape)
    {
        if (shape.Type == "list" && type.IsGenericType)
            return Of(type.GenericTypeArguments[0], shape.Element);
        if (shape.Type != "structure" || type == typeof(string))
            return [];
        // The package for TypeScript has a suffix where a name is one of the language's or a client's own.
        var expected = shape.TypeName is { } name ? $"{char.ToUpperInvariant(name[0])}{name[1..]}" : type.Name;
        return (type.Name == expected ? (IEnumerable<string>)[] : [$"{type.Name} is AWS's {expected}"]).Concat(Differences(type, shape));
    }
}
