using System.Net;
using System.Net.Http.Headers;
using KubeApps.Sandbox.Tests.Hosting;

namespace KubeApps.Sandbox.Tests.Registry;

public class BlobTests(RunningSandbox sandbox) : IClassFixture<RunningSandbox>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private HttpClient Registry => sandbox.Registry;

    [Fact]
    public async Task Head_SaysSizeAndDigest()
    {
        var digest = await Registry.PushBlobAsync("blob/head", "0123456789");

        using var response = await Registry.SendAsync(new HttpRequestMessage(HttpMethod.Head, $"/v2/blob/head/blobs/{digest}"), Token);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(10, response.Content.Headers.ContentLength);
        Assert.Equal(digest, response.Headers.GetValues("Docker-Content-Digest").Single());
    }

    [Theory]
    [InlineData("bytes=2-4", "234", "bytes 2-4/10")]
    [InlineData("bytes=7-", "789", "bytes 7-9/10")]
    [InlineData("bytes=-3", "789", "bytes 7-9/10")]
    [InlineData("bytes=8-100", "89", "bytes 8-9/10")]
    [InlineData("bytes=-100", "0123456789", "bytes 0-9/10")]
    public async Task Get_WithRange_SendsThatPart(string range, string expected, string contentRange)
    {
        var digest = await Registry.PushBlobAsync("blob/range", "0123456789");

        using var response = await GetRangeAsync(digest, range);

        Assert.Equal(HttpStatusCode.PartialContent, response.StatusCode);
        Assert.Equal(expected, await response.Content.ReadAsStringAsync(Token));
        Assert.Equal(contentRange, response.Content.Headers.ContentRange?.ToString());
    }

    [Theory]
    [InlineData("bytes=10-")]
    [InlineData("bytes=100-200")]
    [InlineData("bytes=-0")]
    public async Task Get_WithRangeBeyondTheEnd_IsNotSatisfiable(string range)
    {
        var digest = await Registry.PushBlobAsync("blob/range", "0123456789");

        using var response = await GetRangeAsync(digest, range);

        Assert.Equal(HttpStatusCode.RequestedRangeNotSatisfiable, response.StatusCode);
        Assert.Equal("bytes */10", response.Content.Headers.ContentRange?.ToString());
    }

    [Theory]
    [InlineData("bytes=0-1,4-5")]
    [InlineData("lines=1-2")]
    [InlineData("bytes=4-2")]
    public async Task Get_WithRangeOfAnotherForm_SendsAll(string range)
    {
        var digest = await Registry.PushBlobAsync("blob/range", "0123456789");

        using var response = await GetRangeAsync(digest, range);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("0123456789", await response.Content.ReadAsStringAsync(Token));
    }

    [Fact]
    public async Task Get_OfEmptyBlob_SendsNothing()
    {
        var digest = await Registry.PushBlobAsync("blob/empty", "");

        Assert.Equal("", await Registry.GetStringAsync($"/v2/blob/empty/blobs/{digest}", Token));
    }

    [Fact]
    public async Task Get_FromARepositoryThatDoesNotHoldIt_IsUnknown()
    {
        var digest = await Registry.PushBlobAsync("blob/here", "elsewhere");

        using var response = await Registry.GetAsync($"/v2/blob/there/blobs/{digest}", Token);

        await response.AssertRefusedAsync(HttpStatusCode.NotFound, "BLOB_UNKNOWN");
    }

    [Fact]
    public async Task Delete_TakesItOutOfThatRepositoryOnly()
    {
        var digest = await Registry.PushBlobAsync("blob/one", "deleted");
        await Registry.PushBlobAsync("blob/two", "deleted");

        using var deleted = await Registry.DeleteAsync($"/v2/blob/one/blobs/{digest}", Token);
        using var again = await Registry.DeleteAsync($"/v2/blob/one/blobs/{digest}", Token);
        using var other = await Registry.GetAsync($"/v2/blob/two/blobs/{digest}", Token);

        Assert.Equal(HttpStatusCode.Accepted, deleted.StatusCode);
        await again.AssertRefusedAsync(HttpStatusCode.NotFound, "BLOB_UNKNOWN");
        Assert.Equal(HttpStatusCode.OK, other.StatusCode);
    }

    [Theory]
    [InlineData("sha256:zz")]
    [InlineData("sha512:00")]
    [InlineData("..%2f..%2fetc%2fpasswd")]
    public async Task Get_OfDigestThatIsNone_IsRefused(string digest)
    {
        using var response = await Registry.GetAsync($"/v2/blob/any/blobs/{digest}", Token);

        await response.AssertRefusedAsync(HttpStatusCode.BadRequest, "DIGEST_INVALID");
    }

    private async Task<HttpResponseMessage> GetRangeAsync(string digest, string range)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/v2/blob/range/blobs/{digest}");
        request.Headers.TryAddWithoutValidation("Range", range);
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("*/*"));
        return await Registry.SendAsync(request, Token);
    }
}
