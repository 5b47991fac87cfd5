using System.Text.Json.Nodes;

namespace KubeApps.Sandbox.Objects.Defaults;

/// <summary>Defaults of pod specifications, in pods and in templates.</summary>
internal static class PodDefaults
{
    private const int ReadableByAll = 420;

    /// <summary>Of a <c>template</c> with metadata and spec.</summary>
    public static void Template(JsonObject? template)
    {
        if (template is null)
            return;
        template.Ensure("metadata");
        Spec(template.Ensure("spec"));
    }

    public static void Spec(JsonObject spec)
    {
        spec.Default("restartPolicy", "Always");
        spec.Default("terminationGracePeriodSeconds", 30);
        spec.Default("dnsPolicy", "ClusterFirst");
        spec.Ensure("securityContext");
        spec.Default("schedulerName", "default-scheduler");
        // The old name of the field is always kept equal.
        if (spec["serviceAccountName"] is null && spec["serviceAccount"] is { } old)
            spec["serviceAccountName"] = old.DeepClone();
        if (spec["serviceAccountName"] is { } account)
            spec["serviceAccount"] = account.DeepClone();

        var hostNetwork = Json.Boolean(spec["hostNetwork"]) == true;
        foreach (var container in spec.Items("initContainers").Concat(spec.Items("containers")).Concat(spec.Items("ephemeralContainers")))
            Container(container, hostNetwork);
        foreach (var volume in spec.Items("volumes"))
            Volume(volume);
    }

    /// <summary>What only pods get, and templates do not.</summary>
    public static void Pod(JsonObject spec)
    {
        spec.Default("enableServiceLinks", true);
        foreach (var container in spec.Items("initContainers").Concat(spec.Items("containers")))
        {
            if (container["resources"]?["limits"] is not JsonObject limits)
                continue;
            var requests = container.Ensure("resources").Ensure("requests");
            foreach (var (resource, amount) in limits)
                if (requests[resource] is null)
                    requests[resource] = amount?.DeepClone();
        }
    }

    private static void Container(JsonObject container, bool hostNetwork)
    {
        container.Ensure("resources");
        container.Default("terminationMessagePath", "/dev/termination-log");
        container.Default("terminationMessagePolicy", "File");
        container.Default("imagePullPolicy", IsLatest(Json.Text(container["image"]) ?? "") ? "Always" : "IfNotPresent");
        foreach (var port in container.Items("ports"))
        {
            port.Default("protocol", "TCP");
            if (hostNetwork && Json.Integer(port["hostPort"]) is null or 0 && port["containerPort"] is { } number)
                port["hostPort"] = number.DeepClone();
        }

        foreach (var variable in container.Items("env"))
            if (variable["valueFrom"]?["fieldRef"] is JsonObject field)
                field.Default("apiVersion", "v1");
        foreach (var name in (ReadOnlySpan<string>)["startupProbe", "readinessProbe", "livenessProbe"])
            if (container[name] is JsonObject probe)
                Probe(probe);
        if (container["lifecycle"] is JsonObject lifecycle)
            foreach (var (_, hook) in lifecycle)
                if (hook is JsonObject handler)
                    HttpGet(handler);
    }

    private static void Probe(JsonObject probe)
    {
        probe.Default("timeoutSeconds", 1);
        probe.Default("periodSeconds", 10);
        probe.Default("successThreshold", 1);
        probe.Default("failureThreshold", 3);
        HttpGet(probe);
        if (probe["grpc"] is JsonObject grpc)
            grpc.Default("service", "");
    }

    private static void HttpGet(JsonObject handler)
    {
        if (handler["httpGet"] is not JsonObject get)
            return;
        get.Default("path", "/");
        get.Default("scheme", "HTTP");
    }

    private static void Volume(JsonObject volume)
    {
        if (volume.Count == 1 && volume.ContainsKey("name"))
            volume["emptyDir"] = new JsonObject();
        foreach (var name in (ReadOnlySpan<string>)["secret", "configMap", "downwardAPI", "projected"])
            if (volume[name] is JsonObject source)
                source.Default("defaultMode", ReadableByAll);
        if (volume["hostPath"] is JsonObject path)
            path.Default("type", "");
        if (volume["downwardAPI"] is JsonObject downward)
            FieldReferences(downward);
        if (volume["projected"] is JsonObject projected)
        {
            foreach (var source in projected.Items("sources"))
            {
                if (source["serviceAccountToken"] is JsonObject token)
                    token.Default("expirationSeconds", 3600);
                if (source["downwardAPI"] is JsonObject fields)
                    FieldReferences(fields);
            }
        }

        if (volume["ephemeral"]?["volumeClaimTemplate"] is JsonObject claim)
            claim.Ensure("spec").Default("volumeMode", "Filesystem");
        if (volume["image"] is JsonObject image)
            image.Default("pullPolicy", IsLatest(Json.Text(image["reference"]) ?? "") ? "Always" : "IfNotPresent");
    }

    private static void FieldReferences(JsonObject source)
    {
        foreach (var item in source.Items("items"))
            if (item["fieldRef"] is JsonObject field)
                field.Default("apiVersion", "v1");
    }

    /// <summary>Whether an image reference means "latest": by that tag, or by neither tag nor digest.</summary>
    private static bool IsLatest(string image)
    {
        var digest = image.IndexOf('@');
        var named = digest < 0 ? image : image[..digest];
        var colon = named.IndexOf(':', named.LastIndexOf('/') + 1);
        return colon < 0 ? digest < 0 : named[(colon + 1)..] == "latest";
    }
}
