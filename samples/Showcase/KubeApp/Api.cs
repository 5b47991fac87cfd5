using KubeApps;

// The API, and how it is reached.
public sealed partial class SearchApp
{
    private static Deployment AddApi(KubeAppModel app)
    {
        var isLocal = app.Environment.Is("local");
        var settings = app.Add(new Config("settings") { Values = { ["SEARCH_PAGE_SIZE"] = "20", ["SEARCH_LANGUAGE"] = "en" } });
        var api = app.Add(new Deployment("api")
        {
            Replicas = isLocal ? 1 : 3,
            DisruptionBudget = isLocal ? null : new DisruptionBudget { MinAvailable = "60%" },
            // On a cluster two of three can do the work for a minute.
            MaxSurge = 1,
            MaxUnavailable = isLocal ? 0 : 1,
            MinReady = TimeSpan.FromSeconds(isLocal ? 0 : 10),
            ProgressDeadline = TimeSpan.FromMinutes(5),
            RevisionHistory = 3,
        });

        // Written once by the init container before the API starts, read by the API: both see the same empty directory.
        api.InitContainers.Add(new Container("synonyms", Image.ThisProject)
        {
            Args = { "synonyms" },
            Environment = { ["SEARCH_LANGUAGE"] = settings.Key("SEARCH_LANGUAGE") },
            Mounts = { Mount.EmptyDirectory("synonyms", "/app/synonyms", "16Mi") },
        });
        api.Containers.Add(new Container("api", Image.ThisProject)
        {
            Ports = { new ContainerPort("http", 8080) },
            EnvironmentFrom = { settings },
            Mounts = { Mount.EmptyDirectory("synonyms", "/app/synonyms", "16Mi") },
            // Asked often until it has started, then every ten seconds whether it can take requests.
            StartupProbe = Probe.Http("/healthz") with { Period = TimeSpan.FromSeconds(1), FailureThreshold = 60 },
            ReadinessProbe = Probe.Http("/healthz") with { Timeout = TimeSpan.FromSeconds(3) },
        });
        app.Add(new Service("api", api));
        return api;
    }

    private static void Publish(KubeAppModel app, Deployment api)
    {
        // A sidecar in the pod: recent answers, one connection away on 127.0.0.1. The image names its user, Kubernetes wants a number.
        api.Sidecars.Add(new Container("cache", Image.Reference("docker.io/library/memcached:1.6-alpine"))
        {
            Args = { "--listen=127.0.0.1", "--memory-limit=64" },
            Resources = new Resources { Cpu = "50m", CpuLimit = "500m", Memory = "96Mi", MemoryLimit = "128Mi" },
            Security = new ContainerSecurity { RunAsUser = 11211 },
        });
        var container = api.Containers[0];
        container.Environment["SEARCH_INDEX"] = "http://index-pods:9200";
        container.Environment["SEARCH_CACHE"] = "127.0.0.1:11211";
        // The load balancers of AWS take a while to hear that a pod ends.
        container.PreStop = PreStop.Sleep(TimeSpan.FromSeconds(15));
        // While a zone is down, another may hold two pods more.
        api.TopologySpread.Add(new TopologySpread("topology.kubernetes.io/zone") { MaxSkew = 2 });

        // For everybody: of all paths only these two.
        var isProduction = app.Environment.Is("prod");
        var host = isProduction ? "search.example.com" : $"search-{app.Environment.Name}.example.com";
        var tls = isProduction
            ? Tls.FromCertificate("arn:aws:acm:eu-central-1:123456789012:certificate/6a1f2c1e-0000-4000-8000-000000000000")
            : Tls.FromIssuer("letsencrypt");
        var service = app.All<Service>().Single(service => service.Name == "api");
        service.Ingresses.Add(new Ingress(host, "/search") { Tls = tls });
        service.Ingresses.Add(new Ingress(host, "/healthz") { PathType = IngressPathType.Exact, Tls = tls });
        service.DnsNames.Add(new DnsName(host, TimeSpan.FromMinutes(5)));
        app.EntryService = service;

        // For the other teams: a load balancer of the private network in production, elsewhere the ingress controller inside, whose certificate is there.
        var inside = app.Add(new Service("internal", api)
        {
            Ports = { new ServicePort("https", 443, "http") },
            Labels = { ["example.com/catalogue"] = "listed" },
            Annotations = { ["example.com/documentation"] = "https://wiki.example.com/search" },
        });
        if (isProduction)
        {
            inside.Exposure = ServiceExposure.InternalLoadBalancer;
            inside.Tls = tls;
            inside.DnsNames.Add(new DnsName("search.internal.example.com"));
        }
        else
        {
            inside.IngressClass = "nginx-internal";
            inside.Ingresses.Add(new Ingress("search.internal.example.com") { Port = "https", Tls = Tls.FromSecret(app.Add(new Secret("internal-tls"))) });
        }

        // Where the deploy runs, once the name leads to this version.
        app.Checks.Add(Check.Run(["curl", "--fail", "--silent", "--show-error", $"https://{host}/healthz"]));
    }
}
