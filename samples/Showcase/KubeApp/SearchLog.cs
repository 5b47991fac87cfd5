using KubeApps;

// What people searched for, sent over UDP: a slow collector never slows down a search.
public sealed partial class SearchApp
{
    private static Deployment AddSearchLog(KubeAppModel app, Deployment api)
    {
        var settings = app.Add(new Config("search-log") { Files = { "config/vector.yaml" } });
        // What is not sent on yet. Where two versions stand beside each other (--strategy bluegreen), each has a disk of its own.
        var files = app.Add(new PersistentClaim("search-log", "5Gi") { Access = ClaimAccess.ReadWriteOncePod, PerSlot = true });
        var collector = app.Add(new Deployment("search-log")
        {
            // One pod alone can use the disk: the old one ends before the new one starts.
            Recreate = true,
            Labels = { ["example.com/team"] = "privacy" },
            Annotations = { ["example.com/data"] = "personal" },
            Security = new PodSecurity { RunAsUser = 10001, RunAsGroup = 10001, FsGroup = 10001 },
        });
        collector.Containers.Add(new Container("vector", Image.Reference("docker.io/timberio/vector:0.41.1-distroless-static"))
        {
            Command = { "/usr/bin/vector" },
            Args = { "--config", "/etc/vector/vector.yaml" },
            Ports = { new ContainerPort("syslog", 5514, PortProtocol.Udp), new ContainerPort("state", 8686) },
            Mounts =
            {
                Mount.Config(settings, "/etc/vector/vector.yaml", key: "vector.yaml"),
                Mount.Claim(files, "/var/lib/vector"),
            },
            // A probe cannot ask over UDP. The collector says that it is well before it has opened its files: twice is enough.
            ReadinessProbe = Probe.Http("/health", "state") with { InitialDelay = TimeSpan.FromSeconds(2), SuccessThreshold = 2 },
            // Nobody who sends over UDP has a connection that could be ended gently.
            PreStop = PreStop.None,
        });
        app.Add(new Service("search-log", collector) { Ports = { new ServicePort("syslog", 514) { Protocol = PortProtocol.Udp } } });
        api.Containers[0].Environment["SEARCH_LOG"] = "search-log:514";
        return collector;
    }
}
