using System.Net;
using System.Text.Json.Nodes;
using KubeApps.Sandbox.Registry;
using KubeApps.Sandbox.Tests.Hosting;

namespace KubeApps.Sandbox.Tests.Registry;

public class ListingTests(RunningSandbox sandbox) : IClassFixture<RunningSandbox>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private HttpClient Registry => sandbox.Registry;

    [Fact]
    public async Task Tags_PageByPage_AreAllThereInOrder()
    {
        var (_, text) = await Registry.PushImageAsync("list/tags", "b");
        foreach (var tag in new[] { "a", "e", "C", "d" })
            using (await Registry.PutManifestAsync("list/tags", tag, text))
            {
            }

        List<string> seen = [];
        for (var next = "/v2/list/tags/tags/list?n=2"; next is not null;)
        {
            using var response = await Registry.GetAsync(next, Token);
            var page = JsonNode.Parse(await response.Content.ReadAsStringAsync(Token))!;
            Assert.Equal("list/tags", (string?)page["name"]);
            seen.AddRange(page["tags"]!.AsArray().Select(tag => (string)tag!));
            next = response.Headers.TryGetValues("Link", out var links) ? links.Single().Split('<', '>')[1] : null;
        }

        Assert.Equal(["C", "a", "b", "d", "e"], seen);
    }

    [Theory]
    [InlineData("?n=0", "")]
    [InlineData("?last=v1", "v2")]
    [InlineData("?n=1", "v1")]
    [InlineData("?n=1&last=v0", "v1")]
    [InlineData("?n=10&last=v2", "")]
    [InlineData("", "v1,v2")]
    public async Task Tags_WithLimits(string query, string expected)
    {
        var (_, text) = await Registry.PushImageAsync("list/limits", "v1");
        using var second = await Registry.PutManifestAsync("list/limits", "v2", text);

        var page = JsonNode.Parse(await Registry.GetStringAsync("/v2/list/limits/tags/list" + query, Token))!;

        Assert.Equal(expected, string.Join(',', page["tags"]!.AsArray().Select(tag => (string)tag!)));
    }

    [Fact]
    public async Task Tags_OfARepositoryThatIsNotThere_NameItUnknown()
    {
        using var response = await Registry.GetAsync("/v2/list/nowhere/tags/list", Token);

        await response.AssertRefusedAsync(HttpStatusCode.NotFound, "NAME_UNKNOWN");
    }

    [Theory]
    [InlineData("-1")]
    [InlineData("many")]
    public async Task Tags_WithALimitThatIsNone_AreRefused(string n)
    {
        await Registry.PushImageAsync("list/limit", "v1");

        using var response = await Registry.GetAsync($"/v2/list/limit/tags/list?n={n}", Token);

        await response.AssertRefusedAsync(HttpStatusCode.BadRequest, "PAGINATION_NUMBER_INVALID");
    }

    [Fact]
    public async Task Catalog_NamesTheBaseImageFromTheStart()
    {
        var catalog = JsonNode.Parse(await Registry.GetStringAsync("/v2/_catalog", Token))!;

        Assert.Contains("kubeapps/host-runtime", catalog["repositories"]!.AsArray().Select(name => (string)name!));
    }

    [Fact]
    public async Task Referrers_AreFoundByWhatTheyReferTo()
    {
        var (subject, _) = await Registry.PushImageAsync("list/referrers", "v1");
        var signature = await PushReferrerAsync(subject, "application/vnd.example.signature");
        var sbom = await PushReferrerAsync(subject, "application/vnd.example.sbom");

        using var all = await Registry.GetAsync($"/v2/list/referrers/referrers/{subject}", Token);
        using var some = await Registry.GetAsync($"/v2/list/referrers/referrers/{subject}?artifactType=application/vnd.example.sbom", Token);
        using var none = await Registry.GetAsync($"/v2/list/referrers/referrers/{signature}", Token);

        Assert.Equal(ManifestContent.OciIndex, all.Content.Headers.ContentType?.MediaType);
        Assert.Equal(new[] { sbom, signature }.Order(StringComparer.Ordinal), await DigestsAsync(all));
        Assert.Equal([sbom], await DigestsAsync(some));
        Assert.Equal("artifactType", some.Headers.GetValues("OCI-Filters-Applied").Single());
        Assert.Empty(await DigestsAsync(none));
    }

    [Theory]
    [InlineData("GET", "/v3/")]
    [InlineData("GET", "/v2/list/unknown")]
    [InlineData("POST", "/v2/list/tags/tags/list")]
    [InlineData("PUT", "/v2/_catalog")]
    public async Task AnythingElse_IsRefusedInTheSpecificationsForm(string method, string path)
    {
        using var response = await Registry.SendAsync(new HttpRequestMessage(HttpMethod.Parse(method), path), Token);

        Assert.Contains(response.StatusCode, new[] { HttpStatusCode.NotFound, HttpStatusCode.MethodNotAllowed });
        Assert.Equal("UNSUPPORTED", (string?)JsonNode.Parse(await response.Content.ReadAsStringAsync(Token))!["errors"]![0]!["code"]);
    }

    private async Task<string> PushReferrerAsync(string subject, string artifactType)
    {
        var config = await Registry.PushBlobAsync("list/referrers", "{}");
        var manifest = new JsonObject
        {
            ["schemaVersion"] = 2,
            ["mediaType"] = ManifestContent.OciManifest,
            ["artifactType"] = artifactType,
            ["config"] = new JsonObject { ["mediaType"] = "application/vnd.oci.empty.v1+json", ["digest"] = config, ["size"] = 2 },
            ["layers"] = new JsonArray(),
            ["subject"] = new JsonObject { ["mediaType"] = ManifestContent.OciManifest, ["digest"] = subject, ["size"] = 1 },
            ["annotations"] = new JsonObject { ["made-by"] = "test" },
        }.ToJsonString();
        using var response = await Registry.PutManifestAsync("list/referrers", RegistrySteps.DigestOf(manifest), manifest);
        Assert.Equal(subject, response.Headers.GetValues("OCI-Subject").Single());
        return RegistrySteps.DigestOf(manifest);
    }

    private static async Task<IEnumerable<string>> DigestsAsync(HttpResponseMessage response) =>
        JsonNode.Parse(await response.Content.ReadAsStringAsync(Token))!["manifests"]!.AsArray().Select(entry => (string)entry!["digest"]!);
}
