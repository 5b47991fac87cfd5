namespace KubeApps;

/// <summary>
/// A service with all that it needs to run. Derive from it once, in <c>KubeApp.cs</c> beside the project; <c>dotnet publish</c> evaluates
/// it for every environment.
/// </summary>
/// <example>
/// <code>
/// public sealed class Storefront : KubeApp
/// {
///     public override void Define(KubeAppModel app)
///     {
///         var web = app.Add(new Deployment("web") { Replicas = app.Environment.Is("prod") ? 4 : 2 });
///         web.Containers.Add(new Container("web", Image.ThisProject) { Ports = { new ContainerPort("http", 8080) } });
///         app.Add(new Service("web", web) { Ports = { new ServicePort("http", 80) } });
///     }
/// }
/// </code>
/// </example>
public abstract class KubeApp
{
    /// <summary>Fills in the model of this app. Called once for each environment; must give the same model for the same input.</summary>
    /// <param name="app">The model to fill; <see cref="KubeAppModel.Environment"/> says for which environment.</param>
    public abstract void Define(KubeAppModel app);
}
