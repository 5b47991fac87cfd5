using System.Text.Json.Nodes;
using KubeApps.Sandbox.Api;
using KubeApps.Sandbox.Objects.Defaults;

namespace KubeApps.Sandbox.Objects.Validation;

/// <summary>The rules of every kind, when an object is made and when it changes.</summary>
internal static class KindValidation
{
    public static Problems Create(ResourceType type, JsonObject value, SchemaType? schema)
    {
        var problems = new Problems();
        MetadataValidation.Check(type, value, problems, creating: true);
        Content(type, value, schema, problems);
        return problems;
    }

    public static Problems Update(ResourceType type, JsonObject before, JsonObject after, SchemaType? schema, string? subresource)
    {
        var problems = new Problems();
        MetadataValidation.Check(type, after, problems, creating: false);
        MetadataValidation.CheckUpdate(before, after, problems);
        if (subresource == "status" && schema is not { Rules: not null })
            return problems;
        Changes(type, before, after, problems);
        // Pods mostly change in their status and metadata; what their specification may change to is limited above.
        if (type is not { Group: "", Kind: "Pod" })
            Content(type, after, schema, problems);
        return problems;
    }

    private static void Content(ResourceType type, JsonObject value, SchemaType? schema, Problems problems)
    {
        if (schema is { Rules: not null })
        {
            StructuralValidation.Object(value, schema, problems);
            return;
        }

        var spec = value["spec"] as JsonObject ?? [];
        switch (type.Group, type.Kind)
        {
            case ("", "Pod"):
                PodValidation.Check("spec", spec, problems);
                break;
            case ("", "Service"):
                ServiceValidation.Service(spec, problems);
                break;
            case ("", "ConfigMap"):
                ConfigurationValidation.ConfigMap(value, problems);
                break;
            case ("", "Secret"):
                ConfigurationValidation.Secret(value, problems);
                break;
            case ("", "PersistentVolumeClaim"):
                ConfigurationValidation.Claim(spec, problems);
                break;
            case ("", "ResourceQuota"):
                ConfigurationValidation.Quota(spec, problems);
                break;
            case ("apps", "Deployment"):
                WorkloadValidation.Deployment(spec, problems);
                break;
            case ("apps", "ReplicaSet"):
                WorkloadValidation.ReplicaSet(spec, problems);
                break;
            case ("apps", "StatefulSet"):
                WorkloadValidation.StatefulSet(spec, problems);
                break;
            case ("apps", "DaemonSet"):
                WorkloadValidation.DaemonSet(spec, problems);
                break;
            case ("batch", "Job"):
                WorkloadValidation.Job("spec", spec, problems, hasSelector: true);
                break;
            case ("batch", "CronJob"):
                WorkloadValidation.CronJob(spec, problems);
                break;
            case ("autoscaling", "HorizontalPodAutoscaler"):
                WorkloadValidation.Autoscaler(spec, problems);
                break;
            case ("policy", "PodDisruptionBudget"):
                WorkloadValidation.DisruptionBudget(spec, problems);
                break;
            case ("networking.k8s.io", "Ingress"):
                ServiceValidation.Ingress(spec, problems);
                break;
            case ("coordination.k8s.io", "Lease"):
                ConfigurationValidation.Lease(spec, problems);
                break;
            case ("rbac.authorization.k8s.io", "Role" or "ClusterRole"):
                ConfigurationValidation.Rules(value, problems);
                break;
            case ("rbac.authorization.k8s.io", "RoleBinding" or "ClusterRoleBinding"):
                ConfigurationValidation.Binding(value, type.Namespaced, problems);
                break;
            case ("apiextensions.k8s.io", "CustomResourceDefinition"):
                StructuralValidation.Definition(value, problems);
                break;
        }
    }

    private static void Changes(ResourceType type, JsonObject before, JsonObject after, Problems problems)
    {
        var old = before["spec"] as JsonObject ?? [];
        var spec = after["spec"] as JsonObject ?? [];
        switch (type.Group, type.Kind)
        {
            case ("", "Pod"):
                Pod(old, spec, problems);
                break;
            case ("", "Service"):
                ServiceValidation.ServiceUpdate(old, spec, problems);
                break;
            case ("", "ConfigMap"):
                ConfigurationValidation.Frozen(before, after, problems);
                break;
            case ("", "Secret"):
                problems.Immutable("type", before["type"], after["type"]);
                ConfigurationValidation.Frozen(before, after, problems);
                break;
            case ("", "PersistentVolumeClaim"):
                ConfigurationValidation.ClaimUpdate(old, spec, problems);
                break;
            case ("apps", "Deployment" or "ReplicaSet" or "DaemonSet"):
                problems.Immutable("spec.selector", old["selector"], spec["selector"]);
                break;
            case ("apps", "StatefulSet"):
                StatefulSet(old, spec, problems);
                break;
            case ("batch", "Job"):
                foreach (var name in (ReadOnlySpan<string>)["completionMode", "selector", "manualSelector", "backoffLimitPerIndex", "managedBy"])
                    problems.Immutable($"spec.{name}", old[name], spec[name]);
                if (Json.Text(spec["completionMode"]) != "Indexed")
                    problems.Immutable("spec.completions", old["completions"], spec["completions"]);
                if (!Json.Equal(old["template"], spec["template"]))
                    problems.Add(FieldError.InvalidShown("spec.template", InternalForm.PodTemplate(spec["template"] as JsonObject ?? []), "field is immutable"));
                break;
            case ("rbac.authorization.k8s.io", "RoleBinding" or "ClusterRoleBinding"):
                problems.Immutable("roleRef", before["roleRef"], after["roleRef"], "cannot change roleRef");
                break;
            case ("apiextensions.k8s.io", "CustomResourceDefinition"):
                foreach (var name in (ReadOnlySpan<string>)["group", "scope"])
                    problems.Immutable($"spec.{name}", old[name], spec[name]);
                problems.Immutable("spec.names.kind", old["names"]?["kind"], spec["names"]?["kind"]);
                problems.Immutable("spec.names.plural", old["names"]?["plural"], spec["names"]?["plural"]);
                break;
        }
    }

    private static void Pod(JsonObject before, JsonObject after, Problems problems)
    {
        var (old, current) = ((JsonObject)before.DeepClone(), (JsonObject)after.DeepClone());
        foreach (var spec in (JsonObject[])[old, current])
        {
            foreach (var name in (ReadOnlySpan<string>)["activeDeadlineSeconds", "tolerations", "terminationGracePeriodSeconds", "schedulingGates", "ephemeralContainers"])
                spec.Remove(name);
            // Binding a pod to its node is the scheduler's write.
            if (Json.Text(before["nodeName"]) is null or "")
                spec.Remove("nodeName");
            foreach (var container in spec.Items("containers").Concat(spec.Items("initContainers")))
            {
                container.Remove("image");
                container.Remove("imagePullPolicy");
            }
        }

        if (!Json.Equal(old, current))
        {
            problems.Forbidden("spec",
                "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,"
                + "`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)");
        }
    }

    private static void StatefulSet(JsonObject before, JsonObject after, Problems problems)
    {
        var (old, current) = ((JsonObject)before.DeepClone(), (JsonObject)after.DeepClone());
        foreach (var spec in (JsonObject[])[old, current])
            foreach (var name in (ReadOnlySpan<string>)["replicas", "ordinals", "template", "updateStrategy", "revisionHistoryLimit", "persistentVolumeClaimRetentionPolicy", "minReadySeconds"])
                spec.Remove(name);
        if (!Json.Equal(old, current))
        {
            problems.Forbidden("spec",
                "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', "
                + "'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden");
        }
    }
}
