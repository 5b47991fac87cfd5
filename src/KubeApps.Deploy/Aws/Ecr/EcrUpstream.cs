namespace KubeApps.Deploy.Aws.Ecr;

/// <summary>The registry that a base image comes from, as ECR's cache calls it. Pure.</summary>
/// <param name="Url">What a rule names.</param>
/// <param name="Path">The image there, with its tag or digest.</param>
internal sealed record EcrUpstream(string Url, string Path)
{
    // Those that ECR reads without a login, with the prefixes that AWS itself proposes.
    // https://docs.aws.amazon.com/AmazonECR/latest/userguide/pull-through-cache-creating-rule.html
    private static readonly Dictionary<string, CreatePullThroughCacheRuleRequest> Open = new()
    {
        ["public.ecr.aws"] = new("ecr-public", "public.ecr.aws") { UpstreamRegistry = "ecr-public" },
        ["registry.k8s.io"] = new("kubernetes", "registry.k8s.io") { UpstreamRegistry = "k8s" },
        ["quay.io"] = new("quay", "quay.io") { UpstreamRegistry = "quay" },
    };

    /// <summary>The rule that can be made for it; null where ECR wants a login, or cannot cache it.</summary>
    public CreatePullThroughCacheRuleRequest? NewRule => Open.GetValueOrDefault(Url);

    /// <summary>An image's name as docker and the SDK read it: without a host it is one of Docker Hub.</summary>
    public static EcrUpstream Parse(string image)
    {
        var slash = image.IndexOf('/', StringComparison.Ordinal);
        var first = slash < 0 ? "" : image[..slash];
        var (host, path) = first.Contains('.', StringComparison.Ordinal) || first.Contains(':', StringComparison.Ordinal) || first == "localhost" ? (first, image[(slash + 1)..]) : ("docker.io", image);
        if (host is not ("docker.io" or "index.docker.io" or "registry-1.docker.io"))
            return new(host, path);
        return new("registry-1.docker.io", path.Contains('/', StringComparison.Ordinal) ? path : $"library/{path}");
    }

    /// <summary>Where the image is in the registry that has a rule; null where the rule is for another registry.</summary>
    public string? Through(PullThroughCacheRule rule) => Host(rule.UpstreamRegistryUrl) != Url ? null
        // What AWS calls a rule for all repositories that no other rule is for.
        : rule.EcrRepositoryPrefix == "ROOT" ? Path
        : $"{rule.EcrRepositoryPrefix}/{Path}";

    private static string Host(string url) => (url.IndexOf("://", StringComparison.Ordinal) is >= 0 and var scheme ? url[(scheme + 3)..] : url).TrimEnd('/');
}
