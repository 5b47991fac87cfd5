namespace KubeApps.Sandbox.Api.Http;

/// <summary>The parts of <c>/apis/GROUP/VERSION/namespaces/NS/PLURAL/NAME/SUBRESOURCE</c>; those that a path lacks are null.</summary>
internal sealed record ResourcePath(string Group, string Version, string? Namespace, string Plural, string? Name, string? Subresource)
{
    /// <summary>Reads what follows <c>/api/VERSION</c> or <c>/apis/GROUP/VERSION</c>.</summary>
    public static ResourcePath Parse(string group, string version, ReadOnlySpan<string> rest)
    {
        string? ns = null;
        // "namespaces/x/status" is about the namespace itself, "namespaces/x/pods" about what is in it.
        if (rest.Length > 2 && rest[0] == "namespaces" && rest[2] is not ("status" or "finalize"))
        {
            ns = rest[1];
            rest = rest[2..];
        }

        return new ResourcePath(group, version, ns, rest[0], rest.Length > 1 ? rest[1] : null, rest.Length > 2 ? string.Join('/', rest[2..]) : null);
    }
}
