namespace KubeApps;

/// <summary>
/// How the registry of an AWS account (ECR) keeps the app's images. Repositories are made at the first push; what can be changed later is brought to what
/// stands here by each publish.
/// </summary>
/// <example><code>Target.Eks("123456789012", "eu-central-1").WithEcr(new EcrSettings { PullAccounts = { "210987654321" }, CacheBaseImages = true })</code></example>
public sealed class EcrSettings
{
    /// <summary>
    /// The key of KMS that new repositories are encrypted with: an ARN, an id or an alias. A repository that is there keeps its encryption. Default: a key that ECR keeps.
    /// </summary>
    public string? KmsKey { get; set; }

    /// <summary>The accounts that may pull the app's images besides its own: 12 digits each. Others lose what was granted to them here.</summary>
    public List<string> PullAccounts { get; set; } = [];

    /// <summary>The regions that the app's images are replicated to, in the same account: <c>us-east-1</c>. A rule of the registry is made where it lacks one, and never removed.</summary>
    public List<string> ReplicaRegions { get; set; } = [];

    /// <summary>
    /// Whether base images of projects and Dockerfiles are pulled through the registry's cache. Rules for ECR Public, quay.io and registry.k8s.io are made where they are missing;
    /// those for registries that want a login must be there. Microsoft's registry cannot be cached by ECR.
    /// </summary>
    public bool CacheBaseImages { get; set; }
}
