using System.Text.Json.Nodes;
using KubeApps.Bundles;
using static KubeApps.Rendering.Nodes;

namespace KubeApps.Rendering;

/// <summary>
/// Secrets hold no value here: one from the environment says which variables the deploy reads, a generated one which keys it makes up; one
/// that exists is only named by others.
/// </summary>
internal static class SecretRendering
{
    public static void Render(RenderContext context)
    {
        foreach (var secret in context.App.All<Secret>())
        {
            if (secret.Source == SecretSource.Environment)
                context.Add(FilledByDeploy(context, secret, BundleConventions.FromEnvironment, Map(secret.Keys) ?? []), part: secret);
            else if (secret.Source == SecretSource.Generated)
                context.Add(FilledByDeploy(context, secret, BundleConventions.Generated, List([.. secret.Keys.Keys.Order(StringComparer.Ordinal)]) ?? []), part: secret);
            else if (secret.Source == SecretSource.Store)
                context.Add(FromStore(context, secret), part: secret);
        }
    }

    private static JsonObject FilledByDeploy(RenderContext context, Secret secret, string annotation, JsonNode values) => Object(
        ("apiVersion", "v1"),
        ("kind", "Secret"),
        ("metadata", context.Metadata(secret.Name, annotations: new Dictionary<string, string> { [annotation] = values.ToJsonString() })),
        ("type", "Opaque"));

    // https://external-secrets.io/latest/api/externalsecret/
    private static JsonObject FromStore(RenderContext context, Secret secret) => Object(
        ("apiVersion", "external-secrets.io/v1"),
        ("kind", "ExternalSecret"),
        ("metadata", context.Metadata(secret.Name)),
        ("spec", Object(
            ("secretStoreRef", Object(("kind", "ClusterSecretStore"), ("name", secret.Store))),
            ("target", Object(("name", secret.Name))),
            ("data", List(secret.Keys.OrderBy(key => key.Key, StringComparer.Ordinal), static key =>
            {
                var parts = key.Value.Split('#', 2);
                return Object(
                    ("secretKey", key.Key),
                    ("remoteRef", Object(("key", parts[0]), ("property", parts.Length > 1 ? parts[1] : null))));
            })))));
}
