namespace KubeApps.Sandbox.Registry;

/// <summary>A request that the registry refuses, with the code that the distribution specification has for it.</summary>
internal sealed class RegistryException(int status, string code, string message) : Exception(message)
{
    public int Status => status;

    public string Code => code;

    public static RegistryException NameInvalid(string name) =>
        new(400, "NAME_INVALID", $"'{Shown(name)}' is not a repository name.");

    public static RegistryException NameUnknown(string name) =>
        new(404, "NAME_UNKNOWN", $"There is no repository '{name}'.");

    public static RegistryException DigestInvalid(string message) => new(400, "DIGEST_INVALID", message);

    public static RegistryException BlobUnknown(string digest) => new(404, "BLOB_UNKNOWN", $"The repository holds no blob {digest}.");

    public static RegistryException UploadUnknown() => new(404, "BLOB_UPLOAD_UNKNOWN", "There is no such upload; it ended or expired.");

    public static RegistryException UploadInvalid(string message) => new(400, "BLOB_UPLOAD_INVALID", message);

    public static RegistryException UploadOutOfOrder(string message) => new(416, "BLOB_UPLOAD_INVALID", message);

    public static RegistryException ManifestUnknown(string reference) =>
        new(404, "MANIFEST_UNKNOWN", $"The repository holds no manifest '{Shown(reference)}'.");

    public static RegistryException ManifestInvalid(string message) => new(400, "MANIFEST_INVALID", message);

    public static RegistryException ManifestBlobUnknown(string digest) =>
        new(400, "MANIFEST_BLOB_UNKNOWN", $"The manifest names {digest}, which the repository does not hold; push it first.");

    public static RegistryException Unsupported(string message) => new(405, "UNSUPPORTED", message);

    // What a client sends comes back only in part: an error is no mirror.
    private static string Shown(string text) => text.Length <= 100 ? text : text[..100] + "…";
}
