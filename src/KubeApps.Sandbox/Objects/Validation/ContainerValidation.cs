using System.Text.Json.Nodes;
using KubeApps.Sandbox.Objects.Defaults;

namespace KubeApps.Sandbox.Objects.Validation;

/// <summary>The rules for the parts of a container.</summary>
internal static class ContainerValidation
{
    private static readonly string[] FieldPaths =
    [
        "metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName", "spec.serviceAccountName", "status.hostIP", "status.hostIPs", "status.podIP", "status.podIPs",
    ];

    public static void Ports(string at, JsonObject container, Problems problems)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        var index = 0;
        foreach (var port in container.Items("ports"))
        {
            var field = $"{at}[{index++}]";
            if (Json.Text(port["name"]) is { Length: > 0 } name)
            {
                problems.Invalid($"{field}.name", name, Names.PortName(name));
                if (!names.Add(name))
                    problems.Duplicate($"{field}.name", name);
            }

            if ((Json.Integer(port["containerPort"]) ?? 0) == 0)
                problems.Required($"{field}.containerPort");
            else
                problems.Port($"{field}.containerPort", port["containerPort"]);
            if (Json.Integer(port["hostPort"]) is not (null or 0))
                problems.Port($"{field}.hostPort", port["hostPort"]);
            problems.OneOf($"{field}.protocol", port["protocol"], "SCTP", "TCP", "UDP");
        }
    }

    public static void Environment(string at, JsonObject container, Problems problems)
    {
        var index = 0;
        foreach (var variable in container.Items("env"))
        {
            var field = $"{at}.env[{index++}]";
            var name = Json.Text(variable["name"]) ?? "";
            if (name.Length == 0)
                problems.Required($"{field}.name");
            else
                problems.Invalid($"{field}.name", name, Names.EnvironmentVariable(name));
            if (variable["valueFrom"] is JsonObject source)
                ValueFrom($"{field}.valueFrom", source, Json.Text(variable["value"]) ?? "", problems);
        }

        index = 0;
        foreach (var source in container.Items("envFrom"))
        {
            var field = $"{at}.envFrom[{index++}]";
            if (Json.Text(source["prefix"]) is { Length: > 0 } prefix)
                problems.Invalid($"{field}.prefix", prefix, Names.EnvironmentVariable(prefix));
            var given = (string[])[.. new[] { "configMapRef", "secretRef" }.Where(name => source[name] is not null)];
            if (given.Length == 0)
                problems.Invalid(field, "", "must specify one of: `configMapRef` or `secretRef`");
            else if (given.Length > 1)
                problems.Invalid(field, "", "may not have more than one field specified at a time");
            foreach (var name in given)
                if (Json.Text(source[name]?["name"]) is null or "")
                    problems.Required($"{field}.{name}.name");
        }
    }

    private static void ValueFrom(string field, JsonObject source, string value, Problems problems)
    {
        var given = (string[])[.. new[] { "fieldRef", "resourceFieldRef", "configMapKeyRef", "secretKeyRef", "fileKeyRef" }.Where(name => source[name] is not null)];
        if (given.Length == 0)
            problems.Invalid(field, "", "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`");
        else if (value.Length > 0)
            problems.Invalid(field, "", "may not be specified when `value` is not empty");
        else if (given.Length > 1)
            problems.Invalid(field, "", "may not have more than one field specified at a time");
        if (source["fieldRef"] is JsonObject reference)
        {
            var path = Json.Text(reference["fieldPath"]) ?? "";
            if (path.Length == 0)
                problems.Required($"{field}.fieldRef.fieldPath");
            else if (!FieldPaths.Contains(path) && !IsSubscript(path))
                problems.Invalid($"{field}.fieldRef.fieldPath", path, $"error converting fieldPath: field label not supported: {path}");
        }

        if (source["resourceFieldRef"] is JsonObject resource && Json.Text(resource["resource"]) is null or "")
            problems.Required($"{field}.resourceFieldRef.resource");
        foreach (var name in (ReadOnlySpan<string>)["configMapKeyRef", "secretKeyRef"])
        {
            if (source[name] is not JsonObject key)
                continue;
            if (Json.Text(key["name"]) is null or "")
                problems.Required($"{field}.{name}.name");
            if (Json.Text(key["key"]) is not { Length: > 0 } text)
                problems.Required($"{field}.{name}.key");
            else
                problems.Invalid($"{field}.{name}.key", text, Names.ConfigKey(text));
        }
    }

    public static void Mounts(string at, JsonObject container, Dictionary<string, JsonObject> volumes, Problems problems)
    {
        var paths = new HashSet<string>(StringComparer.Ordinal);
        var index = 0;
        foreach (var mount in container.Items("volumeMounts"))
        {
            var field = $"{at}[{index++}]";
            var name = Json.Text(mount["name"]) ?? "";
            if (name.Length == 0)
                problems.Required($"{field}.name");
            if (!volumes.ContainsKey(name))
                problems.Add(FieldError.NotFound($"{field}.name", name));
            var path = Json.Text(mount["mountPath"]) ?? "";
            if (path.Length == 0)
                problems.Required($"{field}.mountPath");
            if (!paths.Add(path))
                problems.Invalid($"{field}.mountPath", path, "must be unique");
            var below = Json.Text(mount["subPath"]) ?? "";
            if (below.StartsWith('/'))
                problems.Invalid($"{field}.subPath", below, "must be a relative path");
            if (below.Split('/').Contains(".."))
                problems.Invalid($"{field}.subPath", below, "must not contain '..'");
        }
    }

    public static void Probe(string field, JsonObject probe, string kind, Problems problems)
    {
        Handler(field, probe, problems);
        foreach (var name in (ReadOnlySpan<string>)["initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold"])
            problems.NonNegative($"{field}.{name}", probe[name]);
        if (Json.Integer(probe["terminationGracePeriodSeconds"]) <= 0)
            problems.Invalid($"{field}.terminationGracePeriodSeconds", probe["terminationGracePeriodSeconds"], "must be greater than 0");
        if (kind != "readinessProbe" && Json.Integer(probe["successThreshold"]) is not (null or 1))
            problems.Invalid($"{field}.successThreshold", probe["successThreshold"], "must be 1");
        if (kind == "readinessProbe" && probe["terminationGracePeriodSeconds"] is { } period)
            problems.Invalid($"{field}.terminationGracePeriodSeconds", period, "must not be set for readinessProbes");
    }

    public static void Lifecycle(string field, JsonObject? lifecycle, Problems problems)
    {
        foreach (var hook in (ReadOnlySpan<string>)["postStart", "preStop"])
            if (lifecycle?[hook] is JsonObject handler)
                Handler($"{field}.{hook}", handler, problems);
    }

    public static void Resources(string field, JsonObject? resources, Problems problems)
    {
        if (resources is null)
            return;
        var limits = resources["limits"] as JsonObject ?? [];
        foreach (var (name, amount) in limits)
            Amount($"{field}.limits", name, amount, problems);
        foreach (var (name, amount) in resources["requests"] as JsonObject ?? [])
        {
            Amount($"{field}.requests", name, amount, problems);
            if (limits[name] is not { } limit || Quantity.TryParse(Json.Text(amount) ?? "", out var asked) is not null
                || Quantity.TryParse(Json.Text(limit) ?? "", out var most) is not null || asked.CompareTo(most) <= 0)
                continue;
            problems.Invalid($"{field}.requests", amount, $"must be less than or equal to {name} limit of {Json.Text(limit)}");
        }
    }

    private static void Amount(string field, string resource, JsonNode? value, Problems problems)
    {
        problems.Invalid($"{field}[{resource}]", resource, Names.Qualified(resource));
        if (!resource.Contains('/') && resource is not ("cpu" or "memory" or "ephemeral-storage") && !resource.StartsWith("hugepages-", StringComparison.Ordinal))
            problems.Invalid($"{field}[{resource}]", resource, "must be a standard resource type or fully qualified");
        if (Quantity.TryParse(Json.Text(value) ?? "", out var amount) is null && amount.Sign < 0)
            problems.Invalid($"{field}[{resource}]", value, "must be greater than or equal to 0");
    }

    private static void Handler(string field, JsonObject handler, Problems problems)
    {
        var found = 0;
        foreach (var name in (ReadOnlySpan<string>)["exec", "httpGet", "tcpSocket", "grpc", "sleep"])
        {
            if (handler[name] is not JsonObject given)
                continue;
            if (found++ > 0)
            {
                problems.Forbidden($"{field}.{name}", "may not specify more than 1 handler type");
                continue;
            }

            switch (name)
            {
                case "exec" when given["command"] is not JsonArray { Count: > 0 }:
                    problems.Required($"{field}.exec.command");
                    break;
                case "httpGet":
                    if (Json.Text(given["path"]) is null or "")
                        problems.Required($"{field}.httpGet.path");
                    problems.PortNumberOrName($"{field}.httpGet.port", given["port"]);
                    problems.OneOf($"{field}.httpGet.scheme", given["scheme"], "HTTP", "HTTPS");
                    break;
                case "tcpSocket":
                    problems.PortNumberOrName($"{field}.tcpSocket.port", given["port"]);
                    break;
                case "grpc":
                    problems.Port($"{field}.grpc.port", given["port"]);
                    break;
            }
        }

        if (found == 0)
            problems.Required(field, "must specify a handler type");
    }

    private static bool IsSubscript(string path) =>
        path.EndsWith("']", StringComparison.Ordinal)
        && (path.StartsWith("metadata.labels['", StringComparison.Ordinal) || path.StartsWith("metadata.annotations['", StringComparison.Ordinal));
}
