using KubeApps.Bundles;
using KubeApps.Deploy.Images;
using KubeApps.Diagnostics;

namespace KubeApps.Deploy.Artifacts;

/// <summary>
/// Bundles beside their images, in one repository of a registry. One that is there is never sent again: its tag is a hash of its content. A
/// commit's bundle has a second tag, which is given once and never moved.
/// </summary>
internal sealed class BundleRegistry(RegistryClient client, string host, string repository)
{
    public static string TagOf(string commit) => $"bundle-{commit}";

    /// <summary>Sends what the registry lacks.</summary>
    /// <param name="bundle">No draft.</param>
    /// <param name="isOfCommit">Whether it is what its commit is, and not of a working tree that somebody changed.</param>
    /// <param name="cancellationToken">Ends the sending; what is not named by a tag yet is nothing.</param>
    public async Task<PushedBundle> PushAsync(Bundle bundle, bool isOfCommit, CancellationToken cancellationToken)
    {
        var tar = BundleArchive.Tar(bundle);
        var contentTag = $"bundle-content-{BundleManifest.DigestOf(tar)["sha256:".Length..][..40]}";
        var digest = await client.FindAsync(repository, contentTag, cancellationToken).ConfigureAwait(false);
        var wasThere = digest is not null;
        digest ??= await SendAsync(bundle, tar, contentTag, cancellationToken).ConfigureAwait(false);
        var tagged = bundle.Commit is { } commit && isOfCommit ? await TagAsync(TagOf(commit), digest, cancellationToken).ConfigureAwait(false) : null;
        return new PushedBundle(Named(digest), wasThere, tagged is null ? null : Named(tagged));
    }

    /// <summary>The digest that a tag names, or null.</summary>
    public async Task<OciReference?> FindAsync(string tag, CancellationToken cancellationToken) =>
        await client.FindAsync(repository, tag, cancellationToken).ConfigureAwait(false) is { } digest ? Named(digest) : null;

    /// <summary>A bundle's files, checked: what the digest names, of the right kind, and nothing hostile.</summary>
    public async Task<(OciReference Reference, IReadOnlyList<(string Path, ReadOnlyMemory<byte> Content)> Files)> PullAsync(
        string wanted, CancellationToken cancellationToken)
    {
        var asked = $"{host}/{repository}{(wanted.Contains(':', StringComparison.Ordinal) ? '@' : ':')}{wanted}";
        var manifest = await client.GetAsync(repository, wanted, cancellationToken).ConfigureAwait(false)
            ?? throw new DiagnosticException(DiagnosticDescriptors.BundleNotInRegistry.Because($"The registry has no {asked}."));
        if (wanted.Contains(':', StringComparison.Ordinal) && manifest.Digest != wanted)
            throw Damaged($"the registry gives {manifest.Digest} for it");
        string layer;
        long size;
        try
        {
            (layer, size) = BundleManifest.LayerOf(manifest.Content, manifest.MediaType);
        }
        catch (InvalidDataException failure)
        {
            throw new DiagnosticException(DiagnosticDescriptors.NotABundle.Because($"{asked} is no bundle: {failure.Message}."), failure);
        }

        if (size > BundleArchive.LargestPacked)
            throw Damaged($"it is said to have {size} bytes; a bundle has at most {BundleArchive.LargestPacked}");
        var content = await client.GetBlobAsync(repository, layer, cancellationToken).ConfigureAwait(false) ?? throw Damaged($"its content, {layer}, is not in the registry");
        if (content.LongLength != size || BundleManifest.DigestOf(content) != layer)
            throw Damaged($"its content is not {layer}");
        try
        {
            return (Named(manifest.Digest), BundleArchive.Unpack(content));
        }
        catch (InvalidDataException failure)
        {
            throw Damaged(failure.Message.TrimEnd('.'), failure);
        }

        DiagnosticException Damaged(string cause, Exception? inner = null) =>
            new(DiagnosticDescriptors.BundleDamaged.Because($"{asked} cannot be used: {cause}."), inner);
    }

    private async Task<string> SendAsync(Bundle bundle, byte[] tar, string tag, CancellationToken cancellationToken)
    {
        var layer = BundleArchive.Compress(tar);
        if (layer.Length > BundleArchive.LargestPacked || tar.Length > BundleArchive.LargestUnpacked)
            throw new DiagnosticException(DiagnosticDescriptors.BundleTooLarge.Because(
                $"The bundle of {bundle.App} has {tar.Length} bytes, {layer.Length} when it is packed; the most are {BundleArchive.LargestUnpacked} and {BundleArchive.LargestPacked}."));
        await Task.WhenAll(
            client.EnsureBlobAsync(repository, layer, BundleManifest.DigestOf(layer), cancellationToken),
            client.EnsureBlobAsync(repository, BundleManifest.EmptyConfig, BundleManifest.DigestOf(BundleManifest.EmptyConfig), cancellationToken)).ConfigureAwait(false);
        return await GiveAsync(tag, BundleManifest.Write(bundle.App, bundle.Commit, layer), RegistryClient.OciManifest, cancellationToken).ConfigureAwait(false);
    }

    // Where tags do not change, who comes second at the same moment is refused; what is there then is as good.
    private async Task<string> GiveAsync(string tag, byte[] manifest, string mediaType, CancellationToken cancellationToken)
    {
        try
        {
            await client.PutAsync(repository, tag, manifest, mediaType, cancellationToken).ConfigureAwait(false);
            return BundleManifest.DigestOf(manifest);
        }
        catch (DiagnosticException refused) when (refused.Diagnostics[0].Code == DiagnosticDescriptors.RegistryDidNotTake.Code)
        {
            if (await client.FindAsync(repository, tag, cancellationToken).ConfigureAwait(false) is { } present)
                return present;
            throw;
        }
    }

    // Who comes second finds the tag given, and leaves it. Two at the same moment write the same, or one of them wins: both are of that commit.
    private async Task<string> TagAsync(string tag, string digest, CancellationToken cancellationToken)
    {
        if (await client.FindAsync(repository, tag, cancellationToken).ConfigureAwait(false) is { } present)
            return present;
        var manifest = await client.GetAsync(repository, digest, cancellationToken).ConfigureAwait(false)
            ?? throw new DiagnosticException(DiagnosticDescriptors.BundleNotInRegistry.Because($"{Named(digest)} was pushed, but the registry does not have it."));
        return await GiveAsync(tag, manifest.Content, manifest.MediaType, cancellationToken).ConfigureAwait(false);
    }

    private OciReference Named(string digest) => new(host, repository, null, digest);
}

/// <summary>A bundle that a registry has.</summary>
/// <param name="Reference">By digest.</param>
/// <param name="WasThere">Whether nothing was sent.</param>
/// <param name="OfCommit">The bundle that the commit's tag names: this one, or one that was there before; null when it has no tag of a commit.</param>
internal sealed record PushedBundle(OciReference Reference, bool WasThere, OciReference? OfCommit);
