using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using KubeApps.Sandbox.Registry;

namespace KubeApps.Sandbox.Tests.Registry;

/// <summary>The requests that most registry tests begin with.</summary>
internal static class RegistrySteps
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static async Task<string> PushBlobAsync(this HttpClient registry, string repository, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        var digest = ContentStore.DigestOf(bytes);
        using var response = await registry.PostAsync($"/v2/{repository}/blobs/uploads/?digest={digest}", new ByteArrayContent(bytes), Token);
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        return digest;
    }

    /// <summary>Pushes config, layer and manifest; returns the manifest's digest and text.</summary>
    public static async Task<(string Digest, string Text)> PushImageAsync(
        this HttpClient registry, string repository, string reference, string content = "layer", string mediaType = ManifestContent.OciManifest)
    {
        var manifest = ImageManifest(await registry.PushBlobAsync(repository, "{}"), await registry.PushBlobAsync(repository, content));
        using var response = await registry.PutManifestAsync(repository, reference, manifest, mediaType);
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        return (response.Headers.GetValues("Docker-Content-Digest").Single(), manifest);
    }

    public static string ImageManifest(string config, string layer) => new JsonObject
    {
        ["schemaVersion"] = 2,
        ["config"] = new JsonObject { ["mediaType"] = "application/vnd.oci.image.config.v1+json", ["digest"] = config, ["size"] = 2 },
        ["layers"] = new JsonArray(
            new JsonObject { ["mediaType"] = "application/vnd.oci.image.layer.v1.tar", ["digest"] = layer, ["size"] = 5 }),
    }.ToJsonString();

    public static async Task<HttpResponseMessage> PutManifestAsync(
        this HttpClient registry, string repository, string reference, string manifest, string mediaType = ManifestContent.OciManifest)
    {
        using var content = new StringContent(manifest, Encoding.UTF8, MediaTypeHeaderValue.Parse(mediaType));
        return await registry.PutAsync($"/v2/{repository}/manifests/{reference}", content, Token);
    }

    /// <summary>Starts an upload; returns its address.</summary>
    public static async Task<string> StartUploadAsync(this HttpClient registry, string repository)
    {
        using var response = await registry.PostAsync($"/v2/{repository}/blobs/uploads/", null, Token);
        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        return response.Headers.Location!.OriginalString;
    }

    public static async Task<HttpResponseMessage> PatchAsync(this HttpClient registry, string upload, string text, string? contentRange = null)
    {
        using var content = new ByteArrayContent(Encoding.UTF8.GetBytes(text));
        if (contentRange is not null)
            content.Headers.TryAddWithoutValidation("Content-Range", contentRange);
        return await registry.PatchAsync(upload, content, Token);
    }

    public static async Task<HttpResponseMessage> FinishAsync(this HttpClient registry, string upload, string digest, string text = "") =>
        await registry.PutAsync($"{upload}?digest={digest}", new ByteArrayContent(Encoding.UTF8.GetBytes(text)), Token);

    public static string DigestOf(string text) => ContentStore.DigestOf(Encoding.UTF8.GetBytes(text));

    public static string? UploadRange(this HttpResponseMessage response) =>
        response.Headers.TryGetValues("Range", out var values) ? values.Single() : null;

    /// <summary>The code of the specification's error body.</summary>
    public static async Task AssertRefusedAsync(this HttpResponseMessage response, HttpStatusCode status, string code)
    {
        var body = await response.Content.ReadAsStringAsync(Token);
        Assert.Equal(status, response.StatusCode);
        Assert.Equal(code, (string?)JsonNode.Parse(body)!["errors"]![0]!["code"]);
    }
}
