using System.Text;
using System.Text.Json.Nodes;
using KubeApps.Sandbox.Api;
using KubeApps.Sandbox.Objects;
using KubeApps.Sandbox.Pods.Images;

namespace KubeApps.Sandbox.Pods.Containers;

/// <summary>A volume cannot be set up (yet). The message is what stands in the FailedMount event.</summary>
internal sealed class VolumeException(string message) : Exception(message);

/// <summary>
/// The volumes of one pod as folders of the host: filled once, before the first container starts. Claims are folders of their own, which
/// stay until the claim goes.
/// </summary>
internal sealed class PodVolumes(Cluster cluster, PodSpec pod, string folder, string claimsFolder)
{
    private readonly Dictionary<string, string> _paths = [];

    /// <exception cref="VolumeException">Something that a volume is made of is missing.</exception>
    public void Prepare()
    {
        foreach (var volume in pod.Object["spec"]!["volumes"] as JsonArray ?? [])
        {
            var name = (string)volume!["name"]!;
            if (_paths.ContainsKey(name))
                continue;
            try
            {
                _paths[name] = Prepare(name, volume.AsObject());
            }
            catch (ContainerException e)
            {
                throw new VolumeException($"MountVolume.SetUp failed for volume \"{name}\" : {e.Message}");
            }
        }
    }

    /// <summary>Where a container's volumes go.</summary>
    /// <exception cref="ContainerException">A mount names something that is not there.</exception>
    public IReadOnlyList<Mount> MountsOf(ContainerSpec container)
    {
        var mounts = new List<Mount>();
        foreach (var mount in container.Object["volumeMounts"] as JsonArray ?? [])
        {
            var name = (string)mount!["name"]!;
            if (!_paths.TryGetValue(name, out var source))
                throw new ContainerException(ContainerException.CreateError, $"volume \"{name}\" is of a kind that the sandbox does not have");
            var sub = (string?)mount["subPath"] ?? VariableExpansion.Expand((string?)mount["subPathExpr"] ?? "", SubPathVariable);
            if (sub.Length > 0)
            {
                var parts = RootPath.Checked(sub)
                    ?? throw new ContainerException(ContainerException.CreateError, $"subPath \"{sub}\" leads out of the volume \"{name}\"");
                source = Path.Combine([source, .. parts]);
                if (!Path.Exists(source))
                    Directory.CreateDirectory(source);
            }

            mounts.Add(new Mount("/" + string.Join('/', RootPath.Parts((string)mount["mountPath"]!)), source));
        }

        return mounts;

        string? SubPathVariable(string variable) => (container.Object["env"] as JsonArray ?? [])
            .Where(entry => (string)entry!["name"]! == variable)
            .Select(entry => (string?)entry!["value"] ?? ((string?)entry["valueFrom"]?["fieldRef"]?["fieldPath"] is { } path ? PodFields.Field(pod, path) : null))
            .FirstOrDefault();
    }

    /// <summary>Where a claim's data lies.</summary>
    public static string ClaimFolder(string claimsFolder, JsonObject claim) => Path.Combine(claimsFolder, (string)claim["metadata"]!["uid"]!);

    private string Prepare(string name, JsonObject volume)
    {
        var path = Path.Combine(folder, name);
        Directory.CreateDirectory(path);
        if (volume["configMap"] is { } config)
            WriteObject(path, ResourceTypes.ConfigMap, (string)config["name"]!, config, Mode(config));
        else if (volume["secret"] is { } secret)
            WriteObject(path, ResourceTypes.Secret, (string)secret["secretName"]!, secret, Mode(secret));
        else if (volume["downwardAPI"] is { } fields)
            WriteFields(path, fields, Mode(fields));
        else if (volume["projected"] is { } projected)
            WriteProjected(path, projected);
        else if (volume["persistentVolumeClaim"] is { } claim)
            return Claim((string)claim["claimName"]!);
        else if (volume["emptyDir"] is null)
            throw new ContainerException(
                ContainerException.CreateError,
                $"the sandbox has no volumes of this kind ({volume.Select(pair => pair.Key).FirstOrDefault(key => key != "name") ?? "none"}); it has "
                + "configMap, secret, downwardAPI, projected, emptyDir and persistentVolumeClaim");
        return path;
    }

    private string Claim(string name)
    {
        var claim = cluster.Get(new ObjectKey(ResourceTypes.PersistentVolumeClaim, pod.Namespace, name))
            ?? throw new ContainerException(ContainerException.ConfigError, $"persistentvolumeclaim \"{name}\" not found");
        var path = ClaimFolder(claimsFolder, claim);
        Directory.CreateDirectory(path);
        return path;
    }

    private void WriteProjected(string path, JsonNode projected)
    {
        foreach (var source in projected["sources"] as JsonArray ?? [])
        {
            if (source!["configMap"] is { } config)
                WriteObject(path, ResourceTypes.ConfigMap, (string)config["name"]!, config, Mode(projected));
            else if (source["secret"] is { } secret)
                WriteObject(path, ResourceTypes.Secret, (string)secret["name"]!, secret, Mode(projected));
            else if (source["downwardAPI"] is { } fields)
                WriteFields(path, fields, Mode(projected));
            else
                throw new ContainerException(ContainerException.CreateError, "the sandbox does not project service account tokens or trust bundles");
        }
    }

    private void WriteObject(string path, ResourceType type, string name, JsonNode source, UnixFileMode mode)
    {
        var optional = (bool?)source["optional"] ?? false;
        var kind = type.Kind.ToLowerInvariant();
        if (cluster.Get(new ObjectKey(type, pod.Namespace, name)) is not { } found)
        {
            if (!optional)
                throw new ContainerException(ContainerException.ConfigError, $"{kind} \"{name}\" not found");
            return;
        }

        var content = new Dictionary<string, byte[]>();
        foreach (var (key, value) in found["data"] as JsonObject ?? [])
            content[key] = type == ResourceTypes.Secret ? Convert.FromBase64String((string)value!) : Encoding.UTF8.GetBytes((string)value!);
        foreach (var (key, value) in found["binaryData"] as JsonObject ?? [])
            content[key] = Convert.FromBase64String((string)value!);

        if (source["items"] is not JsonArray { Count: > 0 } items)
        {
            foreach (var (key, value) in content)
                Write(path, key, value, mode);
            return;
        }

        foreach (var item in items)
        {
            var key = (string)item!["key"]!;
            if (content.TryGetValue(key, out var value))
                Write(path, (string)item["path"]!, value, Json.SmallInteger(item["mode"]) is { } own ? (UnixFileMode)own : mode);
            else if (!optional)
                throw new ContainerException(ContainerException.ConfigError, $"references non-existent {kind} key: {key}");
        }
    }

    private void WriteFields(string path, JsonNode fields, UnixFileMode mode)
    {
        foreach (var item in fields["items"] as JsonArray ?? [])
        {
            var text = item!["fieldRef"] is { } field
                ? PodFields.Field(pod, (string)field["fieldPath"]!)
                : PodFields.Resource(pod, pod.Containers[0], item["resourceFieldRef"]!);
            Write(path, (string)item["path"]!, Encoding.UTF8.GetBytes(text), Json.SmallInteger(item["mode"]) is { } own ? (UnixFileMode)own : mode);
        }
    }

    private static UnixFileMode Mode(JsonNode source) => (UnixFileMode)(Json.SmallInteger(source["defaultMode"]) ?? 0b110_100_100);

    private static void Write(string folder, string name, byte[] content, UnixFileMode mode)
    {
        var parts = RootPath.Checked(name);
        if (parts is null or [])
            throw new ContainerException(ContainerException.CreateError, $"\"{name}\" leads out of the volume");
        var path = Path.Combine([folder, .. parts]);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.Delete(path);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite; // Nobody reads it before it has its mode.
        using (var file = new FileStream(path, options))
            file.Write(content);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, mode & (UnixFileMode)0b111_111_111);
    }
}
