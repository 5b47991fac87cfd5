namespace KubeApps.Sandbox.Network;

/// <summary>One port that is served. <paramref name="Name"/> is how messages call it (<c>shop/web:80</c>).</summary>
internal sealed record ServicePort(string Name, bool ExpectsHttp)
{
    /// <summary>What a client is told where nothing can answer.</summary>
    public string Nobody { get; init; } = $"No pod behind {Name} is ready to answer.";
}
