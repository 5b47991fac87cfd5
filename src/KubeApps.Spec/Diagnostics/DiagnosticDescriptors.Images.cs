namespace KubeApps.Diagnostics;

internal static partial class DiagnosticDescriptors
{
    public static readonly DiagnosticDescriptor RegistryUnreachable = new(
        "KUBEAPP3001", "The image registry cannot be reached", "Check its address, the network and that it runs. Nothing was built or changed.");

    public static readonly DiagnosticDescriptor RegistryRefused = new(
        "KUBEAPP3002", "The image registry refuses access", "Log in with 'docker login REGISTRY', and check that this user may pull and push there.");

    public static readonly DiagnosticDescriptor RegistryNotOne = new(
        "KUBEAPP3003", "What answers at the registry's address does not speak the registry protocol",
        "Check the address: it must be one of an OCI distribution registry.");

    public static readonly DiagnosticDescriptor RegistryNotChosen = new(
        "KUBEAPP3004", "There is no registry to push images to", "Name one in KubeApp.cs: Target.Context(\"NAME\").WithRegistry(\"registry.example.com/team\").");

    public static readonly DiagnosticDescriptor ImageProjectMissing = new(
        "KUBEAPP3010", "The project of an image cannot be found or published", "Correct the path in Image.Project(...); it is relative to the project's directory.");

    public static readonly DiagnosticDescriptor ImagePushFailed = new(
        "KUBEAPP3011", "The SDK could not build or push an image", "Correct what the SDK names and publish again.");

    public static readonly DiagnosticDescriptor DockerfileMissing = new(
        "KUBEAPP3020", "The Dockerfile of an image, or its context, is missing", "Correct the path in Image.Dockerfile(...); it is relative to the project's directory.");

    public static readonly DiagnosticDescriptor NoDockerfileBuilder = new(
        "KUBEAPP3021", "Nothing on this machine can build a Dockerfile",
        "Install docker, podman or buildah (and start docker's service), or let the SDK build the image with Image.Project(...).");

    public static readonly DiagnosticDescriptor DockerfileFailed = new(
        "KUBEAPP3022", "Building or pushing a Dockerfile's image failed", "Correct what the lines above name and publish again.");

    public static readonly DiagnosticDescriptor BundleNotInRegistry = new(
        "KUBEAPP3030", "The registry has no such bundle", "Check repository, tag and digest; 'dotnet publish -p:KubeAppPush=true' prints them.");

    public static readonly DiagnosticDescriptor NotABundle = new(
        "KUBEAPP3031", "What the reference names is no bundle",
        "Name the bundle, not one of its images: 'dotnet publish -p:KubeAppPush=true' prints its reference.");

    public static readonly DiagnosticDescriptor BundleDamaged = new(
        "KUBEAPP3032", "A bundle from a registry is not what it should be", "Do not deploy it. Push it again from its commit, and find out who wrote to that repository.");

    public static readonly DiagnosticDescriptor BundleTooLarge = new(
        "KUBEAPP3033", "The bundle is too large for a registry", "Take large files out of configuration and manifests; an image or a volume is the place for them.");

    public static readonly DiagnosticDescriptor RegistryDidNotTake = new(
        "KUBEAPP3034", "The registry did not take what was sent", "Check the registry's limits, its disk and whether its tags can be written.");

    public static readonly DiagnosticDescriptor BundleNotKept = new(
        "KUBEAPP3035", "A pulled bundle cannot be written down", "Make room, or let KUBEAPPS_HOME name a folder that can be written to.");
}
