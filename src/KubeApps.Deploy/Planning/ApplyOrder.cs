using KubeApps.Deploy.Api;
using KubeApps.Deploy.Secrets;

namespace KubeApps.Deploy.Planning;

/// <summary>In what order kinds are applied: what others need comes first.</summary>
internal enum ApplyWave
{
    Namespaces,
    Definitions,

    /// <summary>What pods need before they start: configuration, what operators make Secrets of, storage, accounts and their permissions, network rules.</summary>
    Configuration,

    /// <summary>
    /// Before the workloads, as the Kubernetes documentation asks: a pod finds in its environment only those services that were there
    /// when it started.
    /// </summary>
    Services,
    Workloads,
    Rest,
}

internal static class ApplyOrder
{
    public static ApplyWave WaveOf(ObjectId id) => id.Kind switch
    {
        "Namespace" => ApplyWave.Namespaces,
        "CustomResourceDefinition" => ApplyWave.Definitions,
        "ConfigMap" or "Secret" or "PersistentVolume" or "PersistentVolumeClaim" or "StorageClass" or "ServiceAccount" or "Role" or "ClusterRole"
            or "RoleBinding" or "ClusterRoleBinding" or "NetworkPolicy" or "ResourceQuota" or "LimitRange" or "PriorityClass" => ApplyWave.Configuration,
        "Service" => ApplyWave.Services,
        "Deployment" or "StatefulSet" or "DaemonSet" or "ReplicaSet" or "Job" or "CronJob" or "Pod" => ApplyWave.Workloads,
        _ when SecretOperators.IsFor(id) => ApplyWave.Configuration,
        _ => ApplyWave.Rest,
    };

    /// <summary>
    /// The wave before which all later ones are deleted. What is for operators goes first: they need accounts and keys of the app to clean up after it.
    /// </summary>
    public static ApplyWave RemovalWaveOf(ObjectId id) => SecretOperators.IsFor(id) ? ApplyWave.Rest : WaveOf(id);

    /// <summary>Kinds whose loss cannot be undone: never pruned and never destroyed unless asked for by name.</summary>
    public static bool IsKept(string kind) => kind is "Namespace" or "PersistentVolumeClaim" or "PersistentVolume" or "CustomResourceDefinition";
}
