namespace KubeApps.Diagnostics;

internal static partial class DiagnosticDescriptors
{
    public static readonly DiagnosticDescriptor RegistryUnreachable = new(
        "KUBEAPP3001", "The image registry cannot be reached", "Check its address, the network and that it runs. Nothing was built or changed.");

    public static readonly DiagnosticDescriptor RegistryRefused = new(
        "KUBEAPP3002", "The image registry refuses access", "Log in with 'docker login REGISTRY', and check that this user may push there.");

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
}
