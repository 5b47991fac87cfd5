using System.Text.Json.Nodes;
using KubeApps.Sandbox.Objects.Defaults;

namespace KubeApps.Sandbox.Objects.Validation;

/// <summary>The rules for what makes pods reachable.</summary>
internal static class ServiceValidation
{
    public static void Service(JsonObject spec, Problems problems)
    {
        var type = Json.Text(spec["type"]);
        var headless = Json.Text(spec["clusterIP"]) == "None";
        var ports = spec["ports"] as JsonArray ?? [];
        if (ports.Count == 0 && !headless && type != "ExternalName")
            problems.Required("spec.ports");
        if (type == "LoadBalancer" && headless)
            problems.Invalid("spec.clusterIPs[0]", "None", "may not be set to 'None' for LoadBalancer services");
        if (type == "ExternalName")
        {
            if (Json.Text(spec["externalName"]) is not { Length: > 0 } name)
                problems.Required("spec.externalName");
            else
                problems.Invalid("spec.externalName", name.TrimEnd('.'), Names.Subdomain(name.TrimEnd('.')));
        }

        Ports(ports, problems);
        problems.Labels("spec.selector", spec["selector"]);
        problems.OneOf("spec.sessionAffinity", spec["sessionAffinity"], "ClientIP", "None");
        problems.OneOf("spec.type", spec["type"], "ClusterIP", "ExternalName", "LoadBalancer", "NodePort");
        if (spec["externalTrafficPolicy"] is { } external)
            problems.OneOf("spec.externalTrafficPolicy", external, "Cluster", "Local");
        if (spec["internalTrafficPolicy"] is { } inside)
            problems.OneOf("spec.internalTrafficPolicy", inside, "Cluster", "Local");
    }

    public static void ServiceUpdate(JsonObject before, JsonObject after, Problems problems)
    {
        if (Json.Text(before["type"]) == "ExternalName" || Json.Text(after["type"]) == "ExternalName")
            return;
        if (before["clusterIPs"] is JsonArray { Count: > 0 } old && !Json.Equal(old[0], (after["clusterIPs"] as JsonArray)?.FirstOrDefault()))
            problems.Invalid("spec.clusterIPs[0]", after["clusterIPs"], "may not change once set");
    }

    public static void Ingress(JsonObject spec, Problems problems)
    {
        if (spec["defaultBackend"] is JsonObject fallback)
            Backend("spec.defaultBackend", fallback, problems);
        if (spec["defaultBackend"] is null && spec["rules"] is not JsonArray { Count: > 0 })
            problems.Invalid("spec", spec, "either `defaultBackend` or `rules` must be specified");
        var index = 0;
        foreach (var rule in spec.Items("rules"))
        {
            var field = $"spec.rules[{index++}]";
            if (Json.Text(rule["host"]) is { Length: > 0 } host)
                problems.Invalid($"{field}.host", host, Names.Subdomain(host.StartsWith("*.", StringComparison.Ordinal) ? host[2..] : host));
            if (rule["http"] is not JsonObject http)
                continue;
            if (http["paths"] is not JsonArray { Count: > 0 })
                problems.Required($"{field}.http.paths");
            var place = 0;
            foreach (var path in http.Items("paths"))
                Path($"{field}.http.paths[{place++}]", path, problems);
        }
    }

    private static void Ports(JsonArray ports, Problems problems)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        var numbers = new HashSet<(string, long)>();
        for (var index = 0; index < ports.Count; index++)
        {
            var port = ports[index] as JsonObject ?? [];
            var field = $"spec.ports[{index}]";
            var name = Json.Text(port["name"]) ?? "";
            if (ports.Count > 1 && name.Length == 0)
                problems.Required($"{field}.name");
            else if (name.Length > 0)
                problems.Invalid($"{field}.name", name, Names.Label(name));
            if (name.Length > 0 && !names.Add(name))
                problems.Duplicate($"{field}.name", name);
            problems.Port($"{field}.port", port["port"]);
            problems.OneOf($"{field}.protocol", port["protocol"], "SCTP", "TCP", "UDP");
            problems.PortNumberOrName($"{field}.targetPort", port["targetPort"]);
            if (Json.Integer(port["nodePort"]) is not (null or 0))
                problems.Port($"{field}.nodePort", port["nodePort"]);
        }

        for (var index = 0; index < ports.Count; index++)
        {
            var protocol = Json.Text(ports[index]?["protocol"]) ?? "";
            var number = Json.Integer(ports[index]?["port"]) ?? 0;
            if (!numbers.Add((protocol, number)))
            {
                problems.Duplicate($"spec.ports[{index}]", new JsonObject
                {
                    ["Name"] = "",
                    ["Protocol"] = protocol,
                    ["AppProtocol"] = null,
                    ["Port"] = number,
                    ["TargetPort"] = 0,
                    ["NodePort"] = 0,
                });
            }
        }
    }

    private static void Path(string field, JsonObject path, Problems problems)
    {
        switch (Json.Text(path["pathType"]))
        {
            case null or "":
                problems.Required($"{field}.pathType", "pathType must be specified");
                break;
            case "Exact" or "Prefix":
                var text = Json.Text(path["path"]) ?? "";
                if (!text.StartsWith('/'))
                    problems.Invalid($"{field}.path", text, "must be an absolute path");
                foreach (var bad in (ReadOnlySpan<string>)["//", "/./", "/../", "%2f", "%2F"])
                    if (text.Contains(bad, StringComparison.Ordinal))
                        problems.Invalid($"{field}.path", text, $"must not contain '{bad}'");
                break;
            case "ImplementationSpecific":
                if (Json.Text(path["path"]) is { Length: > 0 } free && !free.StartsWith('/'))
                    problems.Invalid($"{field}.path", free, "must be an absolute path");
                break;
            default:
                problems.Add(FieldError.NotSupported($"{field}.pathType", path["pathType"], "Exact", "ImplementationSpecific", "Prefix"));
                break;
        }

        Backend($"{field}.backend", path["backend"] as JsonObject ?? [], problems);
    }

    private static void Backend(string field, JsonObject backend, Problems problems)
    {
        if (backend["resource"] is not null && backend["service"] is not null)
            problems.Invalid(field, "", "cannot set both resource and service backends");
        if (backend["resource"] is not null)
            return;
        if (backend["service"] is not JsonObject service)
        {
            problems.Required(field, "resource or service backend is required");
            return;
        }

        if (Json.Text(service["name"]) is not { Length: > 0 } name)
            problems.Required($"{field}.service.name");
        else
            problems.Invalid($"{field}.service.name", name, Names.Label1035(name));
        var number = Json.Integer(service["port"]?["number"]) ?? 0;
        var portName = Json.Text(service["port"]?["name"]) ?? "";
        if (number == 0 && portName.Length == 0)
            problems.Required(field, "port name or number is required");
        else if (number != 0 && portName.Length > 0)
            problems.Invalid(field, "", "cannot set both port name & port number");
        else if (number != 0)
            problems.Port($"{field}.service.port.number", service["port"]!["number"]);
        else
            problems.Invalid($"{field}.service.port.name", portName, Names.PortName(portName));
    }
}
