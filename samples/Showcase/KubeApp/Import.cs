using k8s.Models;
using KubeApps;

// The nightly import, and plain Kubernetes beside the specification.
public sealed partial class SearchApp
{
    /// <summary>Every night the catalog is read from its bucket. The account may remember in a ConfigMap how far the import came.</summary>
    private static CronJob AddImport(KubeAppModel app, Secret credentials)
    {
        var account = app.Add(new ServiceAccount("import")
        {
            Rules = { new AccessRule(["configmaps"], ["get", "update", "patch"]) { ResourceNames = ["import-progress"] } },
            CloudRole = app.Environment.Is("prod") ? "arn:aws:iam::123456789012:role/search-import" : null,
            Annotations = { ["example.com/owner"] = "search" },
        });
        // Whoever deploys has it in the environment; the Secret is made of it, and its values are in no file but the one in the pod.
        var channel = app.Add(new Secret("channel", SecretSource.Environment) { Keys = { ["address"] = "SEARCH_CHANNEL" } });
        var import = app.Add(new CronJob("import", "30 2 * * *")
        {
            TimeZone = "Europe/Berlin",
            // A run that hangs gives way to that of the next night.
            Concurrency = CronConcurrency.Replace,
            // In staging only by hand: kubectl create job --from=cronjob/import.
            Suspend = app.Environment.Is("staging"),
            Retries = 2,
            TimeLimit = TimeSpan.FromHours(2),
            ServiceAccount = account,
        });
        import.Containers.Add(new Container("import", Image.ThisProject)
        {
            Args = { "import" },
            Environment = { ["SEARCH_INDEX"] = "http://index-pods:9200", ["SEARCH_INDEX_PASSWORD"] = credentials.Key("password"), ["SEARCH_CHANNEL_FILE"] = "/app/channel/address" },
            Mounts = { Mount.Secret(channel, "/app/channel"), Mount.EmptyDirectory("changes", "/app/changes", "64Mi", inMemory: true) },
        });

        // A patch through a typed model: the compiler knows the field and its type. A run that is an hour late is left out.
        app.Patch<V1CronJob>(import).Set(job => job.Spec.StartingDeadlineSeconds, 3600);
        return import;
    }

    /// <summary>Brings the index to the fields of this version before its first pod starts. Older versions cannot read it any more: no rollback goes back past this.</summary>
    private static Job AddMapping(KubeAppModel app, Secret credentials)
    {
        var mapping = app.Add(new Job("mapping") { BeforeRollout = true, IsOneWay = true });
        mapping.Containers.Add(new Container("mapping", Image.ThisProject)
        {
            Args = { "mapping" },
            Environment = { ["SEARCH_INDEX"] = "http://index-pods:9200", ["SEARCH_INDEX_PASSWORD"] = credentials.Key("password") },
        });
        return mapping;
    }

    /// <summary>As files, as templates, as text, as objects.</summary>
    private static void AddKubernetesObjects(KubeAppModel app)
    {
        app.AddManifests("k8s/*.yaml");
        app.AddManifests("k8s/*.yaml.sbn");
        app.AddYaml("""
            # Whatever goes wrong, the namespace does not grow without end.
            apiVersion: v1
            kind: ResourceQuota
            metadata:
              name: pods
            spec:
              hard:
                pods: "30"
            """);
        app.AddObject(new V1ConfigMap { ApiVersion = "v1", Kind = "ConfigMap", Metadata = new V1ObjectMeta { Name = "import-progress" } });
    }
}
