using System.Text.RegularExpressions;

namespace KubeApps.Deploy.Planning.Fields;

/// <summary>
/// How a place in an object is written, for people and in saved plans: <c>spec.template.spec.containers[web].image</c>,
/// <c>metadata.labels["app.kubernetes.io/name"]</c>, <c>spec.ports[80/TCP].targetPort</c>.
/// </summary>
internal static partial class FieldPath
{
    public const string Root = "";

    public static string Child(string parent, string name) =>
        !Plain().IsMatch(name) ? $"{parent}[\"{name.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"]"
        : parent.Length == 0 ? name : $"{parent}.{name}";

    public static string Item(string list, string key) => $"{list}[{key}]";

    /// <summary>Whether <paramref name="path"/> is <paramref name="outer"/> or stands in it.</summary>
    public static bool IsWithin(string path, string outer) =>
        path.StartsWith(outer, StringComparison.Ordinal) && (path.Length == outer.Length || outer.Length == 0 || path[outer.Length] is '.' or '[');

    [GeneratedRegex(@"^[\w-]+\z")]
    private static partial Regex Plain();
}
