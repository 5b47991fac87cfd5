using System.Net;
using KubeApps.Sandbox.Tests.Hosting;

namespace KubeApps.Sandbox.Tests.Registry;

public class UploadTests(RunningSandbox sandbox) : IClassFixture<RunningSandbox>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private HttpClient Registry => sandbox.Registry;

    [Fact]
    public async Task Post_WithDigestAndBody_StoresTheBlobInOneRequest()
    {
        var digest = await Registry.PushBlobAsync("upload/monolithic", "content");

        Assert.Equal("content", await Registry.GetStringAsync($"/v2/upload/monolithic/blobs/{digest}", Token));
    }

    [Fact]
    public async Task Post_WithWrongDigest_IsRefusedAndStoresNothing()
    {
        var digest = RegistrySteps.DigestOf("announced");

        using var response = await Registry.PostAsync($"/v2/upload/wrong/blobs/uploads/?digest={digest}", new StringContent("sent"), Token);

        await response.AssertRefusedAsync(HttpStatusCode.BadRequest, "DIGEST_INVALID");
        using var pulled = await Registry.GetAsync($"/v2/upload/wrong/blobs/{digest}", Token);
        Assert.Equal(HttpStatusCode.NotFound, pulled.StatusCode);
    }

    [Theory]
    [InlineData("sha256:abc")]
    [InlineData("md5:d41d8cd98f00b204e9800998ecf8427e")]
    [InlineData("../../etc/passwd")]
    public async Task Post_WithDigestOfAnotherForm_IsRefused(string digest)
    {
        using var response = await Registry.PostAsync($"/v2/upload/form/blobs/uploads/?digest={digest}", new StringContent("x"), Token);

        await response.AssertRefusedAsync(HttpStatusCode.BadRequest, "DIGEST_INVALID");
    }

    [Fact]
    public async Task Chunks_InOrder_MakeTheBlob()
    {
        var upload = await Registry.StartUploadAsync("upload/chunks");

        using var first = await Registry.PatchAsync(upload, "first,", "0-5");
        using var second = await Registry.PatchAsync(upload, "second,", "6-12");
        using var finished = await Registry.FinishAsync(upload, RegistrySteps.DigestOf("first,second,last"), "last");

        Assert.Equal((HttpStatusCode.Accepted, "0-5"), (first.StatusCode, first.UploadRange()));
        Assert.Equal((HttpStatusCode.Accepted, "0-12"), (second.StatusCode, second.UploadRange()));
        Assert.Equal(HttpStatusCode.Created, finished.StatusCode);
        Assert.Equal("first,second,last", await Registry.GetStringAsync(finished.Headers.Location, Token));
    }

    [Fact]
    public async Task Chunk_WithoutRange_IsAppended()
    {
        var upload = await Registry.StartUploadAsync("upload/stream");
        using var first = await Registry.PatchAsync(upload, "one");
        using var second = await Registry.PatchAsync(upload, "two");

        using var finished = await Registry.FinishAsync(upload, RegistrySteps.DigestOf("onetwo"));

        Assert.Equal(HttpStatusCode.Created, finished.StatusCode);
    }

    [Theory]
    [InlineData("5-7")]
    [InlineData("0-2")]
    public async Task Chunk_NotWhereTheUploadIs_IsRefusedAndSaysWhereItIs(string range)
    {
        var upload = await Registry.StartUploadAsync("upload/order");
        using var first = await Registry.PatchAsync(upload, "abc", "0-2");

        using var refused = await Registry.PatchAsync(upload, "def", range);
        using var next = await Registry.PatchAsync(upload, "def", "3-5");

        await refused.AssertRefusedAsync(HttpStatusCode.RequestedRangeNotSatisfiable, "BLOB_UPLOAD_INVALID");
        Assert.Equal("0-2", refused.UploadRange());
        Assert.Equal(upload, refused.Headers.Location!.OriginalString);
        Assert.Equal(HttpStatusCode.Accepted, next.StatusCode);
    }

    [Theory]
    [InlineData("0-9")]
    [InlineData("2-0")]
    [InlineData("abc")]
    [InlineData("0-")]
    public async Task Chunk_WithRangeThatIsNone_IsRefused(string range)
    {
        var upload = await Registry.StartUploadAsync("upload/range");

        using var refused = await Registry.PatchAsync(upload, "abc", range);

        await refused.AssertRefusedAsync(HttpStatusCode.BadRequest, "BLOB_UPLOAD_INVALID");
    }

    [Fact]
    public async Task Get_OfAnUpload_SaysHowMuchCameIn()
    {
        var upload = await Registry.StartUploadAsync("upload/status");
        using var patched = await Registry.PatchAsync(upload, "12345");

        using var status = await Registry.GetAsync(upload, Token);

        Assert.Equal((HttpStatusCode.NoContent, "0-4"), (status.StatusCode, status.UploadRange()));
        Assert.Equal(upload, status.Headers.Location!.OriginalString);
    }

    [Fact]
    public async Task Delete_OfAnUpload_EndsIt()
    {
        var upload = await Registry.StartUploadAsync("upload/cancel");

        using var deleted = await Registry.DeleteAsync(upload, Token);
        using var gone = await Registry.PatchAsync(upload, "late");

        Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
        await gone.AssertRefusedAsync(HttpStatusCode.NotFound, "BLOB_UPLOAD_UNKNOWN");
    }

    [Fact]
    public async Task Put_WithWrongDigest_DropsTheUpload()
    {
        var upload = await Registry.StartUploadAsync("upload/mismatch");
        using var patched = await Registry.PatchAsync(upload, "content");

        using var refused = await Registry.FinishAsync(upload, RegistrySteps.DigestOf("other"));
        using var again = await Registry.FinishAsync(upload, RegistrySteps.DigestOf("content"));

        await refused.AssertRefusedAsync(HttpStatusCode.BadRequest, "DIGEST_INVALID");
        await again.AssertRefusedAsync(HttpStatusCode.NotFound, "BLOB_UPLOAD_UNKNOWN");
    }

    [Fact]
    public async Task Put_WithoutDigest_IsRefused()
    {
        var upload = await Registry.StartUploadAsync("upload/nodigest");

        using var refused = await Registry.PutAsync(upload, new StringContent("x"), Token);

        await refused.AssertRefusedAsync(HttpStatusCode.BadRequest, "DIGEST_INVALID");
    }

    [Theory]
    [InlineData("/v2/upload/other/blobs/uploads/")]
    [InlineData("/v2/upload/mine/blobs/uploads/../")]
    public async Task Upload_AskedForElsewhere_IsUnknown(string prefix)
    {
        var upload = await Registry.StartUploadAsync("upload/mine");

        using var response = await Registry.GetAsync(prefix + upload.Split('/')[^1], Token);

        Assert.Contains(response.StatusCode, new[] { HttpStatusCode.NotFound, HttpStatusCode.BadRequest });
    }

    [Fact]
    public async Task Upload_OfNameThatIsNone_IsRefused()
    {
        using var response = await Registry.PostAsync("/v2/Upload/Case/blobs/uploads/", null, Token);

        await response.AssertRefusedAsync(HttpStatusCode.BadRequest, "NAME_INVALID");
    }

    [Fact]
    public async Task SameBlob_PushedTwentyTimesAtOnce_IsThereOnce()
    {
        var text = new string('x', 300_000);

        var digests = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => Registry.PushBlobAsync($"upload/at-once-{i % 3}", text)));

        Assert.Single(digests.Distinct());
        foreach (var i in new[] { 0, 1, 2 })
            Assert.Equal(text, await Registry.GetStringAsync($"/v2/upload/at-once-{i}/blobs/{digests[0]}", Token));
        Assert.DoesNotContain(Directory.EnumerateFiles(Path.Combine(sandbox.Content, "blobs", "sha256")), file => file.EndsWith(".tmp", StringComparison.Ordinal));
    }

    [Fact]
    public async Task TwoRequests_OnOneUpload_NeverMixTheirBytes()
    {
        var upload = await Registry.StartUploadAsync("upload/race");
        string[] texts = [new('a', 200_000), new('b', 200_000)];

        var responses = await Task.WhenAll(texts.Select(text => Registry.PatchAsync(upload, text, "0-199999")));

        var winner = Assert.Single(texts, text => responses[Array.IndexOf(texts, text)].StatusCode == HttpStatusCode.Accepted);
        using var finished = await Registry.FinishAsync(upload, RegistrySteps.DigestOf(winner));
        Assert.Equal(HttpStatusCode.Created, finished.StatusCode);
    }

    [Fact]
    public async Task Mount_FromARepositoryThatHoldsIt_NeedsNoUpload()
    {
        var digest = await Registry.PushBlobAsync("mount/source", "shared");

        using var mounted = await Registry.PostAsync($"/v2/mount/target/blobs/uploads/?mount={digest}&from=mount/source", null, Token);

        Assert.Equal(HttpStatusCode.Created, mounted.StatusCode);
        Assert.Equal("shared", await Registry.GetStringAsync($"/v2/mount/target/blobs/{digest}", Token));
    }

    [Theory]
    [InlineData("mount/nothing")]
    [InlineData("../mount")]
    public async Task Mount_FromARepositoryWithoutIt_BecomesAnUpload(string from)
    {
        var digest = RegistrySteps.DigestOf("nowhere " + from);

        using var response = await Registry.PostAsync($"/v2/mount/fallback/blobs/uploads/?mount={digest}&from={from}", null, Token);
        using var finished = await Registry.FinishAsync(response.Headers.Location!.OriginalString, digest, "nowhere " + from);

        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        Assert.Equal(HttpStatusCode.Created, finished.StatusCode);
    }
}
