using KubeApps;

public sealed class AppClass : KubeApp
{
    public override void Define(KubeAppModel app)
    {
        var web = app.Add(new Deployment("web") { Replicas = app.Environment.Is("prod") ? 3 : 1 });
        web.Containers.Add(new Container("web", Image.ThisProject) { Ports = { new ContainerPort("http", 8080) } });
        app.Add(new Service("web", web) { Ports = { new ServicePort("http", 80) } });
    }
}
