namespace KubeApps.Sandbox.Network;

/// <summary>One port of a service. <paramref name="Name"/> is how messages call it (<c>shop/web:80</c>).</summary>
internal sealed record ServicePort(string Name, bool ExpectsHttp);
