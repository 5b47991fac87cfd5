namespace KubeApps.Deploy.Preflight;

/// <summary>Something that a role must allow: a verb on a resource, in a namespace or (null) everywhere.</summary>
/// <param name="Verb">The verb.</param>
/// <param name="Group">The API group.</param>
/// <param name="Resource">The plural, with the subresource: <c>pods/log</c>.</param>
/// <param name="Namespace">The namespace.</param>
internal sealed record Permission(string Verb, string Group, string Resource, string? Namespace)
{
    /// <summary>The objects it is about; none: all of them, or not known yet.</summary>
    public IReadOnlyList<string> Names { get; init; } = [];

    /// <summary>Without the names: what makes two of them one question.</summary>
    public (string Verb, string Group, string Resource, string? Namespace) Subject => (Verb, Group, Resource, Namespace);

    /// <summary>Whether a role can allow it for single objects: nobody knows the name of what a list shows.</summary>
    public bool CanBeNamed => Names.Count > 0 && Verb is not ("create" or "list" or "watch");
}
