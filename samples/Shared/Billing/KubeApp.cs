using Acme.Platform;
using KubeApps;

public sealed class BillingApp() : AcmeWebApp(team: "payments")
{
    protected override void Customize(KubeAppModel app, Container web) =>
        web.Resources = new Resources { Cpu = "500m", Memory = "512Mi" };
}
