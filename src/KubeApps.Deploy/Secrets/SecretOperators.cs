using System.Text.Json.Nodes;
using KubeApps.Deploy.Api;

namespace KubeApps.Deploy.Secrets;

/// <summary>The kinds of which operators in the cluster make Secrets. Pure: what there is to know about each stands here.</summary>
internal static class SecretOperators
{
    // Their stores, issuers and logins, too: without those they make nothing.
    private static readonly string[] Groups =
        ["external-secrets.io", "generators.external-secrets.io", "bitnami.com", "cert-manager.io", "secrets.hashicorp.com", "secrets-store.csi.x-k8s.io"];

    private static readonly SecretSource[] Sources =
    [
        // https://external-secrets.io/latest/api/externalsecret/: one that merges into a Secret, or leaves it to others, makes none.
        new("external-secrets.io", "ExternalSecret", "Ready", content =>
            [At(content, "spec", "target", "creationPolicy") is "Merge" or "None" ? null : At(content, "spec", "target", "name") ?? At(content, "metadata", "name")]),
        new("cert-manager.io", "Certificate", "Ready", content => [At(content, "spec", "secretName")]),
        // Whatever its template says, the Secret has the name that it was sealed for.
        new("bitnami.com", "SealedSecret", "Synced", content => [At(content, "metadata", "name")]),
        // Made once the first pod mounts them: there is nothing to wait for before.
        new("secrets-store.csi.x-k8s.io", "SecretProviderClass", null, content =>
            (content["spec"] as JsonObject)?["secretObjects"] is JsonArray objects ? objects.OfType<JsonObject>().Select(item => At(item, "secretName")) : []),
        // Whether they have a condition depends on the operator's version.
        new("secrets.hashicorp.com", "VaultStaticSecret", null, OfVault),
        new("secrets.hashicorp.com", "VaultDynamicSecret", null, OfVault),
        new("secrets.hashicorp.com", "VaultPKISecret", null, OfVault),
    ];

    /// <summary>Whether an object is for an operator that makes Secrets: it comes before the pods that need them.</summary>
    public static bool IsFor(ObjectId id) => Groups.Contains(id.Group);

    /// <summary>The condition that says whether what an object makes stands; null where there is none that each version of its operator writes.</summary>
    public static string? ConditionOf(JsonObject content) => SourceOf(content)?.Condition;

    /// <summary>The names of the Secrets that are made of an object, in its namespace.</summary>
    public static IEnumerable<string> SecretsOf(JsonObject content) => SourceOf(content)?.Secrets(content).OfType<string>() ?? [];

    /// <summary>Whether what was made is of an older version of the object, though its condition may say that it stands: external-secrets has no other word for it.</summary>
    public static bool IsBehind(JsonObject content) =>
        At(content, "status", "syncedResourceVersion") is { } synced && long.TryParse(synced.Split('-')[0], out var generation)
        && generation < ((long?)content["metadata"]?["generation"] ?? 0)
        // Of what is made once, no later version is made.
        && At(content, "spec", "refreshPolicy") != "CreatedOnce" && !Never(At(content, "spec", "refreshInterval"))
        && !((content["spec"] as JsonObject)?["target"] is JsonObject target && target["immutable"] is JsonValue immutable && immutable.TryGetValue<bool>(out var stays) && stays);

    /// <summary>Whether what an object asks for was made once: it stands, also where its operator cannot make it anew now.</summary>
    public static bool HasMade(JsonObject? live) => live is not null
        && (At(live, "status", "syncedResourceVersion") ?? At(live, "status", "refreshTime") ?? At(live, "status", "notAfter")) is not null;

    // Of Go's durations: 0, 0s, 0h0m0s.
    private static bool Never(string? interval) => interval?.Length > 0 && interval.All(letter => letter is '0' or 'h' or 'm' or 's');

    private static SecretSource? SourceOf(JsonObject content) =>
        At(content, "apiVersion")?.Split('/')[0] is { } group && At(content, "kind") is { } kind ? Array.Find(Sources, item => item.Group == group && item.Kind == kind) : null;

    // Only into what they may create: else it is somebody else's.
    private static IEnumerable<string?> OfVault(JsonObject content) =>
        (content["spec"] as JsonObject)?["destination"] is JsonObject destination && destination["create"] is JsonValue create && create.TryGetValue<bool>(out var creates) && creates
            ? [At(destination, "name")] : [];

    private static string? At(JsonObject content, params ReadOnlySpan<string> path)
    {
        JsonNode? node = content;
        foreach (var part in path)
            node = (node as JsonObject)?[part];
        return node is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;
    }

    /// <param name="Group">Of its kind.</param>
    /// <param name="Kind">Its kind.</param>
    /// <param name="Condition">What says that the Secret stands.</param>
    /// <param name="Secrets">The names of what is made.</param>
    private sealed record SecretSource(string Group, string Kind, string? Condition, Func<JsonObject, IEnumerable<string?>> Secrets);
}
