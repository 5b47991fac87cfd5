namespace KubeApps;

/// <summary>What an app consists of in one environment: plain data, filled in by <see cref="KubeApp.Define"/>.</summary>
public sealed class KubeAppModel
{
    internal KubeAppModel(DeployEnvironment environment, ProjectFacts project) => (Environment, Project) = (environment, project);

    /// <summary>The environment that this model is for.</summary>
    public DeployEnvironment Environment { get; }

    /// <summary>What the build knows about the project.</summary>
    public ProjectFacts Project { get; }
}

/// <summary>A place to deploy to, with a name.</summary>
/// <param name="name">DNS-1123 label: <c>local</c>, <c>staging</c>, <c>prod</c>.</param>
public sealed class DeployEnvironment(string name)
{
    /// <summary>The name of the environment.</summary>
    public string Name { get; } = name;

    /// <summary>Whether this environment has that name (case does not matter).</summary>
    public bool Is(string name) => string.Equals(Name, name, StringComparison.OrdinalIgnoreCase);
}

/// <summary>What the build knows about the project that the app belongs to.</summary>
public sealed record ProjectFacts
{
    /// <summary>The project's name, from which the app's default name is made: <c>Storefront</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Whether the project is a web project (Microsoft.NET.Sdk.Web): the default app then has a service and probes.</summary>
    public bool IsWeb { get; init; }
}
