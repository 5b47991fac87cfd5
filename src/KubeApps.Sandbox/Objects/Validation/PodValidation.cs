using System.Text.Json.Nodes;
using KubeApps.Sandbox.Objects.Defaults;

namespace KubeApps.Sandbox.Objects.Validation;

/// <summary>The rules for pod specifications, in pods and in templates.</summary>
internal static class PodValidation
{
    private static readonly string[] Sources =
    [
        "emptyDir", "hostPath", "secret", "configMap", "persistentVolumeClaim", "projected", "downwardAPI", "csi", "nfs", "ephemeral", "image", "iscsi", "rbd",
        "cephfs", "cinder", "fc", "flexVolume", "flocker", "gcePersistentDisk", "awsElasticBlockStore", "gitRepo", "glusterfs", "azureFile", "azureDisk",
        "vsphereVolume", "quobyte", "photonPersistentDisk", "portworxVolume", "scaleIO", "storageos",
    ];

    public static void Check(string at, JsonObject spec, Problems problems)
    {
        var volumes = Volumes($"{at}.volumes", spec, problems);
        var names = new HashSet<string>(StringComparer.Ordinal);
        if (spec["containers"] is not JsonArray { Count: > 0 })
            problems.Required($"{at}.containers");
        Containers($"{at}.containers", spec.Items("containers"), names, volumes, init: false, problems);
        Containers($"{at}.initContainers", spec.Items("initContainers"), names, volumes, init: true, problems);

        problems.OneOf($"{at}.restartPolicy", spec["restartPolicy"], "Always", "OnFailure", "Never");
        problems.OneOf($"{at}.dnsPolicy", spec["dnsPolicy"], "ClusterFirstWithHostNet", "ClusterFirst", "Default", "None");
        problems.Labels($"{at}.nodeSelector", spec["nodeSelector"]);
        Name($"{at}.serviceAccountName", spec["serviceAccountName"], problems);
        Name($"{at}.nodeName", spec["nodeName"], problems);
        if (spec["activeDeadlineSeconds"] is { } deadline && Json.Integer(deadline) is < 1)
            problems.Invalid($"{at}.activeDeadlineSeconds", deadline, "must be between 1 and 2147483647, inclusive");
        if (Json.Integer(spec["terminationGracePeriodSeconds"]) < 0)
            problems.Invalid($"{at}.terminationGracePeriodSeconds", spec["terminationGracePeriodSeconds"], "must be greater than or equal to 0");
        var secrets = 0;
        foreach (var reference in spec.Items("imagePullSecrets"))
        {
            if (Json.Text(reference["name"]) is null or "")
                problems.Required($"{at}.imagePullSecrets[{secrets}].name");
            secrets++;
        }

        var constraints = spec["topologySpreadConstraints"] as JsonArray ?? [];
        for (var index = 0; index < constraints.Count; index++)
        {
            var constraint = constraints[index] as JsonObject ?? [];
            var field = $"{at}.topologySpreadConstraints[{index}]";
            problems.Positive($"{field}.maxSkew", constraint["maxSkew"] ?? JsonValue.Create(0L));
            if (Json.Text(constraint["topologyKey"]) is null or "")
                problems.Required($"{field}.topologyKey", "can not be empty");
            problems.OneOf($"{field}.whenUnsatisfiable", constraint["whenUnsatisfiable"], "DoNotSchedule", "ScheduleAnyway");
        }

        var tolerations = spec["tolerations"] as JsonArray ?? [];
        for (var index = 0; index < tolerations.Count; index++)
            Toleration($"{at}.tolerations[{index}]", tolerations[index] as JsonObject ?? [], problems);
    }

    private static Dictionary<string, JsonObject> Volumes(string at, JsonObject spec, Problems problems)
    {
        var known = new Dictionary<string, JsonObject>(StringComparer.Ordinal);
        var index = 0;
        foreach (var volume in spec.Items("volumes"))
        {
            var field = $"{at}[{index++}]";
            var sources = Sources.Where(name => volume[name] is not null).ToList();
            if (sources.Count == 0)
                problems.Required(field, "must specify a volume type");
            foreach (var extra in sources.Skip(1))
                problems.Forbidden($"{field}.{extra}", "may not specify more than 1 volume type");
            var name = Json.Text(volume["name"]) ?? "";
            if (name.Length == 0)
                problems.Required($"{field}.name");
            else
                problems.Invalid($"{field}.name", name, Names.Label(name));
            if (!known.TryAdd(name, volume))
                problems.Duplicate($"{field}.name", name);
            Source(field, volume, problems);
        }

        return known;
    }

    private static void Source(string field, JsonObject volume, Problems problems)
    {
        foreach (var (source, key) in (ReadOnlySpan<(string, string)>)[("secret", "secretName"), ("configMap", "name"), ("persistentVolumeClaim", "claimName"), ("hostPath", "path")])
        {
            if (volume[source] is not JsonObject given)
                continue;
            if (Json.Text(given[key]) is null or "")
                problems.Required($"{field}.{source}.{key}");
            if (Json.Integer(given["defaultMode"]) is < 0 or > 511)
                problems.Invalid($"{field}.{source}.defaultMode", given["defaultMode"], "must be a number between 0 and 0777 (octal), both inclusive");
            var items = given["items"] as JsonArray ?? [];
            for (var index = 0; index < items.Count; index++)
            {
                var item = items[index] as JsonObject ?? [];
                if (Json.Text(item["key"]) is null or "")
                    problems.Required($"{field}.{source}.items[{index}].key");
                RelativePath($"{field}.{source}.items[{index}].path", Json.Text(item["path"]) ?? "", problems);
            }
        }
    }

    private static void RelativePath(string field, string path, Problems problems)
    {
        if (path.Length == 0)
            problems.Required(field);
        else if (path.StartsWith('/'))
            problems.Invalid(field, path, "must be a relative path");
        else if (path.Split('/').Contains(".."))
            problems.Invalid(field, path, "must not contain '..'");
        else if (path.StartsWith("..", StringComparison.Ordinal))
            problems.Invalid(field, path, "must not start with '..'");
    }

    private static void Containers(
        string at, IEnumerable<JsonObject> containers, HashSet<string> names, Dictionary<string, JsonObject> volumes, bool init, Problems problems)
    {
        var index = 0;
        foreach (var container in containers)
        {
            var field = $"{at}[{index++}]";
            var name = Json.Text(container["name"]) ?? "";
            if (name.Length == 0)
                problems.Required($"{field}.name");
            else
                problems.Invalid($"{field}.name", name, Names.Label(name));
            if (name.Length > 0 && !names.Add(name))
                problems.Duplicate($"{field}.name", name);
            var image = Json.Text(container["image"]) ?? "";
            if (image.Length == 0)
                problems.Required($"{field}.image");
            else if (image.Trim() != image)
                problems.Invalid($"{field}.image", image, "must not have leading or trailing whitespace");
            ContainerValidation.Lifecycle($"{field}.lifecycle", container["lifecycle"] as JsonObject, problems);
            var sidecar = init && Json.Text(container["restartPolicy"]) == "Always";
            foreach (var probe in (ReadOnlySpan<string>)["livenessProbe", "readinessProbe", "startupProbe"])
            {
                if (container[probe] is not JsonObject given)
                    continue;
                if (init && !sidecar)
                    problems.Forbidden($"{field}.{probe}", "may not be set for init containers without restartPolicy=Always");
                else
                    ContainerValidation.Probe($"{field}.{probe}", given, probe, problems);
            }

            problems.OneOf($"{field}.terminationMessagePolicy", container["terminationMessagePolicy"], "File", "FallbackToLogsOnError");
            ContainerValidation.Ports($"{field}.ports", container, problems);
            ContainerValidation.Environment(field, container, problems);
            ContainerValidation.Mounts($"{field}.volumeMounts", container, volumes, problems);
            problems.OneOf($"{field}.imagePullPolicy", container["imagePullPolicy"], "Always", "IfNotPresent", "Never");
            ContainerValidation.Resources($"{field}.resources", container["resources"] as JsonObject, problems);
        }
    }

    private static void Name(string field, JsonNode? value, Problems problems)
    {
        if (Json.Text(value) is { Length: > 0 } name)
            problems.Invalid(field, name, Names.Subdomain(name));
    }

    private static void Toleration(string field, JsonObject toleration, Problems problems)
    {
        var key = Json.Text(toleration["key"]) ?? "";
        var compare = Json.Text(toleration["operator"]) ?? "";
        if (key.Length > 0)
            problems.Invalid($"{field}.key", key, Names.Qualified(key));
        else if (compare != "Exists")
            problems.Invalid($"{field}.operator", compare, "operator must be Exists when `key` is empty, which means \"match all values and all keys\"");
        if (compare is not ("" or "Equal" or "Exists"))
            problems.Add(FieldError.NotSupported($"{field}.operator", compare, "Equal", "Exists"));
        if (compare == "Exists" && Json.Text(toleration["value"]) is { Length: > 0 } value)
            problems.Invalid($"{field}.operator", toleration, $"value must be empty when `operator` is 'Exists' (got {value})");
        if (Json.Text(toleration["effect"]) is { Length: > 0 } effect && effect is not ("NoSchedule" or "PreferNoSchedule" or "NoExecute"))
            problems.Add(FieldError.NotSupported($"{field}.effect", effect, "NoSchedule", "PreferNoSchedule", "NoExecute"));
    }
}
