namespace KubeApps.Sandbox.Pods.Images;

/// <summary>What a pod says in <c>image</c>: registry, repository, and a tag or a digest (the digest wins where both are given).</summary>
internal sealed record ImageReference(string Registry, string Repository, string? Tag, string? Digest)
{
    /// <summary>What the registry is asked for.</summary>
    public string Reference => Digest ?? Tag ?? "latest";

    /// <summary>Null if the text is no image reference.</summary>
    public static ImageReference? Parse(string text)
    {
        string? digest = null;
        var rest = text;
        if (rest.IndexOf('@') is var at and >= 0)
        {
            digest = rest[(at + 1)..];
            rest = rest[..at];
            if (!ImageDigest.IsValid(digest))
                return null;
        }

        string? tag = null;
        if (rest.LastIndexOf(':') is var colon and >= 0 && colon > rest.LastIndexOf('/'))
        {
            tag = rest[(colon + 1)..];
            rest = rest[..colon];
            if (tag.Length is 0 or > 128 || !tag.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '.' or '-'))
                return null;
        }

        // As Docker does: the first part is a registry only if it looks like a host.
        var slash = rest.IndexOf('/');
        var first = slash < 0 ? "" : rest[..slash];
        var hasRegistry = first.Contains('.') || first.Contains(':') || first == "localhost";
        var registry = hasRegistry ? first : "docker.io";
        var repository = hasRegistry ? rest[(slash + 1)..] : slash < 0 ? $"library/{rest}" : rest;
        return repository.Split('/').All(IsPathPart) ? new ImageReference(registry, repository, tag, digest) : null;
    }

    private static bool IsPathPart(string part) =>
        part.Length > 0 && part.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '.' or '_' or '-')
        && char.IsAsciiLetterOrDigit(part[0]) && char.IsAsciiLetterOrDigit(part[^1]);
}
