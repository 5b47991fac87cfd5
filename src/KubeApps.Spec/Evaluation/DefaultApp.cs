namespace KubeApps;

/// <summary>
/// The app of a web project that has no specification: one deployment and one service, both named <c>web</c>; the container listens on 8080, as
/// the .NET images do, and is ready when that port accepts connections (a plain web project has no health endpoint to ask).
/// </summary>
internal static class DefaultApp
{
    public static void Define(KubeAppModel app)
    {
        var web = app.Add(new Deployment("web"));
        web.Containers.Add(new Container("web", Image.ThisProject) { Ports = { new ContainerPort("http", 8080) } });
        app.Add(new Service("web", web) { Ports = { new ServicePort("http", 80) } });
    }
}
