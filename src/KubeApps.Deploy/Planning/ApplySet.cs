using System.Buffers.Text;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using KubeApps.Deploy.Api;

namespace KubeApps.Deploy.Planning;

/// <summary>
/// The inventory as other tools see it, by the ApplySet specification (KEP-3659): the ConfigMap is the parent, every object of the app names
/// it in a label. The label stands on the objects alone, never on pod templates or selectors.
/// </summary>
internal static class ApplySet
{
    public const string PartOf = "applyset.kubernetes.io/part-of";

    private const string IdLabel = "applyset.kubernetes.io/id";
    private const string ToolingAnnotation = "applyset.kubernetes.io/tooling";
    private const string KindsAnnotation = "applyset.kubernetes.io/contains-group-kinds";
    private const string NamespacesAnnotation = "applyset.kubernetes.io/additional-namespaces";

    private static readonly string Tooling = $"kubeapp/v{Version()}";

    /// <summary>The id of an app's set: made of what names its inventory.</summary>
    public static string IdOf(string app, string ns)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes($"{Inventory.NameOf(app)}.{ns}.ConfigMap."));
        return $"applyset-{Base64Url.EncodeToString(hash)}-v1";
    }

    /// <summary>What lists the members of a set, as a part of a query.</summary>
    public static string SelectorOf(string id) => $"labelSelector={Uri.EscapeDataString($"{PartOf}={id}")}";

    /// <summary>
    /// Objects with their label. Namespaces and definitions of kinds have none: several apps may use one, and an object can be part of one set
    /// only.
    /// </summary>
    public static IReadOnlyList<ReleaseObject> Label(IReadOnlyList<ReleaseObject> objects, string id) =>
        [.. objects.Select(item => IsShared(item.Id) ? item : Label(item, id))];

    /// <summary>Makes an inventory's ConfigMap the parent of the set.</summary>
    public static void MakeParent(JsonObject metadata, string app, string ns, IReadOnlyCollection<ObjectId> members)
    {
        metadata["labels"]![IdLabel] = IdOf(app, ns);
        var kinds = members.Where(member => !IsShared(member)).Select(member => member.Group.Length == 0 ? member.Kind : $"{member.Kind}.{member.Group}").Distinct().Order(StringComparer.Ordinal);
        metadata["annotations"] = new JsonObject { [ToolingAnnotation] = Tooling, [KindsAnnotation] = string.Join(',', kinds) };
        var others = members.Select(member => member.Namespace).OfType<string>().Where(other => other != ns).Distinct().Order(StringComparer.Ordinal).ToList();
        if (others.Count > 0)
            metadata["annotations"]![NamespacesAnnotation] = string.Join(',', others);
    }

    private static bool IsShared(ObjectId id) => ApplyOrder.WaveOf(id) is ApplyWave.Namespaces or ApplyWave.Definitions;

    private static ReleaseObject Label(ReleaseObject item, string id)
    {
        var content = item.Content;
        var metadata = content["metadata"]!.AsObject();
        if (metadata["labels"] is not JsonObject labels)
            metadata["labels"] = labels = [];
        labels[PartOf] = id;
        return item.With(content);
    }

    private static string Version() =>
        (typeof(ApplySet).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0.0.0").Split('+')[0];
}
