using System.Runtime.CompilerServices;
using System.Text.Json.Serialization;

namespace KubeApps;

/// <summary>As whom pods speak to the Kubernetes API and to the cloud.</summary>
/// <seealso href="https://kubernetes.io/docs/concepts/security/service-accounts/"/>
/// <example>
/// <code>
/// web.ServiceAccount = app.Add(new ServiceAccount("web")
/// {
///     Rules = { new AccessRule(["configmaps"], ["get", "list"]) },
///     CloudRole = "arn:aws:iam::123456789012:role/storefront",
/// });
/// </code>
/// </example>
public sealed class ServiceAccount : AppPart
{
    [JsonConstructor]
    internal ServiceAccount()
    {
    }

    /// <summary>A service account.</summary>
    /// <param name="name">Its name: a DNS-1123 label.</param>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    public ServiceAccount(string name, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
        : base(name, file, line)
    {
    }

    /// <summary>
    /// What it may do in the app's namespace: a Role and a RoleBinding of the same name. Its token is mounted only when there are rules.
    /// </summary>
    public List<AccessRule> Rules { get; set; } = [];

    /// <summary>The ARN of the IAM role that its pods have (IAM roles for service accounts). Default: none.</summary>
    /// <seealso href="https://docs.aws.amazon.com/eks/latest/userguide/iam-roles-for-service-accounts.html"/>
    public string? CloudRole { get; set; }

    /// <summary>Annotations.</summary>
    public Dictionary<string, string> Annotations { get; set; } = [];
}

/// <summary>Verbs on resources of the Kubernetes API.</summary>
/// <seealso href="https://kubernetes.io/docs/reference/access-authn-authz/rbac/"/>
public sealed class AccessRule
{
    [JsonConstructor]
    internal AccessRule()
    {
    }

    /// <summary>A rule.</summary>
    /// <param name="resources">In the plural: <c>configmaps</c>, <c>pods/log</c>.</param>
    /// <param name="verbs">
    /// <c>get</c>, <c>list</c>, <c>watch</c>, <c>create</c>, <c>update</c>, <c>patch</c>, <c>delete</c>, <c>deletecollection</c>, <c>*</c>, and the special ones
    /// (<c>use</c>, <c>bind</c>, <c>escalate</c>, <c>impersonate</c>, <c>approve</c>, <c>sign</c>, <c>attest</c>). Others are refused, for they never match.
    /// </param>
    /// <param name="apiGroups">Default: the core group.</param>
    public AccessRule(List<string> resources, List<string> verbs, List<string>? apiGroups = null) =>
        (Resources, Verbs, ApiGroups) = (resources, verbs, apiGroups ?? [""]);

    /// <summary>The API groups; <c>""</c> is the core group.</summary>
    public List<string> ApiGroups { get; set; } = [];

    /// <summary>The resources, in the plural.</summary>
    public List<string> Resources { get; set; } = [];

    /// <summary>The verbs.</summary>
    public List<string> Verbs { get; set; } = [];

    /// <summary>Only the resources of these names. Default: all. Not possible with the verb <c>create</c>: what is created has no name yet.</summary>
    public List<string> ResourceNames { get; set; } = [];
}
