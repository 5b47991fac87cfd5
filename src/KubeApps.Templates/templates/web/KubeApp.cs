using KubeApps;

// What this app needs to run. It is evaluated by 'dotnet publish' and is no part of the app itself.
public sealed class WebApp : KubeApp
{
    public override void Define(KubeAppModel app)
    {
        var web = app.Add(new Deployment("web") { Replicas = app.Environment.Is("prod") ? 3 : 1 });
        web.Containers.Add(new Container("web", Image.ThisProject)
        {
            Ports = { new ContainerPort("http", 8080) },
            ReadinessProbe = Probe.Http("/healthz", "http"),
        });
        app.Add(new Service("web", web) { Ports = { new ServicePort("http", 80) } });
    }
}
