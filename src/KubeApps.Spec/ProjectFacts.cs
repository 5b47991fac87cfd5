namespace KubeApps;

/// <summary>What the build knows about the project that the app belongs to.</summary>
public sealed record ProjectFacts
{
    /// <summary>The project's name, from which the app's default name is made: <c>Storefront</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Whether the project is a web project (Microsoft.NET.Sdk.Web): the default app then has a service and probes.</summary>
    public bool IsWeb { get; init; }

    /// <summary>
    /// The project's directory, absolute: files that the specification names are relative to it, and places in diagnostics too.
    /// Never part of the model.
    /// </summary>
    public string Directory { get; init; } = "";
}
