namespace KubeApps.Sandbox.Hosting;

/// <summary>Where the sandbox keeps what it has. All of it lies under one folder that only its owner may enter.</summary>
/// <param name="Root">The sandbox's own folder: <c>KUBEAPPS_HOME/sandbox</c>; that of the edge proxy is <c>KUBEAPPS_HOME/edge</c>.</param>
internal sealed record SandboxHome(string Root)
{
    /// <summary>Certificates and the token.</summary>
    public string Identity => Path.Combine(Root, "identity");

    public string Registry => Path.Combine(Root, "registry");

    /// <summary>The API's objects.</summary>
    public string Objects => Path.Combine(Root, "objects");

    /// <summary>Unpacked images, pods' folders and their logs.</summary>
    public string Pods => Path.Combine(Root, "pods");

    public string Logs => Path.Combine(Root, "logs");

    /// <summary>There while the sandbox is ready, and how to reach it.</summary>
    public string Endpoint => Path.Combine(Root, "endpoint.json");

    /// <summary>Why the last start failed.</summary>
    public string Failure => Path.Combine(Root, "failure.json");

    public string Kubeconfig => Path.Combine(Root, "kubeconfig");

    /// <summary>The edge proxy's routes.</summary>
    public string Routes => Path.Combine(Root, "routes.json");

    public string Ports => Path.Combine(Root, "ports.json");

    /// <summary>Its registry as image references name it: where it listens, or did last.</summary>
    public string RegistryAddress => $"localhost:{PortFile.Read(Ports).Registry}";

    public string Lock => Path.Combine(Root, "lock");

    public string LockHolder => Path.Combine(Root, "lock.holder");

    /// <param name="home">KUBEAPPS_HOME.</param>
    /// <param name="isEdge">Whether it is that of the edge proxy.</param>
    public static SandboxHome At(string home, bool isEdge = false)
    {
        var sandbox = isEdge ? new SandboxHome(Path.Combine(Path.GetFullPath(home), "edge")) : Of(home);
        AtomicFile.CreatePrivateFolder(sandbox.Root);
        AtomicFile.CreatePrivateFolder(sandbox.Identity);
        AtomicFile.CreatePrivateFolder(sandbox.Logs);
        return sandbox;
    }

    /// <summary>That of another sandbox: nothing is made there.</summary>
    public static SandboxHome Of(string home) => new(Path.Combine(Path.GetFullPath(home), "sandbox"));
}
