namespace KubeApps.Bundles;

/// <summary>Names that rendering writes into a bundle's objects and that deploying reads: the contract between the two halves.</summary>
internal static class BundleConventions
{
    /// <summary>Phase of objects that are applied in order with all others.</summary>
    public const string MainPhase = "main";

    /// <summary>Phase of Jobs that must succeed before the rollout (migrations).</summary>
    public const string BeforePhase = "before";

    /// <summary>Phase of Jobs that a check runs: they are no part of what is applied.</summary>
    public const string CheckPhase = "check";

    /// <summary>
    /// Annotation of a Secret whose values come from the deployer's environment: a JSON object, key in the Secret → name of the variable
    /// (<c>{"password":"DB_PASSWORD"}</c>). Such a Secret has no data in the bundle and keeps its plain name there; the deployer reads the
    /// variables, gives the Secret a name with a keyed hash of its content, rewrites the references in pod templates, and drops the annotation.
    /// </summary>
    public const string FromEnvironment = "kubeapps.dev/from-environment";

    /// <summary>
    /// Annotation of a Secret whose values the deployer makes up once and keeps: a JSON array of its keys. Otherwise it is treated as
    /// <see cref="FromEnvironment"/> says.
    /// </summary>
    public const string Generated = "kubeapps.dev/generated";

    /// <summary>Annotation of a Job before the rollout, with the value <c>true</c>: the old version does not fit the data any more once it has run.</summary>
    public const string OneWay = "kubeapps.dev/one-way";

    /// <summary>Annotation of a PersistentVolumeClaim, with the value <c>true</c>: each slot has one of its own, which is deleted with it.</summary>
    public const string PerSlot = "kubeapps.dev/per-slot";

    /// <summary>Annotation of a Service or Ingress: the address at which a user reaches the app.</summary>
    public const string Url = "kubeapps.dev/url";
}
