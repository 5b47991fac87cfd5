using System.Text.Json.Nodes;
using KubeApps.Bundles;
using static KubeApps.Rendering.Nodes;

namespace KubeApps.Rendering;

/// <summary>Secrets hold no value here: one from the environment says which variables the deploy reads; one that exists is only named by others.</summary>
internal static class SecretRendering
{
    public static void Render(RenderContext context)
    {
        foreach (var secret in context.App.All<Secret>())
            if (secret.Source == SecretSource.Environment)
                context.Add(FromEnvironment(context, secret), part: secret);
    }

    private static JsonObject FromEnvironment(RenderContext context, Secret secret) => Object(
        ("apiVersion", "v1"),
        ("kind", "Secret"),
        ("metadata", context.Metadata(
            secret.Name,
            annotations: new Dictionary<string, string> { [BundleConventions.FromEnvironment] = (Map(secret.Keys) ?? []).ToJsonString() })),
        ("type", "Opaque"));
}
