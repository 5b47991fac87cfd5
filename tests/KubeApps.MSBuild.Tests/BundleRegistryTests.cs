using System.ComponentModel;
using System.Diagnostics;
using System.Text;
using System.Text.Json.Nodes;
using KubeApps.Bundles;
using KubeApps.Deploy.Artifacts;
using KubeApps.Deploy.Images;
using KubeApps.Diagnostics;

namespace KubeApps.MSBuild.Tests;

/// <summary>Bundles in a real registry: pushed once, pulled as they were, and nothing else taken for one.</summary>
public sealed class BundleRegistryTests(Registry registry, GuardedRegistry guarded) : IClassFixture<Registry>, IClassFixture<GuardedRegistry>
{
    private const string Commit = "0123456789012345678901234567890123456789";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Push_Twice_SendsItOnceAndGivesTheSameDigest()
    {
        registry.RequirePresent();
        using var client = Client(registry.Host);
        var bundles = new BundleRegistry(client, registry.Host, "team/twice");

        var first = await bundles.PushAsync(Some("twice"), isOfCommit: true, Token);
        var second = await bundles.PushAsync(Some("twice"), isOfCommit: true, Token);
        var other = await bundles.PushAsync(Some("twice", "another"), isOfCommit: true, Token);

        Assert.Equal((false, true, false), (first.WasThere, second.WasThere, other.WasThere));
        Assert.Equal((first.Reference, first.Reference), (second.Reference, second.OfCommit));
        Assert.StartsWith($"oci://{registry.Host}/team/twice@sha256:", first.Reference.ToString(), StringComparison.Ordinal);
        // The commit's tag stays with the first.
        Assert.NotEqual(first.Reference, other.Reference);
        Assert.Equal(first.Reference, other.OfCommit);
        Assert.Equal(first.Reference, await bundles.FindAsync(BundleRegistry.TagOf(Commit), Token));
    }

    [Fact]
    public async Task Push_OfAChangedWorkingTree_GivesNoTagOfACommit()
    {
        registry.RequirePresent();
        using var client = Client(registry.Host);
        var bundles = new BundleRegistry(client, registry.Host, "dirty");

        var pushed = await bundles.PushAsync(Some("dirty"), isOfCommit: false, Token);

        Assert.Null(pushed.OfCommit);
        Assert.Null(await bundles.FindAsync(BundleRegistry.TagOf(Commit), Token));
    }

    [Fact]
    public async Task Push_WhereAnotherGaveTheTagAMomentAgo_TakesWhatIsThere()
    {
        var there = "sha256:" + new string('b', 64);
        var asked = 0;
        using var server = new AnsweringServer(request => request switch
        {
            _ when request.StartsWith("HEAD", StringComparison.Ordinal) && request.Contains("/blobs/", StringComparison.Ordinal) =>
                Nothing("200 OK"),
            _ when request.StartsWith("HEAD", StringComparison.Ordinal) && Interlocked.Increment(ref asked) == 1 => Nothing("404 Not Found"),
            _ when request.StartsWith("HEAD", StringComparison.Ordinal) =>
                Nothing($"200 OK\r\nContent-Type: {RegistryClient.OciManifest}\r\nDocker-Content-Digest: {there}"),
            _ => Nothing("400 Tag immutable"),
        });
        using var client = Client(server.Host);

        var pushed = await new BundleRegistry(client, server.Host, "raced").PushAsync(Some("raced"), isOfCommit: false, Token);

        Assert.Equal(there, pushed.Reference.Digest);
    }

    [Fact]
    public async Task Push_WhereTheRegistryTakesNothing_SaysSo()
    {
        using var server = new AnsweringServer(request => request.StartsWith("HEAD", StringComparison.Ordinal)
            ? Nothing("404 Not Found")
            : Nothing("507 Insufficient Storage"));
        using var client = Client(server.Host);

        var failure = await Assert.ThrowsAsync<DiagnosticException>(() => new BundleRegistry(client, server.Host, "full").PushAsync(Some("full"), isOfCommit: true, Token));

        Assert.Equal("KUBEAPP3034", failure.Diagnostics[0].Code);
        Assert.Contains("507 Insufficient Storage", failure.Diagnostics[0].Cause, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pull_OfContentThatWasExchanged_IsRefused()
    {
        var manifest = Encoding.UTF8.GetString(BundleManifest.Write("shop", null, BundleArchive.Compress(BundleArchive.Tar(Some("shop")))));
        using var server = new AnsweringServer(request => request.Contains("/manifests/", StringComparison.Ordinal)
            ? AnsweringServer.Ok(manifest, RegistryClient.OciManifest)
            : AnsweringServer.Ok("something else", "application/octet-stream"));
        using var client = Client(server.Host);
        var bundles = new BundleRegistry(client, server.Host, "exchanged");

        foreach (var (wanted, words) in ((string, string)[])
        [
            ("tag", "its content is not sha256:"),
            ("sha256:" + new string('a', 64), $"the registry gives {BundleManifest.DigestOf(Encoding.UTF8.GetBytes(manifest))} for it"),
        ])
        {
            var failure = await Assert.ThrowsAsync<DiagnosticException>(() => bundles.PullAsync(wanted, Token));
            Assert.Equal("KUBEAPP3032", failure.Diagnostics[0].Code);
            Assert.Contains(words, failure.Diagnostics[0].Cause, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Pull_ByDigestAndByTag_GivesWhatWasPushed()
    {
        registry.RequirePresent();
        using var client = Client(registry.Host);
        var bundles = new BundleRegistry(client, registry.Host, "pulled");
        var bundle = Some("pulled");
        var pushed = await bundles.PushAsync(bundle, isOfCommit: true, Token);

        foreach (var wanted in (string[])[pushed.Reference.Digest!, BundleRegistry.TagOf(Commit)])
        {
            var (reference, files) = await bundles.PullAsync(wanted, Token);
            Assert.Equal(pushed.Reference, reference);
            Assert.Equal(
                BundleFiles.Contents(bundle).OrderBy(file => file.Path, StringComparer.Ordinal),
                files.Select(file => (file.Path, Encoding.UTF8.GetString(file.Content.Span))));
        }
    }

    [Theory]
    [InlineData("sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "KUBEAPP3030")]
    [InlineData("none", "KUBEAPP3030")]
    [InlineData("image", "KUBEAPP3031")]
    [InlineData("other-artifact", "KUBEAPP3031")]
    [InlineData("two-layers", "KUBEAPP3031")]
    [InlineData("garbage-layer", "KUBEAPP3032")]
    [InlineData("declared-size", "KUBEAPP3032")]
    [InlineData("wrong-size", "KUBEAPP3032")]
    [InlineData("link", "KUBEAPP3032")]
    public async Task Pull_OfSomethingElse_SaysWhatItIs(string tag, string code)
    {
        registry.RequirePresent();
        using var client = Client(registry.Host);
        if (tag.IndexOf(':') < 0 && tag != "none")
            await PutAsync(client, tag);

        var failure = await Assert.ThrowsAsync<DiagnosticException>(() => new BundleRegistry(client, registry.Host, "hostile").PullAsync(tag, Token));

        Assert.Equal(code, failure.Diagnostics[0].Code);
        Assert.Contains($"{registry.Host}/hostile", failure.Diagnostics[0].Cause, StringComparison.Ordinal);
    }

    [Fact]
    public async Task PushAndPull_WithALogin_UseDockersConfiguration()
    {
        guarded.RequirePresent();
        var folder = Directory.CreateTempSubdirectory("kubeapps-docker-");
        var config = $$$"""{"auths":{"{{{guarded.Host}}}":{"auth":"{{{GuardedRegistry.Encoded}}}"} } }""";
        await File.WriteAllTextAsync(Path.Combine(folder.FullName, "config.json"), config, Token);
        using var client = Client(guarded.Host, folder.FullName);
        var bundles = new BundleRegistry(client, guarded.Host, "guarded");

        var pushed = await bundles.PushAsync(Some("guarded"), isOfCommit: true, Token);
        Assert.NotEmpty((await bundles.PullAsync(pushed.Reference.Digest!, Token)).Files);

        using var stranger = Client(guarded.Host);
        var failure = await Assert.ThrowsAsync<DiagnosticException>(
            () => new BundleRegistry(stranger, guarded.Host, "guarded").PullAsync(pushed.Reference.Digest!, Token));
        Assert.Equal("KUBEAPP3002", failure.Diagnostics[0].Code);
        Assert.DoesNotContain(GuardedRegistry.Password, failure.ToString(), StringComparison.Ordinal);
        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task Push_Skopeo_SeesAnArtifactAndCopiesIt()
    {
        registry.RequirePresent();
        using var client = Client(registry.Host);
        var pushed = await new BundleRegistry(client, registry.Host, "seen").PushAsync(Some("seen"), isOfCommit: true, Token);
        var name = $"docker://{registry.Host}/seen";

        var manifest = JsonNode.Parse(await SkopeoAsync("inspect", "--raw", "--tls-verify=false", $"{name}@{pushed.Reference.Digest}"))!;
        Assert.Equal(BundleManifest.ArtifactType, (string?)manifest["artifactType"]);
        Assert.Equal("application/vnd.oci.empty.v1+json", (string?)manifest["config"]!["mediaType"]);
        Assert.Equal(("seen", Commit), ((string?)manifest["annotations"]!["org.opencontainers.image.title"], (string?)manifest["annotations"]!["org.opencontainers.image.revision"]));
        await SkopeoAsync("copy", "--src-tls-verify=false", "--dest-tls-verify=false", $"{name}:{BundleRegistry.TagOf(Commit)}", $"docker://{registry.Host}/copied:one");

        var (reference, files) = await new BundleRegistry(client, registry.Host, "copied").PullAsync("one", Token);
        Assert.Equal(pushed.Reference.Digest, reference.Digest);
        Assert.NotEmpty(files);
    }

    private static async Task PutAsync(RegistryClient client, string what)
    {
        var layer = what switch
        {
            "garbage-layer" => [.. "garbage"u8],
            "link" => BundleArchive.Compress(StrictTar.Write([("bundle.json", "{}"), ("../evil", "x")])),
            _ => BundleArchive.Compress(BundleArchive.Tar(Some(what))),
        };
        foreach (var content in (byte[][])[layer, BundleManifest.EmptyConfig])
            await client.EnsureBlobAsync("hostile", content, BundleManifest.DigestOf(content), Token);
        var manifest = JsonNode.Parse(BundleManifest.Write("hostile", null, layer))!.AsObject();
        var first = manifest["layers"]![0]!;
        switch (what)
        {
            case "image":
                manifest.Remove("artifactType");
                break;
            case "other-artifact":
                manifest["artifactType"] = "application/vnd.cncf.helm.config.v1+json";
                break;
            case "two-layers":
                manifest["layers"]!.AsArray().Add(first.DeepClone());
                break;
            case "declared-size":
                first["size"] = 1L << 40;
                break;
            case "wrong-size":
                first["size"] = layer.Length - 1;
                break;
        }

        await client.PutAsync("hostile", what, Encoding.UTF8.GetBytes(manifest.ToJsonString()), RegistryClient.OciManifest, Token);
    }

    /// <summary>An answer without a body. The server closes the connection after each.</summary>
    private static string Nothing(string head) => $"HTTP/1.1 {head}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";

    private static RegistryClient Client(string host, string docker = "/nowhere") =>
        new(ImageRegistry.Parse(host), name => name == "DOCKER_CONFIG" ? docker : null, TimeSpan.FromSeconds(30));

    private static async Task<string> SkopeoAsync(params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo("skopeo", arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            var (output, error) = (process.StandardOutput.ReadToEndAsync(Token), process.StandardError.ReadToEndAsync(Token));
            await process.WaitForExitAsync(Token);
            Assert.True(process.ExitCode == 0, await error);
            return await output;
        }
        catch (Win32Exception)
        {
            Assert.Skip("skopeo is not installed.");
            throw;
        }
    }

    private static Bundle Some(string app, string config = "settings") => new(
        1, app, Commit, false, new Dictionary<string, BundleImage>(),
        [
            new BundleEnvironment(
                "local", new BundleTarget("sandbox"), app, new BundleStrategy("rolling", TimeSpan.FromMinutes(2)),
                [
                    new BundleObject(
                        $"env/local/configmap-{config}.yaml", "main",
                        new JsonObject { ["apiVersion"] = "v1", ["kind"] = "ConfigMap", ["metadata"] = new JsonObject { ["name"] = config } }),
                ]),
        ]);
}
