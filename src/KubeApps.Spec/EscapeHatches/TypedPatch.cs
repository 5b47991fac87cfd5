using System.Globalization;
using System.Linq.Expressions;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace KubeApps;

/// <summary>
/// Changes a rendered object through a typed model of it, so that the compiler checks names and types: the models of the package
/// <c>KubernetesClient</c>, or classes of one's own (the JSON name of a property is that of its <c>JsonPropertyName</c>, else in camel case). Get
/// the assembly of the models to the specification alone with a <c>KubeAppSpecReference</c> item.
/// </summary>
/// <typeparam name="T">The model: <c>V1Deployment</c>.</typeparam>
/// <example>
/// <code>
/// app.Patch&lt;V1Deployment&gt;(web)
///     .Set(deployment => deployment.Spec.Template.Spec.PriorityClassName, "high")
///     .Append(deployment => deployment.Spec.Template.Spec.HostAliases, new V1HostAlias { Ip = "10.0.0.1", Hostnames = ["db"] })
///     .Remove(deployment => deployment.Spec.Template.Spec.Containers[0].LivenessProbe);
/// </code>
/// </example>
public sealed class ObjectPatch<T>
{
    private readonly ObjectPatch _patch;

    internal ObjectPatch(ObjectPatch patch) => _patch = patch;

    /// <summary>Sets a field; what leads to it is made where it is missing.</summary>
    /// <param name="field">The field: properties and indexes only.</param>
    /// <param name="value">Its value. Properties of it that are null are left out.</param>
    /// <exception cref="ArgumentException">The expression holds something else than properties and indexes.</exception>
    public ObjectPatch<T> Set<TValue>(Expression<Func<T, TValue>> field, TValue value)
    {
        ArgumentNullException.ThrowIfNull(field);
        _patch.Set(PathOf(field), ManifestObject.ToJson(value));
        return this;
    }

    /// <summary>Adds an item to a list, which is made where it is missing.</summary>
    /// <param name="list">The list: properties and indexes only.</param>
    /// <param name="item">The item. Properties of it that are null are left out.</param>
    /// <exception cref="ArgumentException">The expression holds something else than properties and indexes.</exception>
    public ObjectPatch<T> Append<TItem>(Expression<Func<T, IEnumerable<TItem>>> list, TItem item)
    {
        ArgumentNullException.ThrowIfNull(list);
        _patch.Set(PathOf(list) + "/-", ManifestObject.ToJson(item));
        return this;
    }

    /// <summary>Removes a field; it is an error if it is not there.</summary>
    /// <param name="field">The field: properties and indexes only.</param>
    /// <exception cref="ArgumentException">The expression holds something else than properties and indexes.</exception>
    public ObjectPatch<T> Remove<TValue>(Expression<Func<T, TValue>> field)
    {
        ArgumentNullException.ThrowIfNull(field);
        _patch.Remove(PathOf(field));
        return this;
    }

    /// <summary>The JSON pointer that an expression means.</summary>
    private static string PathOf(LambdaExpression field)
    {
        List<string> parts = [];
        for (var node = field.Body; node is not ParameterExpression;)
        {
            switch (node)
            {
                case UnaryExpression { NodeType: ExpressionType.Convert } conversion:
                    node = conversion.Operand;
                    break;
                case MemberExpression { Member: PropertyInfo property, Expression: { } owner }:
                    parts.Add(property.GetCustomAttribute<JsonPropertyNameAttribute>()?.Name ?? JsonNamingPolicy.CamelCase.ConvertName(property.Name));
                    node = owner;
                    break;
                case MethodCallExpression { Method.Name: "get_Item", Object: { } owner, Arguments: [var key] }:
                    parts.Add(Text(key));
                    node = owner;
                    break;
                case BinaryExpression { NodeType: ExpressionType.ArrayIndex } access:
                    parts.Add(Text(access.Right));
                    node = access.Left;
                    break;
                default:
                    throw new ArgumentException($"'{field}' is no path: it may hold properties and indexes only, like d => d.Spec.Template.Spec.Containers[0].Tty.", nameof(field));
            }
        }

        parts.Reverse();
        return "/" + string.Join('/', parts.Select(part => part.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal)));
    }

    private static string Text(Expression key) =>
        Convert.ToString(Expression.Lambda<Func<object>>(Expression.Convert(key, typeof(object))).Compile()(), CultureInfo.InvariantCulture) ?? "";
}
