using System.Runtime.CompilerServices;
using KubeApps.Diagnostics;

namespace KubeApps.Spec.Tests;

/// <summary>Everything that can be wrong in a specification: one mistake each in an app that is right otherwise.</summary>
internal static partial class Mistakes
{
    public static IReadOnlyList<Mistake> All => [.. Names, .. Pods, .. Workloads, .. Network, .. Secrets];

    public static (SpecDocument? Document, IReadOnlyList<Diagnostic> Diagnostics) Evaluate(Action<KubeAppModel> make, params IReadOnlyList<DeployEnvironment> environments) =>
        Evaluate(make, Path.GetDirectoryName(ThisFile())!, environments);

    public static (SpecDocument? Document, IReadOnlyList<Diagnostic> Diagnostics) Evaluate(
        Action<KubeAppModel> make, string directory, params IReadOnlyList<DeployEnvironment> environments) =>
        SpecEvaluation.Evaluate(new WebApp(make, environments), new ProjectFacts { Name = "Shop", IsWeb = true, Directory = directory });

    public static void Web(Workload workload, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0) =>
        workload.Containers.Add(new Container("web", Image.ThisProject, file, line));

    public static Container WebContainer(KubeAppModel app) => app.All<Deployment>().First().Containers[0];

    public static Service WebService(KubeAppModel app) => app.All<Service>().First();

    public static Deployment Scale(KubeAppModel app, int? replicas)
    {
        var web = app.All<Deployment>().First();
        web.Replicas = replicas;
        return web;
    }

    private static void Udp(KubeAppModel app)
    {
        WebContainer(app).Ports.Add(new ContainerPort("statsd", 9125, PortProtocol.Udp));
        WebService(app).Ports.Add(new ServicePort("statsd", 9125) { Protocol = PortProtocol.Udp });
    }

    private static string Portless(KubeAppModel app)
    {
        WebService(app).Ports.Clear();
        var worker = app.Add(new Deployment("worker"));
        Web(worker);
        return worker;
    }

    private static string ThisFile([CallerFilePath] string file = "") => file;

    /// <summary>A good app, with one mistake.</summary>
    private sealed class WebApp(Action<KubeAppModel> make, IReadOnlyList<DeployEnvironment> environments) : KubeApp
    {
        public override IReadOnlyList<DeployEnvironment> Environments => environments;

        public override void Define(KubeAppModel app)
        {
            var web = app.Add(new Deployment("web"));
            web.Containers.Add(new Container("web", Image.ThisProject) { Ports = { new ContainerPort("http", 8080) } });
            app.Add(new Service("web", web) { Ports = { new ServicePort("http", 80) } });
            make(app);
        }
    }
}

/// <summary>One mistake, and how it is said.</summary>
internal sealed record Mistake(
    string Name, string Code, string Says, Action<KubeAppModel> Make, [CallerFilePath] string File = "", [CallerLineNumber] int Line = 0)
{
    public IReadOnlyList<DeployEnvironment> Environments { get; init; } = [];
}
