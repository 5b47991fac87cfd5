namespace KubeApps.Spec.Tests;

// Services, ports, ingresses and names in the DNS.
internal static partial class Mistakes
{
    private static readonly IReadOnlyList<Mistake> Network =
    [
        new("name of 64 characters", "KUBEAPP1020", "64 characters", app => app.Add(new Service(new string('a', 64), "web") { Ports = { new ServicePort("http", 80) } })),
        new("port name too long", "KUBEAPP1020", "'a-very-long-port'", app => WebContainer(app).Ports.Add(new ContainerPort("a-very-long-port", 1))),
        new("host name with an underscore", "KUBEAPP1020", "'a_b.example.com'", app => WebService(app).Ingresses.Add(new Ingress("a_b.example.com"))),
        new("two services of one name", "KUBEAPP1021", "Two services are named 'web'", app => app.Add(new Service("web", "web"))),
        new("service of an unknown workload", "KUBEAPP1022", "'wbe'", app => WebService(app).Workload = "wbe"),
        new("service port of an unknown container port", "KUBEAPP1022", "'https'", app => WebService(app).Ports.Add(new ServicePort("https", 443))),
        new("check of an unknown service", "KUBEAPP1022", "'api'", app => app.Checks.Add(Check.Http("api"))),
        new("unknown entry service", "KUBEAPP1022", "'api'", app => app.EntryService = "api"),
        new("port 0", "KUBEAPP1023", "is 0", app => WebService(app).Ports[0].Port = 0),
        new("port 65536", "KUBEAPP1023", "is 65536", app => WebContainer(app).Ports[0].Port = 65536),
        new("probe on an undeclared port", "KUBEAPP1024", "'admin'", app => WebContainer(app).LivenessProbe = Probe.Http("/", "admin")),
        new("DNS name that leads nowhere", "KUBEAPP1031", "neither load balancer nor ingress", app => WebService(app).DnsNames.Add(new DnsName("shop.example.com"))),
        new("schedule of three fields", "KUBEAPP1033", "'0 3 *'", app => Web(app.Add(new CronJob("report", "0 3 *")))),
        new("one number for two ports of a service", "KUBEAPP1023", "are both 80", app => WebService(app).Ports.Add(new ServicePort("web", 80, "http"))),
        new("one number for two containers", "KUBEAPP1023", "'admin' of 'proxy'", app => app.All<Deployment>().First().Sidecars.Add(new Container("proxy", Image.Reference("envoy")) { Ports = { new ContainerPort("admin", 8080) } })),
        new("TCP port to a UDP port", "KUBEAPP1023", "is TCP, and leads to a port that is UDP", app => { WebContainer(app).Ports.Add(new ContainerPort("syslog", 1514, PortProtocol.Udp)); WebService(app).Ports.Add(new ServicePort("syslog", 514)); }),
        new("port name with two hyphens", "KUBEAPP1020", "'a--b'", app => WebContainer(app).Ports.Add(new ContainerPort("a--b", 1))),
        new("port name without letter", "KUBEAPP1020", "'80'", app => WebContainer(app).Ports.Add(new ContainerPort("80", 80))),
        new("two ports of one name", "KUBEAPP1021", "named 'http'", app => WebContainer(app).Ports.Add(new ContainerPort("http", 81))),
        new("headless service that has an address", "KUBEAPP1031", "not a headless one", app => { Web(app.Add(new StatefulSet("set") { HeadlessService = "web" })); }),
        new("service without port", "KUBEAPP1031", "has no port", app => WebService(app).Workload = Portless(app)) { },
        new("address as host name", "KUBEAPP1020", "'10.0.0.1'", app => WebService(app).Ingresses.Add(new Ingress("10.0.0.1"))),
        new("host name with a long part", "KUBEAPP1020", "is not a host name", app => WebService(app).Ingresses.Add(new Ingress(new string('a', 64) + ".example.com"))),
        new("relative ingress path", "KUBEAPP1031", "'shop'", app => WebService(app).Ingresses.Add(new Ingress("a.example.com", "shop"))),
        new("ingress path with two slashes", "KUBEAPP1031", "'/a//b'", app => WebService(app).Ingresses.Add(new Ingress("a.example.com", "/a//b"))),
        new("one ingress twice", "KUBEAPP1021", "a.example.com/", app => WebService(app).Ingresses.AddRange([new Ingress("a.example.com"), new Ingress("a.example.com")])),
        new("ingress to an unknown port", "KUBEAPP1022", "'https'", app => WebService(app).Ingresses.Add(new Ingress("a.example.com") { Port = "https" })),
        new("ingress with an unknown secret", "KUBEAPP1022", "secret 'tls'", app => WebService(app).Ingresses.Add(new Ingress("a.example.com") { Tls = Tls.FromSecret("tls") })),
        new("issuer's certificate beside another", "KUBEAPP1031", "beside others", app => WebService(app).Ingresses.AddRange(
            [new Ingress("a.example.com") { Tls = Tls.FromIssuer("letsencrypt") }, new Ingress("b.example.com") { Tls = Tls.FromSecret(app.Add(new Secret("tls"))) }])),
        new("certificate of AWS for nginx", "KUBEAPP1031", "the class 'nginx'", app =>
        {
            WebService(app).IngressClass = "nginx";
            WebService(app).Ingresses.Add(new Ingress("a.example.com") { Tls = Tls.FromCertificate("arn:aws:acm:eu-central-1:123456789012:certificate/1") });
        }),
        new("TLS at a load balancer that is not there", "KUBEAPP1031", "TLS at its load balancer", app => WebService(app).Tls = Tls.FromCertificate("arn:aws:acm:eu-central-1:123456789012:certificate/1")),
        new("DNS name for no time", "KUBEAPP1031", "TTL below one second", app => { WebService(app).Exposure = ServiceExposure.PublicLoadBalancer; WebService(app).DnsNames.Add(new DnsName("a.example.com", TimeSpan.Zero)); }),
        new("DNS name for a fraction of a second", "KUBEAPP1031", "whole seconds", app => { WebService(app).Exposure = ServiceExposure.PublicLoadBalancer; WebService(app).DnsNames.Add(new DnsName("a.example.com", TimeSpan.FromSeconds(1.5))); }),
        new("one DNS name twice", "KUBEAPP1021", "a.example.com", app => { WebService(app).Exposure = ServiceExposure.PublicLoadBalancer; WebService(app).DnsNames.AddRange([new DnsName("a.example.com"), new DnsName("a.example.com")]); }),
        new("service port to a port of an init container", "KUBEAPP1022", "'once'", app =>
        {
            app.All<Deployment>().First().InitContainers.Add(new Container("init", Image.ThisProject) { Ports = { new ContainerPort("once", 99) } });
            WebService(app).Ports.Add(new ServicePort("once", 99));
        }),
        new("ingress to a UDP port", "KUBEAPP1023", "'statsd' of the service 'web', which is UDP", app => { Udp(app); WebService(app).Ingresses.Add(new Ingress("a.example.com") { Port = "statsd" }); }),
        new("check of a UDP port", "KUBEAPP1023", "The check 'tcp web'", app => { Udp(app); app.Checks.Add(Check.Tcp("web", "statsd")); }),
        new("two network policies of one name", "KUBEAPP1021", "Two network policies are named 'rule'", app => { app.Add(new NetworkPolicy("rule", "web")); app.Add(new NetworkPolicy("rule", "web")); }),
        new("namespace that is none", "KUBEAPP1020", "'Monitoring'", app => app.Add(new NetworkPolicy("web", "web") { FromNamespaces = { "Monitoring" } })),
        new("network policy of an unknown workload", "KUBEAPP1022", "'wbe'", app => app.Add(new NetworkPolicy("policy", "web") { FromWorkloads = { "wbe" } })),
    ];
}
