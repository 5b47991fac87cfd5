namespace KubeApps.Diagnostics;

// 3200 to 3219: the registries of AWS.
internal static partial class DiagnosticDescriptors
{
    public static readonly DiagnosticDescriptor RegistryInvalid = new(
        "KUBEAPP0094", "The property for the registry names none", "Write it without scheme and in lower case: registry.example.com/team, or ecr for the registry of the AWS account.");

    public static readonly DiagnosticDescriptor EcrRepositoryMissing = new(
        "KUBEAPP3200", "Another account's registry lacks a repository",
        "Let that account make it, with a policy that lets this one push, or let it make repositories at the first push (a repository creation template).");

    public static readonly DiagnosticDescriptor EcrTagsCanMove = new(
        "KUBEAPP3201", "Tags of a repository can be moved",
        "Make them immutable (aws ecr put-image-tag-mutability --image-tag-mutability IMMUTABLE): what a tag says of an image's content must stay true.", DiagnosticSeverity.Warning);

    public static readonly DiagnosticDescriptor EcrNotReplicated = new(
        "KUBEAPP3202", "An image is not yet everywhere where it is to be replicated",
        "Look at the registry's replication rules, and at what the other registry allows. What pulls from the registry itself has the image.", DiagnosticSeverity.Warning);

    public static readonly DiagnosticDescriptor EcrKeyDiffers = new(
        "KUBEAPP3203", "A repository is encrypted otherwise than declared",
        "Encryption is chosen when a repository is made: let images go to a new one (another prefix), or delete it after its last image is needed.", DiagnosticSeverity.Warning);

    public static readonly DiagnosticDescriptor EcrBaseNotCached = new(
        "KUBEAPP3204", "A base image does not come through the registry's cache",
        "Choose a base image of a registry that ECR can cache, or make the rule with its login (aws ecr create-pull-through-cache-rule --credential-arn).", DiagnosticSeverity.Warning);

    public static readonly DiagnosticDescriptor EcrSettingsOfOthers = new(
        "KUBEAPP3205", "Settings for ECR are not those of one's own account",
        "Publish with credentials of the registry's account, or let that account make keys, policies and rules, and leave the settings out.", DiagnosticSeverity.Warning);
}
