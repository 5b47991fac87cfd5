using KubeApps.Bundles;
using KubeApps.Deploy.Planning;

namespace KubeApps.Deploy.Tests.Planning;

/// <summary>A version of an app of which everything may come and go.</summary>
/// <param name="Number">What tells its pods from those of another version.</param>
internal sealed record SlotVersion(int Number)
{
    /// <summary>Pods of the Deployment <c>web</c>; null leaves it to its autoscaler.</summary>
    public int? Replicas { get; init; } = 2;

    /// <summary>A second Deployment with a Service of its own.</summary>
    public bool HasWorker { get; init; }

    /// <summary>Another Service of the first Deployment.</summary>
    public bool HasAdmin { get; init; }

    /// <summary>A StatefulSet with its Service and its volume claim, and a Service of pods that are not the app's.</summary>
    public bool HasData { get; init; }

    /// <summary>An Ingress, and a Service with an address outside.</summary>
    public bool IsPublic { get; init; }

    public bool HasMigration { get; init; }

    public bool HasBudget { get; init; }

    /// <summary>A claim of which each slot has one of its own.</summary>
    public bool HasCache { get; init; }

    public bool IsChecked { get; init; }

    public Release Release => SlotModel.ReleaseOf([.. Objects], IsChecked ? [new BundleCheck("http", "answers", TimeSpan.FromSeconds(30)) { Service = "web", Path = "/" }] : []);

    private IEnumerable<ReleaseObject> Objects
    {
        get
        {
            yield return Of("v1", "ConfigMap", $"settings-{Number}", "{}");
            yield return Service("web", "web", IsPublic ? "LoadBalancer" : null);
            yield return Deployment("web", Replicas);
            if (Replicas is null)
                yield return Of("autoscaling/v2", "HorizontalPodAutoscaler", "web", """{"scaleTargetRef":{"apiVersion":"apps/v1","kind":"Deployment","name":"web"},"maxReplicas":5}""");
            if (HasBudget)
                yield return Of("policy/v1", "PodDisruptionBudget", "web", """{"selector":{"matchLabels":{"app":"web"} },"maxUnavailable":1}""");
            if (HasCache)
                yield return Tests.Objects.Parse("""
                    {"apiVersion":"v1","kind":"PersistentVolumeClaim","metadata":{"name":"pages","namespace":"shop","annotations":{"kubeapps.dev/per-slot":"true"} },
                     "spec":{"selector":{"matchLabels":{"disk":"fast"} } } }
                    """);
            if (HasAdmin)
                yield return Service("admin", "web");
            if (IsPublic)
                yield return Of("networking.k8s.io/v1", "Ingress", "web", """{"rules":[{"host":"shop.example","http":{"paths":[{"path":"/","backend":{"service":{"name":"web"} } }]} }]}""");
            if (HasWorker)
            {
                yield return Service("worker", "worker");
                yield return Deployment("worker", 1);
            }

            if (HasData)
            {
                yield return Service("db", "db");
                yield return Service("elsewhere", "not-ours");
                yield return Of("v1", "PersistentVolumeClaim", "data", "{}");
                yield return Of("apps/v1", "StatefulSet", "db", $$$"""{"template":{"metadata":{"labels":{"app":"db"} },"spec":{"version":{{{Number}}} } } }""");
            }

            if (HasMigration)
                yield return Of("batch/v1", "Job", $"migrate-{Number}", "{}", "before");
        }
    }

    private string Volumes => HasCache
        ? """ "volumes":[{"name":"pages","persistentVolumeClaim":{"claimName":"pages"} },{"name":"data","persistentVolumeClaim":{"claimName":"data"} }],"""
        : "";

    private ReleaseObject Deployment(string name, int? replicas) => Of("apps/v1", "Deployment", name, $$$"""
        {{{{(replicas is null ? "" : $"\"replicas\":{replicas},")}}}"selector":{"matchLabels":{"app":"{{{name}}}"} },
         "template":{"metadata":{"labels":{"app":"{{{name}}}"} },"spec":{{{{(name == "web" ? Volumes : "")}}}"containers":[{"name":"{{{name}}}","image":"{{{name}}}@sha256:{{{Number}}}"}]} } }
        """);

    private static ReleaseObject Service(string name, string app, string? type = null) => Of("v1", "Service", name, $$$"""
        {{{{(type is null ? "" : $"\"type\":\"{type}\",")}}}"selector":{"app":"{{{app}}}"},"ports":[{"port":80}]}
        """);

    private static ReleaseObject Of(string apiVersion, string kind, string name, string spec, string phase = "main") => Tests.Objects.Parse(
        $$$"""{"apiVersion":"{{{apiVersion}}}","kind":"{{{kind}}}","metadata":{"name":"{{{name}}}","namespace":"shop"},"spec":{{{spec}}} }""", phase);
}
