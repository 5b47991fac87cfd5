using System.Net;
using System.Net.Http.Headers;
using System.Text;

namespace KubeApps.Sandbox.Tests.Hosting;

public class GateTests(RunningSandbox sandbox) : IClassFixture<RunningSandbox>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Api_WithToken_IsReady()
    {
        Assert.Equal("ok", await sandbox.Api.GetStringAsync("/readyz", Token));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("wrong")]
    [InlineData("")]
    public async Task Api_WithoutTheToken_AnswersUnauthorizedStatus(string? token)
    {
        using var client = sandbox.ApiClient(token is null ? null : new AuthenticationHeaderValue("Bearer", token));

        using var response = await client.GetAsync("/readyz", Token);

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.Contains("\"kind\":\"Status\"", await response.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("evil.example")]
    [InlineData("localhost.evil.example")]
    [InlineData("127.0.0.1")]
    [InlineData("localhost:1")]
    public async Task AnyDoor_NamedOtherwise_RefusesEvenWithTheToken(string host)
    {
        using var api = sandbox.ApiClient(sandbox.Api.DefaultRequestHeaders.Authorization, underAnyName: true);
        foreach (var (client, path) in new[] { (api, "/readyz"), (sandbox.Registry, "/v2/") })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { Host = host } };

            using var response = await client.SendAsync(request, Token);

            Assert.Equal(HttpStatusCode.MisdirectedRequest, response.StatusCode);
        }
    }

    [Theory]
    [InlineData("/v2/")]
    [InlineData("/v2/kubeapps/host-runtime/tags/list")]
    public async Task Registry_Anonymous_AsksForBasicLogin(string path)
    {
        using var client = sandbox.RegistryClient(null);

        using var response = await client.GetAsync(path, Token);

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.Equal("Basic", response.Headers.WwwAuthenticate.Single().Scheme);
        Assert.Contains("UNAUTHORIZED", await response.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("kubeapps:wrong")]
    [InlineData("root:{token}")]
    [InlineData("{token}")]
    [InlineData("kubeapps:")]
    public async Task Registry_WrongLogin_IsRefused(string pair)
    {
        var credentials = Convert.ToBase64String(Encoding.UTF8.GetBytes(pair.Replace("{token}", sandbox.Endpoint.Token, StringComparison.Ordinal)));
        using var client = sandbox.RegistryClient(new AuthenticationHeaderValue("Basic", credentials));

        using var response = await client.GetAsync("/v2/", Token);

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
    }

    [Fact]
    public async Task RegistryLogin_AtTheApi_IsRefused()
    {
        using var client = sandbox.ApiClient(sandbox.Registry.DefaultRequestHeaders.Authorization);

        using var response = await client.GetAsync("/readyz", Token);

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
    }
}
