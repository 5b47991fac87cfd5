using KubeApps;

namespace Acme.Platform;

/// <summary>How Acme runs a web app. An app says what differs, the platform team decides the rest in one place.</summary>
/// <param name="team">Who is called when it does not run.</param>
/// <param name="replicas">How many pods outside of the laptop.</param>
public abstract class AcmeWebApp(string team, int replicas = 2) : KubeApp
{
    public sealed override IReadOnlyList<DeployEnvironment> Environments =>
    [
        new("staging", Target.Context("acme-staging").WithRegistry("registry.acme.example/apps")),
        new("prod", Target.Context("acme-prod").WithRegistry("registry.acme.example/apps")),
    ];

    public sealed override void Define(KubeAppModel app)
    {
        app.UseAcmeDefaults();
        app.Labels["acme.example/team"] = team;

        var web = app.Add(new Deployment("web") { Replicas = app.Environment.Is("local") ? 1 : replicas });
        var container = new Container("web", Image.ThisProject) { Ports = { new ContainerPort("http", 8080) } };
        web.Containers.Add(container);
        app.Add(new Service("web", web) { Exposure = app.Environment.Is("local") ? ServiceExposure.Cluster : ServiceExposure.PublicLoadBalancer });
        app.Checks.Add(Check.Http("web", "/healthz"));

        Customize(app, container);
    }

    /// <summary>What this app needs beyond what all have.</summary>
    protected virtual void Customize(KubeAppModel app, Container web)
    {
    }
}
