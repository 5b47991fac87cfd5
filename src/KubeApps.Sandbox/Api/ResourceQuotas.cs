using System.Globalization;
using System.Text.Json.Nodes;
using KubeApps.Sandbox.Objects;

namespace KubeApps.Sandbox.Api;

/// <summary>ResourceQuota: what objects use, and whether one more fits. Quotas with scopes are stored, not enforced.</summary>
internal static class ResourceQuotas
{
    private static readonly string[] Computed = ["cpu", "memory", "ephemeral-storage"];

    /// <exception cref="ApiStatusException">403 when the object does not fit.</exception>
    public static void Check(ObjectStore store, ResourceType type, string ns, string name, JsonObject created)
    {
        Dictionary<string, Quantity>? wanted = null;
        foreach (var quota in store.List(ResourceTypes.ResourceQuota, ns).Items)
        {
            if (IsScoped(quota) || quota["spec"]?["hard"] is not JsonObject hard)
                continue;
            wanted ??= Usage(type, created);
            var quotaName = (string)quota["metadata"]!["name"]!;
            if (type == ResourceTypes.Pod && Unspecified(created, hard) is { Count: > 0 } missing)
                throw ApiStatusException.Forbidden(type, name, $"failed quota: {quotaName}: must specify {string.Join("; ", missing)}");
            var used = Used(store, ns, hard);
            var exceeded = hard.Where(limit => wanted.TryGetValue(limit.Key, out var more) && more.Sign > 0
                && Sum(used[limit.Key], more).CompareTo(Amount(limit.Value)) > 0).Select(limit => limit.Key)
                .Order(StringComparer.Ordinal).ToList();
            if (exceeded.Count == 0)
                continue;
            string Show(Func<string, string> value) => string.Join(",", exceeded.Select(resource => $"{resource}={value(resource)}"));
            throw ApiStatusException.Forbidden(type, name,
                $"exceeded quota: {quotaName}, requested: {Show(r => wanted[r].ToString())}, "
                + $"used: {Show(r => used[r].ToString())}, limited: {Show(r => Amount(hard[r]).ToString())}");
        }
    }

    /// <summary>What all objects of a namespace use of the resources that <paramref name="hard"/> limits.</summary>
    public static Dictionary<string, Quantity> Used(ObjectStore store, string ns, JsonObject hard)
    {
        var used = hard.ToDictionary(limit => limit.Key, _ => default(Quantity));
        foreach (var type in store.StoredTypes().Where(type => type.Namespaced))
        {
            // Only pods, claims and Services count with what they ask for; of all others there is one each.
            if (type != ResourceTypes.Pod && type != ResourceTypes.PersistentVolumeClaim && type != ResourceTypes.Service)
            {
                foreach (var resource in (ReadOnlySpan<string>)[type.Plural, $"count/{type.QualifiedPlural}"])
                    if (used.ContainsKey(resource) && (resource != type.Plural || type.Group.Length == 0))
                        used[resource] = Sum(used[resource], Number(store.Count(type, ns)));
                continue;
            }

            foreach (var value in store.List(type, ns).Items)
                foreach (var (resource, amount) in Usage(type, value))
                    if (used.ContainsKey(resource))
                        used[resource] = Sum(used[resource], amount);
        }

        return used;
    }

    public static bool IsScoped(JsonObject quota) => quota["spec"]?["scopes"] is JsonArray { Count: > 0 } || quota["spec"]?["scopeSelector"] is not null;

    private static Dictionary<string, Quantity> Usage(ResourceType type, JsonObject value)
    {
        var usage = new Dictionary<string, Quantity> { [$"count/{type.QualifiedPlural}"] = Number(1) };
        if (type.Group.Length == 0)
            usage[type.Plural] = Number(1);
        if (type == ResourceTypes.Service)
        {
            var kind = (string?)value["spec"]?["type"];
            usage["services.loadbalancers"] = Number(kind == "LoadBalancer" ? 1 : 0);
            usage["services.nodeports"] = Number(kind is "NodePort" or "LoadBalancer" ? value["spec"]?["ports"]?.AsArray().Count ?? 0 : 0);
        }

        if (type == ResourceTypes.PersistentVolumeClaim)
            usage["requests.storage"] = Amount(value["spec"]?["resources"]?["requests"]?["storage"]);
        if (type == ResourceTypes.Pod)
        {
            if ((string?)value["status"]?["phase"] is "Succeeded" or "Failed")
                return [];
            foreach (var resource in Computed)
            {
                usage[$"limits.{resource}"] = Sum(value, "limits", resource);
                usage[$"requests.{resource}"] = usage[resource] = Sum(value, "requests", resource);
            }
        }

        return usage;
    }

    private static Quantity Sum(JsonObject pod, string field, string resource)
    {
        var main = Amounts(pod, "containers", field, resource).Aggregate(default(Quantity), Sum);
        // Init containers run one after another, before the others: only the largest counts.
        var init = Amounts(pod, "initContainers", field, resource).DefaultIfEmpty().Max();
        return init.CompareTo(main) > 0 ? init : main;
    }

    /// <summary>The sum keeps the notation (Mi, m) of what is not zero.</summary>
    private static Quantity Sum(Quantity one, Quantity other) => one.Sign == 0 ? other : one + other;

    private static IEnumerable<Quantity> Amounts(JsonObject pod, string containers, string field, string resource) =>
        (pod["spec"]?[containers]?.AsArray() ?? []).Select(container => Amount(container!["resources"]?[field]?[resource]));

    private static Quantity Number(int count) => Amount(count);

    /// <summary>0 if there is none; validation has refused what is not a quantity before.</summary>
    private static Quantity Amount(JsonNode? value) => Quantity.TryParse(value?.ToString() ?? "0", out var amount) is null ? amount : default;

    private static List<string> Unspecified(JsonObject pod, JsonObject hard)
    {
        var missing = new List<string>();
        foreach (var limited in hard.Select(limit => limit.Key).Order(StringComparer.Ordinal))
        {
            var dot = limited.IndexOf('.', StringComparison.Ordinal);
            var (field, resource) = dot < 0 ? ("requests", limited) : (limited[..dot], limited[(dot + 1)..]);
            if (!Computed.Contains(resource) || field is not ("requests" or "limits"))
                continue;
            var without = pod["spec"]!["containers"]!.AsArray()
                .Where(container => container!["resources"]?[field]?[resource] is null).Select(container => (string)container!["name"]!).ToList();
            if (without.Count > 0)
                missing.Add(string.Create(CultureInfo.InvariantCulture, $"{limited} for: {string.Join(",", without)}"));
        }

        return missing;
    }
}
