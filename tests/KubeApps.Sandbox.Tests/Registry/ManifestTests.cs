using System.Net;
using System.Text.Json.Nodes;
using KubeApps.Sandbox.Registry;
using KubeApps.Sandbox.Tests.Hosting;

namespace KubeApps.Sandbox.Tests.Registry;

public class ManifestTests(RunningSandbox sandbox) : IClassFixture<RunningSandbox>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private HttpClient Registry => sandbox.Registry;

    [Theory]
    [InlineData(ManifestContent.OciManifest)]
    [InlineData(ManifestContent.DockerManifest)]
    public async Task Image_IsPulledByTagAndDigestAsItWasPushed(string mediaType)
    {
        var (digest, text) = await Registry.PushImageAsync("manifest/kept", "v1", mediaType: mediaType);

        foreach (var reference in new[] { "v1", digest })
        {
            using var pulled = await Registry.GetAsync($"/v2/manifest/kept/manifests/{reference}", Token);
            Assert.Equal(text, await pulled.Content.ReadAsStringAsync(Token));
            Assert.Equal(mediaType, pulled.Content.Headers.ContentType?.MediaType);
            Assert.Equal(digest, pulled.Headers.GetValues("Docker-Content-Digest").Single());
        }
    }

    [Theory]
    [InlineData(ManifestContent.OciIndex)]
    [InlineData(ManifestContent.DockerList)]
    public async Task Index_OfManifestsThatAreThere_IsStored(string mediaType)
    {
        var (digest, _) = await Registry.PushImageAsync("manifest/index", "amd64");

        using var response = await Registry.PutManifestAsync("manifest/index", "all", Index(digest), mediaType);
        using var pulled = await Registry.GetAsync("/v2/manifest/index/manifests/all", Token);

        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        Assert.Equal(mediaType, pulled.Content.Headers.ContentType?.MediaType);
    }

    [Fact]
    public async Task Index_OfAManifestThatIsMissing_IsRefused()
    {
        using var response = await Registry.PutManifestAsync(
            "manifest/index", "broken", Index(RegistrySteps.DigestOf("missing")), ManifestContent.OciIndex);

        await response.AssertRefusedAsync(HttpStatusCode.BadRequest, "MANIFEST_BLOB_UNKNOWN");
    }

    [Fact]
    public async Task Image_WithALayerThatOnlyAnotherRepositoryHolds_IsRefused()
    {
        var config = await Registry.PushBlobAsync("manifest/missing", "{}");
        var layer = await Registry.PushBlobAsync("manifest/elsewhere", "only there");

        using var response = await Registry.PutManifestAsync("manifest/missing", "v1", RegistrySteps.ImageManifest(config, layer));

        await response.AssertRefusedAsync(HttpStatusCode.BadRequest, "MANIFEST_BLOB_UNKNOWN");
    }

    [Fact]
    public async Task Put_ByDigest_ChecksTheBody()
    {
        var (digest, text) = await Registry.PushImageAsync("manifest/digest", "v1");

        using var right = await Registry.PutManifestAsync("manifest/digest", digest, text);
        using var wrong = await Registry.PutManifestAsync("manifest/digest", RegistrySteps.DigestOf("other"), text);

        Assert.Equal(HttpStatusCode.Created, right.StatusCode);
        await wrong.AssertRefusedAsync(HttpStatusCode.BadRequest, "DIGEST_INVALID");
    }

    [Theory]
    [InlineData("")]
    [InlineData("not json")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"schemaVersion":1,"config":{},"layers":[]}""")]
    [InlineData("""{"schemaVersion":2,"layers":[]}""")]
    [InlineData("""{"schemaVersion":2,"config":{"digest":"../../etc/passwd"},"layers":[]}""")]
    [InlineData("""{"schemaVersion":2,"config":{"digest":7},"layers":{}}""")]
    [InlineData("""{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[]}""")]
    public async Task Put_OfWhatIsNoManifest_IsRefused(string text)
    {
        using var response = await Registry.PutManifestAsync("manifest/invalid", "v1", text);

        await response.AssertRefusedAsync(HttpStatusCode.BadRequest, "MANIFEST_INVALID");
    }

    [Fact]
    public async Task Put_OfAnotherMediaType_IsRefused()
    {
        using var response = await Registry.PutManifestAsync(
            "manifest/type", "v1", """{"schemaVersion":2}""", "application/vnd.docker.distribution.manifest.v1+json");

        await response.AssertRefusedAsync(HttpStatusCode.BadRequest, "MANIFEST_INVALID");
    }

    [Fact]
    public async Task Put_OfMoreThanFourMegabytes_IsTooLarge()
    {
        using var response = await Registry.PutManifestAsync("manifest/large", "v1", new string(' ', ManifestContent.LargestSize + 1));

        await response.AssertRefusedAsync(HttpStatusCode.RequestEntityTooLarge, "MANIFEST_INVALID");
    }

    [Theory]
    [InlineData(".hidden", "MANIFEST_INVALID")]
    [InlineData("sha256:abc", "DIGEST_INVALID")]
    public async Task Put_UnderAReferenceThatIsNone_IsRefused(string reference, string code)
    {
        using var response = await Registry.PutManifestAsync("manifest/reference", reference, "{}");

        await response.AssertRefusedAsync(HttpStatusCode.BadRequest, code);
    }

    [Fact]
    public async Task Tag_PushedAgain_NamesTheNewImageAndTheOldOneStays()
    {
        var (first, _) = await Registry.PushImageAsync("manifest/moved", "latest", "one");
        var (second, _) = await Registry.PushImageAsync("manifest/moved", "latest", "two");

        Assert.Equal(second, await DigestAsync("manifest/moved", "latest"));
        Assert.Equal(first, await DigestAsync("manifest/moved", first));
    }

    [Fact]
    public async Task Delete_ByTag_LeavesTheImage()
    {
        var (digest, _) = await Registry.PushImageAsync("manifest/untag", "v1");

        using var deleted = await Registry.DeleteAsync("/v2/manifest/untag/manifests/v1", Token);

        Assert.Equal(HttpStatusCode.Accepted, deleted.StatusCode);
        Assert.Null(await DigestAsync("manifest/untag", "v1"));
        Assert.Equal(digest, await DigestAsync("manifest/untag", digest));
    }

    [Fact]
    public async Task Delete_ByDigest_TakesItsTagsAlong()
    {
        var (digest, text) = await Registry.PushImageAsync("manifest/delete", "v1");
        using var second = await Registry.PutManifestAsync("manifest/delete", "v2", text);

        using var deleted = await Registry.DeleteAsync($"/v2/manifest/delete/manifests/{digest}", Token);
        using var again = await Registry.DeleteAsync($"/v2/manifest/delete/manifests/{digest}", Token);

        Assert.Equal(HttpStatusCode.Accepted, deleted.StatusCode);
        await again.AssertRefusedAsync(HttpStatusCode.NotFound, "MANIFEST_UNKNOWN");
        Assert.Null(await DigestAsync("manifest/delete", "v1"));
        Assert.Null(await DigestAsync("manifest/delete", "v2"));
    }

    [Theory]
    [InlineData("/v2/manifest/nowhere/manifests/v1", "MANIFEST_UNKNOWN")]
    [InlineData("/v2/MANIFEST/manifests/v1", "NAME_INVALID")]
    [InlineData("/v2/a%2F..%2F../manifests/v1", "NAME_INVALID")]
    [InlineData("/v2/manifests/v1", "NAME_INVALID")]
    public async Task Get_OfWhatIsNotThere_SaysWhat(string path, string code)
    {
        using var response = await Registry.GetAsync(path, Token);

        await response.AssertRefusedAsync(code == "NAME_INVALID" ? HttpStatusCode.BadRequest : HttpStatusCode.NotFound, code);
    }

    private static string Index(string digest) => new JsonObject
    {
        ["schemaVersion"] = 2,
        ["manifests"] = new JsonArray(new JsonObject { ["mediaType"] = ManifestContent.OciManifest, ["digest"] = digest, ["size"] = 1 }),
    }.ToJsonString();

    private async Task<string?> DigestAsync(string repository, string reference)
    {
        using var response = await Registry.SendAsync(new HttpRequestMessage(HttpMethod.Head, $"/v2/{repository}/manifests/{reference}"), Token);
        return response.IsSuccessStatusCode ? response.Headers.GetValues("Docker-Content-Digest").Single() : null;
    }
}
