using System.Net;
using System.Net.Http.Headers;
using System.Text;
using KubeApps.Sandbox.Registry;
using KubeApps.Sandbox.Tests.Hosting;

namespace KubeApps.Sandbox.Tests.Registry;

public class PushPullTests(RunningSandbox sandbox) : IClassFixture<RunningSandbox>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Image_PushedByTag_IsPulledByTagAndDigestByteForByte()
    {
        var (config, layer) = (await PushBlobAsync("team/app", "{}"), await PushBlobAsync("team/app", "layer"));
        var manifest = $$"""
            { "schemaVersion": 2,
              "config": { "mediaType": "application/vnd.oci.image.config.v1+json", "digest": "{{config}}", "size": 2 },
              "layers": [ { "mediaType": "application/vnd.oci.image.layer.v1.tar", "digest": "{{layer}}", "size": 5 } ] }
            """;
        using var content = new StringContent(manifest, Encoding.UTF8, new MediaTypeHeaderValue(ManifestContent.OciManifest));

        using var pushed = await sandbox.Registry.PutAsync("/v2/team/app/manifests/v1", content, Token);

        Assert.Equal(HttpStatusCode.Created, pushed.StatusCode);
        var digest = pushed.Headers.GetValues("Docker-Content-Digest").Single();
        foreach (var reference in new[] { "v1", digest })
        {
            using var pulled = await sandbox.Registry.GetAsync($"/v2/team/app/manifests/{reference}", Token);
            Assert.Equal(manifest, await pulled.Content.ReadAsStringAsync(Token));
            Assert.Equal(ManifestContent.OciManifest, pulled.Content.Headers.ContentType?.MediaType);
        }

        Assert.Equal("layer", await sandbox.Registry.GetStringAsync($"/v2/team/app/blobs/{layer}", Token));
    }

    private async Task<string> PushBlobAsync(string repository, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        var digest = ContentStore.DigestOf(bytes);
        using var response = await sandbox.Registry.PostAsync($"/v2/{repository}/blobs/uploads/?digest={digest}", new ByteArrayContent(bytes), Token);
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        return digest;
    }
}
