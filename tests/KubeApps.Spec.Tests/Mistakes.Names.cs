namespace KubeApps.Spec.Tests;

// Names, labels and annotations.
internal static partial class Mistakes
{
    private static readonly IReadOnlyList<Mistake> Names =
    [
        new("capital letters in a name", "KUBEAPP1020", "'Web'", app => app.Add(new Config("Web"))),
        new("job name without room for its hash", "KUBEAPP1020", "at most 52", app => Web(app.Add(new Job(new string('a', 53))))),
        new("key with a slash", "KUBEAPP1020", "'a/b'", app => app.Add(new Config("config") { Values = { ["a/b"] = "" } })),
        new("namespace with a capital letter", "KUBEAPP1020", "namespace name 'Shop'", app => app.Namespace = "Shop"),
        new("label with a space", "KUBEAPP1020", "'team: a b'", app => app.Labels["team"] = "a b"),
        new("variable name with a space", "KUBEAPP1020", "'a b'", app => WebContainer(app).Environment["a b"] = ""),
        new("image reference with capital letters", "KUBEAPP1020", "'Redis'", app => WebContainer(app).Image = Image.Reference("Redis")),
        new("workloads of different kinds of one name", "KUBEAPP1021", "Two workloads are named 'web'", app => Web(app.Add(new DaemonSet("web")))),
        new("two containers of one name", "KUBEAPP1021", "named 'web'", app => Web(app.All<Deployment>().First())),
        new("two mounts at one path", "KUBEAPP1021", "'/data'", app => WebContainer(app).Mounts.AddRange([Mount.EmptyDirectory("a", "/data"), Mount.EmptyDirectory("b", "/data/")])),
        new("service name that begins with a digit", "KUBEAPP1020", "does not begin with a letter", app => app.Add(new Service("1web", "web") { Ports = { new ServicePort("http", 80) } })),
        new("configuration name without room for its hash", "KUBEAPP1020", "at most 52", app => app.Add(new Config(new string('a', 53)))),
        new("name of a secret of the deploy without room for its hash", "KUBEAPP1020", "at most 52", app => app.Add(new Secret(new string('a', 53), SecretSource.Generated) { Keys = { ["a"] = "" } })),
        new("name of a secret that is too long for its volume", "KUBEAPP1020", "at most 56", app => app.Add(new Secret(new string('a', 57)))),
        new("name of a stateful set without room for its hash", "KUBEAPP1020", "at most 52", app => Web(app.Add(new StatefulSet(new string('a', 53))))),
        new("name of a cron job without room for its time", "KUBEAPP1020", "at most 52", app => Web(app.Add(new CronJob(new string('a', 53), "@daily")))),
        new("environment name of 21 characters", "KUBEAPP1020", "at most 20", _ => { }) { Environments = [new DeployEnvironment(new string('a', 21))] },
        new("two environments of one name", "KUBEAPP1021", "Two environments", _ => { }) { Environments = [new DeployEnvironment("prod"), new DeployEnvironment("Prod")] },
        new("name of a stateful set's claim", "KUBEAPP1020", "'Data'", app => { var set = app.Add(new StatefulSet("set") { Claims = { new PersistentClaim("Data", "1Gi") } }); Web(set); }),
        new("label value of 64 characters", "KUBEAPP1020", "The label 'team:", app => app.All<Deployment>().First().Labels["team"] = new string('a', 64)),
        new("label key with two slashes", "KUBEAPP1020", "'a/b/c: d'", app => WebService(app).Labels["a/b/c"] = "d"),
        new("annotation key with a space", "KUBEAPP1020", "'a b'", app => app.All<Deployment>().First().Annotations["a b"] = "c"),
        new("annotations beyond their size", "KUBEAPP1031", "bytes", app => app.All<Deployment>().First().PodAnnotations["a"] = new string('a', 256 * 1024)),
        new("node selector that is no label", "KUBEAPP1020", "'arch: a b'", app => app.All<Deployment>().First().Placement = new Placement { NodeSelector = { ["arch"] = "a b" } }),
        new("toleration that is no taint", "KUBEAPP1020", "'a b=c'", app => app.All<Deployment>().First().Placement = new Placement { Tolerations = { new Toleration("a b", "c") } }),
        new("taint that is none", "KUBEAPP1020", "'a=b c'", app => app.Add(new NodePool("pool", "m7i.large") { Taints = { new Taint("a", "b c") } })),
        new("one taint twice", "KUBEAPP1021", "Two taints", app => app.Add(new NodePool("pool", "m7i.large") { Taints = { new Taint("a", "b"), new Taint("a", "c") } })),
        new("topology spread without skew", "KUBEAPP1020", "MaxSkew of 1", app => app.All<Deployment>().First().TopologySpread.Add(new TopologySpread("topology.kubernetes.io/zone") { MaxSkew = 0 })),
        new("one topology spread twice", "KUBEAPP1021", "Two topology spreads", app => app.All<Deployment>().First().TopologySpread.AddRange([new TopologySpread("zone"), new TopologySpread("zone") { MaxSkew = 2 }])),
    ];
}
