using System.Text.Json.Nodes;
using KubeApps.Sandbox.Objects.Defaults;

namespace KubeApps.Sandbox.Objects.Validation;

/// <summary>The rules for configuration, secrets, storage, rights, leases and quotas.</summary>
internal static class ConfigurationValidation
{
    private const int MostBytes = 1024 * 1024;
    private const string FrozenMessage = "field is immutable when `immutable` is set";

    public static void ConfigMap(JsonObject value, Problems problems)
    {
        var size = 0L;
        var data = value["data"] as JsonObject ?? [];
        var binary = value["binaryData"] as JsonObject ?? [];
        foreach (var (key, text) in data)
        {
            problems.Invalid($"data[{key}]", key, Names.ConfigKey(key));
            if (binary.ContainsKey(key))
                problems.Invalid($"data[{key}]", key, "duplicate of key present in binaryData");
            size += System.Text.Encoding.UTF8.GetByteCount(Json.Text(text) ?? "");
        }

        foreach (var (key, text) in binary)
        {
            problems.Invalid($"binaryData[{key}]", key, Names.ConfigKey(key));
            size += (Json.Text(text)?.Length ?? 0) * 3L / 4;
        }

        if (size > MostBytes)
            problems.Add(FieldError.TooLong("", MostBytes));
    }

    public static void Secret(JsonObject value, Problems problems)
    {
        var size = 0L;
        var data = value["data"] as JsonObject ?? [];
        foreach (var (key, text) in data)
        {
            problems.Invalid($"data[{key}]", key, Names.ConfigKey(key));
            size += (Json.Text(text)?.Length ?? 0) * 3L / 4;
        }

        if (size > MostBytes)
            problems.Add(FieldError.TooLong("data", MostBytes));
        var needed = Json.Text(value["type"]) switch
        {
            "kubernetes.io/tls" => (string[])["tls.crt", "tls.key"],
            "kubernetes.io/dockerconfigjson" => [".dockerconfigjson"],
            "kubernetes.io/dockercfg" => [".dockercfg"],
            "kubernetes.io/ssh-auth" => ["ssh-privatekey"],
            _ => [],
        };
        foreach (var key in needed.Where(key => !data.ContainsKey(key)))
            problems.Required($"data[{key}]");
        if (Json.Text(value["type"]) == "kubernetes.io/basic-auth" && !data.ContainsKey("username") && !data.ContainsKey("password"))
        {
            problems.Required("data[username]");
            problems.Required("data[password]");
        }
    }

    /// <summary>ConfigMaps and Secrets that were declared immutable.</summary>
    public static void Frozen(JsonObject before, JsonObject after, Problems problems)
    {
        if (Json.Boolean(before["immutable"]) != true)
            return;
        if (Json.Boolean(after["immutable"]) != true)
            problems.Forbidden("immutable", FrozenMessage);
        foreach (var name in (ReadOnlySpan<string>)["data", "binaryData"])
            if (!Json.Equal(before[name] ?? new JsonObject(), after[name] ?? new JsonObject()))
                problems.Forbidden(name, FrozenMessage);
    }

    public static void Claim(JsonObject spec, Problems problems)
    {
        var modes = spec["accessModes"] as JsonArray ?? [];
        if (modes.Count == 0)
            problems.Required("spec.accessModes", "at least 1 access mode is required");
        foreach (var mode in modes)
            if (Json.Text(mode) is not ("ReadWriteOnce" or "ReadOnlyMany" or "ReadWriteMany" or "ReadWriteOncePod"))
                problems.Add(FieldError.NotSupported("spec.accessModes", mode, "ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"));
        if (spec["selector"] is JsonObject selector)
            problems.LabelSelector("spec.selector", selector);
        if (Json.Text(spec["resources"]?["requests"]?["storage"]) is not { } amount)
            problems.Required("spec.resources[storage]");
        else if (Quantity.TryParse(amount, out var storage) is null && storage.Sign <= 0)
            problems.Invalid("spec.resources[storage]", amount, "must be greater than zero");
    }

    public static void ClaimUpdate(JsonObject before, JsonObject after, Problems problems)
    {
        var (old, current) = ((JsonObject)before.DeepClone(), (JsonObject)after.DeepClone());
        foreach (var spec in (JsonObject[])[old, current])
        {
            (spec["resources"] as JsonObject)?.Remove("requests");
            spec.Remove("volumeAttributesClassName");
            // The volume is bound by the controller.
            if (before["volumeName"] is null)
                spec.Remove("volumeName");
        }

        if (!Json.Equal(old, current))
            problems.Forbidden("spec", "spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims");
    }

    public static void Rules(JsonObject role, Problems problems)
    {
        var index = 0;
        foreach (var rule in role.Items("rules"))
        {
            var field = $"rules[{index++}]";
            if (rule["verbs"] is not JsonArray { Count: > 0 })
                problems.Required($"{field}.verbs", "verbs must contain at least one value");
            if (rule["nonResourceURLs"] is JsonArray { Count: > 0 })
                continue;
            if (rule["apiGroups"] is not JsonArray { Count: > 0 })
                problems.Required($"{field}.apiGroups", "resource rules must supply at least one api group");
            if (rule["resources"] is not JsonArray { Count: > 0 })
                problems.Required($"{field}.resources", "resource rules must supply at least one resource");
        }
    }

    public static void Binding(JsonObject binding, bool namespaced, Problems problems)
    {
        var role = binding["roleRef"] as JsonObject ?? [];
        if (Json.Text(role["apiGroup"]) is var group && group != "rbac.authorization.k8s.io")
            problems.Add(FieldError.NotSupported("roleRef.apiGroup", role["apiGroup"] ?? "", "rbac.authorization.k8s.io"));
        if (namespaced)
        {
            if (Json.Text(role["kind"]) is not ("Role" or "ClusterRole"))
                problems.Add(FieldError.NotSupported("roleRef.kind", role["kind"] ?? "", "ClusterRole", "Role"));
        }
        else if (Json.Text(role["kind"]) != "ClusterRole")
        {
            problems.Add(FieldError.NotSupported("roleRef.kind", role["kind"] ?? "", "ClusterRole"));
        }

        if (Json.Text(role["name"]) is null or "")
            problems.Required("roleRef.name");
        var index = 0;
        foreach (var subject in binding.Items("subjects"))
        {
            var field = $"subjects[{index++}]";
            if (Json.Text(subject["name"]) is null or "")
                problems.Required($"{field}.name");
            if (Json.Text(subject["kind"]) is not ("User" or "Group" or "ServiceAccount"))
                problems.Add(FieldError.NotSupported($"{field}.kind", subject["kind"] ?? "", "Group", "ServiceAccount", "User"));
            if (Json.Text(subject["kind"]) == "ServiceAccount" && Json.Text(subject["namespace"]) is null or "")
                problems.Required($"{field}.namespace");
        }
    }

    public static void Lease(JsonObject spec, Problems problems)
    {
        if (Json.Text(spec["holderIdentity"]) is "")
            problems.Invalid("spec.holderIdentity", "", "must not be empty");
        if (spec["leaseDurationSeconds"] is { } duration)
            problems.Positive("spec.leaseDurationSeconds", duration);
        problems.NonNegative("spec.leaseTransitions", spec["leaseTransitions"]);
    }

    public static void Quota(JsonObject spec, Problems problems)
    {
        foreach (var (resource, amount) in spec["hard"] as JsonObject ?? [])
        {
            problems.Invalid($"spec.hard[{resource}]", resource, Names.Qualified(resource.Replace("requests.", "", StringComparison.Ordinal)));
            if (Quantity.TryParse(Json.Text(amount) ?? "", out var quantity) is null && quantity.Sign < 0)
                problems.Invalid($"spec.hard[{resource}]", amount, "must be greater than or equal to 0");
        }
    }
}
