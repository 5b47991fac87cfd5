using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using KubeApps.Diagnostics;

namespace KubeApps.Deploy.Images;

/// <summary>One name for the images of several architectures: an OCI index, the same bytes for the same images.</summary>
internal static class ImageIndex
{
    /// <returns>In a dry run, no digest when the registry does not have it: nothing is written then.</returns>
    public static async Task<(string Tag, string? Digest, bool WasThere)> EnsureAsync(
        RegistryClient client, string path, IReadOnlyList<(string Rid, string Tag, string? Digest)> parts, bool isDryRun, CancellationToken cancellationToken)
    {
        var ordered = parts.OrderBy(part => part.Rid, StringComparer.Ordinal).ToList();
        var tag = "content-" + Convert.ToHexStringLower(
            SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', ordered.Select(part => $"{part.Rid} {part.Tag}")))))[..40];
        if (await client.FindAsync(path, tag, cancellationToken).ConfigureAwait(false) is { } present)
            return (tag, present, true);
        if (isDryRun)
            return (tag, null, false);

        var manifests = new JsonArray();
        foreach (var part in ordered)
        {
            var manifest = await client.GetAsync(path, part.Digest!, cancellationToken).ConfigureAwait(false)
                ?? throw new DiagnosticException(DiagnosticDescriptors.ImagePushFailed.Because($"{path}@{part.Digest} is no longer in the registry."));
            var platform = ImageTarget.PlatformOf(part.Rid).Split('/');
            manifests.Add((JsonNode)new JsonObject
            {
                ["mediaType"] = manifest.MediaType,
                ["digest"] = manifest.Digest,
                ["size"] = manifest.Content.Length,
                ["platform"] = new JsonObject { ["architecture"] = platform[1], ["os"] = platform[0] },
            });
        }

        var index = new JsonObject { ["schemaVersion"] = 2, ["mediaType"] = RegistryClient.OciIndex, ["manifests"] = manifests };
        var content = Encoding.UTF8.GetBytes(index.ToJsonString());
        return (tag, await ImageResolver.PushAsync(
            client, path, tag, () => client.PutAsync(path, tag, content, RegistryClient.OciIndex, cancellationToken), cancellationToken).ConfigureAwait(false), false);
    }
}
