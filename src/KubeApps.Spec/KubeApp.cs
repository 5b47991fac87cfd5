namespace KubeApps;

/// <summary>
/// A service with all that it needs to run. Derive from it once, in <c>KubeApp.cs</c> beside the project; <c>dotnet publish</c> evaluates
/// it for every environment.
/// </summary>
/// <example>
/// <code>
/// public sealed class Storefront : KubeApp
/// {
///     public override IReadOnlyList&lt;DeployEnvironment&gt; Environments =>
///     [
///         new("staging", Target.Context("staging-cluster")),
///         new("prod", Target.Eks("123456789012", "eu-central-1")),
///     ];
///
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
    /// <summary>
    /// The app's name: a DNS-1123 label of at most 40 characters. Default: the project's name in lower case, with a hyphen for each
    /// character that such a label cannot hold (<c>Shop.Web</c> becomes <c>shop-web</c>).
    /// </summary>
    public virtual string? Name => null;

    /// <summary>
    /// Where the app can be deployed to. The environment <c>local</c>, bound to the built-in sandbox, is there without being said; name it here
    /// to bind it to another target. Default: only <c>local</c>.
    /// </summary>
    public virtual IReadOnlyList<DeployEnvironment> Environments => [];

    /// <summary>Fills in the model of this app. Called once for each environment; must give the same model for the same input.</summary>
    /// <param name="app">The model to fill; <see cref="KubeAppModel.Environment"/> says for which environment.</param>
    public abstract void Define(KubeAppModel app);
}
