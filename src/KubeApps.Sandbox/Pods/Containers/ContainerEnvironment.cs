using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using KubeApps.Sandbox.Api;
using KubeApps.Sandbox.Pods.Images;

namespace KubeApps.Sandbox.Pods.Containers;

/// <summary>
/// The environment of a container, composed as the kubelet does it: the image's, then <c>envFrom</c>, then <c>env</c>, then what tells of
/// services; and what the sandbox has to say because all pods share one machine (ports, folders).
/// </summary>
internal sealed class ContainerEnvironment(Cluster cluster, PodSpec pod)
{
    /// <param name="container">Its container.</param>
    /// <param name="image">What the image brings.</param>
    /// <param name="root">Where its files are.</param>
    /// <param name="ports">The container's ports, in order, with their host ports.</param>
    /// <exception cref="ContainerException">A ConfigMap, a Secret or a key is missing.</exception>
    public Dictionary<string, string> Compose(
        ContainerSpec container, ImageConfig image, ContainerRoot root, IReadOnlyList<KeyValuePair<int, int>> ports)
    {
        var services = ServiceVariables.Of(cluster, pod);
        var own = new Dictionary<string, string>
        {
            ["KUBEAPPS_ROOT"] = root.Path,
            ["TMPDIR"] = root.Resolve("/tmp"),
            ["DOTNET_ROOT"] = DotnetHost.Root,
        };
        foreach (var (containerPort, hostPort) in ports)
            own[$"KUBEAPPS_PORT_{Number(containerPort)}"] = Number(hostPort);

        var declared = new Dictionary<string, string>();
        foreach (var from in container.Object["envFrom"] as JsonArray ?? [])
            AddAll(from!, declared);
        foreach (var variable in container.Object["env"] as JsonArray ?? [])
            if (Value(container, variable!, Lookup) is { } value)
                declared[(string)variable!["name"]!] = value;

        var result = new Dictionary<string, string>();
        foreach (var layer in new IEnumerable<KeyValuePair<string, string>>[] { image.Environment, services, own, declared })
            foreach (var (name, value) in layer)
                result[name] = value;
        foreach (var name in declared.Keys.Concat(image.Environment.Select(pair => pair.Key)))
            result[name] = root.MapMounted(result[name]);
        result.TryAdd("HOSTNAME", pod.Name);
        result.TryAdd("HOME", root.Resolve("/tmp"));
        PutPorts(result, ports);
        return result;

        string? Lookup(string name) => declared.GetValueOrDefault(name) ?? own.GetValueOrDefault(name) ?? services.GetValueOrDefault(name);
    }

    /// <summary>ASP.NET Core is told where to listen; what image or pod say about it is brought to the host's ports.</summary>
    private static void PutPorts(Dictionary<string, string> environment, IReadOnlyList<KeyValuePair<int, int>> ports)
    {
        var hostPorts = ports.ToDictionary();
        var urls = new List<string>();
        foreach (var url in (environment.GetValueOrDefault("ASPNETCORE_URLS") ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries))
            if (int.TryParse(url[(url.LastIndexOf(':') + 1)..].TrimEnd('/'), CultureInfo.InvariantCulture, out var port))
                AddUrl(port);
        foreach (var text in (environment.GetValueOrDefault("ASPNETCORE_HTTP_PORTS") ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries))
            if (int.TryParse(text, CultureInfo.InvariantCulture, out var port))
                AddUrl(port);
        environment.Remove("ASPNETCORE_HTTP_PORTS");
        if (urls.Count == 0)
            urls.Add($"http://127.0.0.1:{(ports.Count > 0 ? ports[0].Value : 0)}");
        environment["ASPNETCORE_URLS"] = string.Join(';', urls);
        if (ports.Count > 0)
            environment["PORT"] = Number(ports[0].Value);

        void AddUrl(int containerPort)
        {
            if (hostPorts.TryGetValue(containerPort, out var port) && $"http://127.0.0.1:{port}" is var url && !urls.Contains(url))
                urls.Add(url);
        }
    }

    private void AddAll(JsonNode from, Dictionary<string, string> target)
    {
        var prefix = (string?)from["prefix"] ?? "";
        foreach (var (type, reference) in new[] { (ResourceTypes.ConfigMap, from["configMapRef"]), (ResourceTypes.Secret, from["secretRef"]) })
        {
            if (reference is null)
                continue;
            var found = Find(type, (string)reference["name"]!, (bool?)reference["optional"] ?? false);
            foreach (var (key, value) in found?["data"] as JsonObject ?? [])
                target[prefix + key] = type == ResourceTypes.Secret ? Decode(value) : (string)value!;
        }
    }

    private string? Value(ContainerSpec container, JsonNode variable, Func<string, string?> lookup)
    {
        if (variable["valueFrom"] is not { } from)
            return VariableExpansion.Expand((string?)variable["value"] ?? "", lookup);
        if (from["fieldRef"] is { } field)
            return PodFields.Field(pod, (string)field["fieldPath"]!);
        if (from["resourceFieldRef"] is { } resource)
            return PodFields.Resource(pod, container, resource);
        if (from["configMapKeyRef"] is { } configKey)
            return Key(ResourceTypes.ConfigMap, configKey) is { } value ? (string)value! : null;
        return from["secretKeyRef"] is { } secretKey && Key(ResourceTypes.Secret, secretKey) is { } secret ? Decode(secret) : null;
    }

    private JsonNode? Key(ResourceType type, JsonNode reference)
    {
        var (name, key, optional) = ((string)reference["name"]!, (string)reference["key"]!, (bool?)reference["optional"] ?? false);
        var found = Find(type, name, optional);
        return found?["data"]?[key]
            ?? (optional ? null : throw new ContainerException(
                ContainerException.ConfigError, $"couldn't find key {key} in {type.Kind} {pod.Namespace}/{name}"));
    }

    private JsonObject? Find(ResourceType type, string name, bool optional) =>
        cluster.Get(new ObjectKey(type, pod.Namespace, name))
        ?? (optional ? null : throw new ContainerException(ContainerException.ConfigError, $"{type.Kind.ToLowerInvariant()} \"{name}\" not found"));

    private static string Decode(JsonNode? value) => Encoding.UTF8.GetString(Convert.FromBase64String((string)value!));

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);
}
