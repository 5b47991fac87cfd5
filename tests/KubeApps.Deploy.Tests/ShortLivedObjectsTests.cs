using System.Net;
using System.Net.Http.Headers;
using System.Text;
using KubeApps.Deploy.Api;
using KubeApps.Deploy.Checks;

namespace KubeApps.Deploy.Tests;

public class ShortLivedObjectsTests
{
    private const int Many = 4000;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task DeleteAll_ManyAtOnce_ForgetsEachOfThem()
    {
        var server = new OnlyWrites();
        using var client = new KubeClient(
            new HttpClient(server), "https://cluster.example", _ => Task.FromResult<AuthenticationHeaderValue?>(null), TimeProvider.System);
        var objects = new ShortLivedObjects(client);
        for (var number = 0; number < Many; number++)
            await objects.ApplyAsync(Objects.Of("v1", "Service", $"preview-{number}"), Token);

        await objects.DeleteAllAsync(Token);

        var requests = server.Requests;
        Assert.Equal(3 * Many, requests);
        await objects.DeleteAllAsync(Token);
        Assert.Equal(requests, server.Requests);
    }

    /// <summary>Takes every object, finds none, and answers on any thread.</summary>
    private sealed class OnlyWrites : HttpMessageHandler
    {
        private int _requests;

        public int Requests => _requests;

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref _requests);
            await Task.Yield();
            return new HttpResponseMessage(request.Method == HttpMethod.Get ? HttpStatusCode.NotFound : HttpStatusCode.OK)
            {
                RequestMessage = request,
                Content = new StringContent("""{"metadata":{"uid":"u"}}""", Encoding.UTF8, "application/json"),
            };
        }
    }
}
