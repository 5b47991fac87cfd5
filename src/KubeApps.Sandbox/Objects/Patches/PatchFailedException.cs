namespace KubeApps.Sandbox.Objects.Patches;

/// <summary>A patch that is well-formed, but cannot be carried out on this object.</summary>
internal sealed class PatchFailedException(string message, bool badRequest = false) : Exception(message)
{
    /// <summary>The fault is the patch's alone, not the object's: 400 and not 422.</summary>
    public bool BadRequest { get; } = badRequest;
}
