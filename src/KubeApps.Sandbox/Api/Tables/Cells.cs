using System.Globalization;
using System.Text.Json.Nodes;
using KubeApps.Sandbox.Api.Selectors;
using KubeApps.Sandbox.Objects;

namespace KubeApps.Sandbox.Api.Tables;

/// <summary>Cells that several kinds share, and those of kinds with one or two of their own.</summary>
internal static class Cells
{
    public static string Text(JsonNode? node) => TableRenderer.Text(node);

    public static JsonNode? At(JsonObject value, string path)
    {
        JsonNode? node = value;
        foreach (var step in path.Split('.'))
            node = (node as JsonObject)?[step];
        return node;
    }

    public static string Field(JsonObject value, string path) => Text(At(value, path));

    public static long Int(JsonObject value, string path, long absent = 0) => Json.Integer(At(value, path)) ?? absent;

    public static int Count(JsonNode? node) => node switch
    {
        JsonObject map => map.Count,
        JsonArray list => list.Count,
        _ => 0,
    };

    public static string Join(IEnumerable<string> texts) => string.Join(",", texts);

    public static string Containers(JsonObject value, string template, string field) =>
        Join((At(value, template + ".spec.containers") as JsonArray ?? []).Select(container => Text(container![field])));

    public static string LabelText(JsonNode? labels) =>
        labels is JsonObject { Count: > 0 } map
            ? Join(map.OrderBy(label => label.Key, StringComparer.Ordinal).Select(label => $"{label.Key}={Text(label.Value)}"))
            : "<none>";

    /// <summary>A selector of an object: a plain map (Service, ReplicationController) or one with matchLabels.</summary>
    public static string SelectorText(JsonNode? selector)
    {
        if (selector is not JsonObject { Count: > 0 } map)
            return "<none>";
        if (map.ContainsKey("matchLabels") || map.ContainsKey("matchExpressions"))
            return LabelSelector.FromObject(map).ToString() is { Length: > 0 } text ? text : "<none>";
        return LabelText(map);
    }

    public static string OrUnknown(string text) => text.Length > 0 ? text : "<unknown>";

    public static string Subjects(JsonObject binding, string kind) => string.Join(", ",
        (binding["subjects"] as JsonArray ?? []).Where(subject => (string?)subject!["kind"] == kind)
        .Select(subject => kind == "ServiceAccount" ? $"{Text(subject!["namespace"])}/{Text(subject["name"])}" : Text(subject!["name"])));

    public static string StorageClassName(JsonObject value)
    {
        var name = Field(value, "metadata.name");
        var isDefault = (string?)value["metadata"]!["annotations"]?["storageclass.kubernetes.io/is-default-class"] == "true";
        return isDefault ? $"{name} (default)" : name;
    }

    public static string AccessModes(JsonNode? modes) => Join((modes as JsonArray ?? []).Select(mode => (string)mode! switch
    {
        "ReadWriteOnce" => "RWO",
        "ReadOnlyMany" => "ROX",
        "ReadWriteMany" => "RWX",
        "ReadWriteOncePod" => "RWOP",
        var other => other,
    }));

    public static string Controller(JsonObject value)
    {
        var owner = (value["metadata"]!["ownerReferences"] as JsonArray ?? []).FirstOrDefault(each => (bool?)each!["controller"] == true);
        if (owner is null)
            return "<none>";
        var group = ((string)owner["apiVersion"]!).Split('/') is [var named, _] ? $".{named}" : "";
        return $"{((string)owner["kind"]!).ToLowerInvariant()}{group}/{(string)owner["name"]!}";
    }

    public static string QuotaUse(JsonObject quota, bool limits) => string.Join(", ",
        (quota["status"]?["hard"] as JsonObject ?? []).Where(limit => limit.Key.StartsWith("limits.", StringComparison.Ordinal) == limits)
        .OrderBy(limit => limit.Key, StringComparer.Ordinal)
        .Select(limit => $"{limit.Key}: {(quota["status"]?["used"]?[limit.Key] is { } used ? Text(used) : "0")}/{Text(limit.Value)}"));

    public static string NodeStatus(JsonObject node)
    {
        var conditions = (node["status"]?["conditions"] as JsonArray ?? []).Where(each => (string?)each!["type"] == "Ready")
            .Select(each => (string?)each!["status"] == "True" ? "Ready" : "NotReady").ToList();
        if (conditions.Count == 0)
            conditions.Add("Unknown");
        if ((bool?)node["spec"]?["unschedulable"] == true)
            conditions.Add("SchedulingDisabled");
        return Join(conditions);
    }

    public static string NodeRoles(JsonObject node)
    {
        const string Prefix = "node-role.kubernetes.io/";
        var roles = (node["metadata"]!["labels"] as JsonObject ?? []).Where(label => label.Key.StartsWith(Prefix, StringComparison.Ordinal))
            .Select(label => label.Key[Prefix.Length..]).Order(StringComparer.Ordinal).ToList();
        return roles.Count == 0 ? "<none>" : Join(roles);
    }

    public static string NodeAddress(JsonObject node, string type) =>
        (node["status"]?["addresses"] as JsonArray ?? []).FirstOrDefault(each => (string?)each!["type"] == type) is { } found
            ? Text(found["address"])
            : "<none>";

    public static string EventSource(JsonObject value)
    {
        var component = Field(value, "source.component") is { Length: > 0 } named ? named : Field(value, "reportingComponent");
        var host = Field(value, "source.host") is { Length: > 0 } given ? given : Field(value, "reportingInstance");
        return host.Length > 0 ? $"{component}, {host}" : component;
    }

    public static string EventAge(JsonObject value, DateTimeOffset now)
    {
        var first = value["firstTimestamp"] ?? value["eventTime"];
        var last = value["series"]?["lastObservedTime"] ?? value["lastTimestamp"];
        var count = Json.Integer(value["series"]?["count"]) ?? Int(value, "count");
        return last is null ? HumanDuration.Since(first, now)
            : count > 1 ? string.Create(CultureInfo.InvariantCulture, $"{HumanDuration.Since(last, now)} (x{count} over {HumanDuration.Since(first, now)})")
            : HumanDuration.Since(last, now);
    }
}
