using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using k8s.Models;

namespace KubeApps.Core.Tests;

/// <summary>Reads objects as the typed models of the Kubernetes client, strictly: a property that the model does not have is an error.</summary>
internal static class TypedModels
{
    private static readonly JsonSerializerOptions Strict = new() { UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow };

    private static readonly Dictionary<string, Type> Types = typeof(V1Deployment).Assembly.GetTypes()
        .Select(type => (Type: type, Entity: type.GetCustomAttributes(typeof(KubernetesEntityAttribute), false).OfType<KubernetesEntityAttribute>().FirstOrDefault()))
        .Where(item => item.Entity is not null && !item.Type.Name.EndsWith("List", StringComparison.Ordinal))
        .ToDictionary(item => (item.Entity!.Group.Length > 0 ? item.Entity.Group + "/" : "") + item.Entity.ApiVersion + " " + item.Entity.Kind, item => item.Type);

    public static object? Read(JsonObject item) => item.Deserialize(Types[$"{item["apiVersion"]} {item["kind"]}"], Strict);
}
