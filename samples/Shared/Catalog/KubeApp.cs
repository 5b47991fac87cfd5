using Acme.Platform;

public sealed class CatalogApp() : AcmeWebApp(team: "merchandise", replicas: 3);
