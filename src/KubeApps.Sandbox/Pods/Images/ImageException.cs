namespace KubeApps.Sandbox.Pods.Images;

/// <summary>An image cannot be had. The message is what stands in the container's status.</summary>
internal sealed class ImageException(string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>The image is not in the registry.</summary>
    public bool NotFound { get; init; }

    /// <summary>The image is of another registry: nothing was tried.</summary>
    public bool NotRunnable { get; init; }

    /// <summary>The image is not here, and the pod forbids to pull it.</summary>
    public bool NeverPulled { get; init; }

    /// <summary>The image reference cannot be parsed: the kubelet says InvalidImageName and does not try again.</summary>
    public bool InvalidName { get; init; }
}
