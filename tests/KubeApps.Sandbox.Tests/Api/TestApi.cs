using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using KubeApps.Sandbox.Api;
using KubeApps.Sandbox.Api.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace KubeApps.Sandbox.Tests.Api;

/// <summary>The API of a cluster of its own, over plain HTTP on a free port. TLS and the token are tested with the host.</summary>
internal sealed class TestApi : IAsyncDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly WebApplication _app;
    private readonly Task _upkeep;
    private readonly ObjectStore _store;

    private TestApi(WebApplication app, ObjectStore store, Cluster cluster, Func<CancellationToken, Task> upkeep, ApiServer api)
    {
        _app = app;
        _store = store;
        Cluster = cluster;
        Server = api;
        Address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        Client = new HttpClient { BaseAddress = new Uri(Address), Timeout = TimeSpan.FromSeconds(30) };
        _upkeep = upkeep(_stopping.Token);
    }

    public Cluster Cluster { get; }

    public ApiServer Server { get; }

    public string Address { get; }

    public HttpClient Client { get; }

    public static CancellationToken Token => TestContext.Current.CancellationToken;

    public static async Task<TestApi> StartAsync(string? directory = null, string? rootCertificate = null)
    {
        var store = directory is null ? new ObjectStore() : ObjectStore.Open(directory);
        var cluster = new Cluster(store, TimeProvider.System);
        cluster.Operations.RootCertificate = rootCertificate;
        ClusterSeed.Plant(cluster);
        store.ForgetHistory();
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var app = builder.Build();
        var api = new ApiServer(cluster, NullLogger.Instance, app.Lifetime.ApplicationStopping);
        app.Run(api.HandleAsync);
        await app.StartAsync(Token);
        return new TestApi(app, store, cluster, new Upkeep(cluster).RunAsync, api);
    }

    public Task<Answer> GetAsync(string path, string? accept = null) => SendAsync("GET", path, accept: accept);

    public Task<Answer> PostAsync(string path, JsonNode body) => SendAsync("POST", path, body.ToJsonString());

    public Task<Answer> PostAsync(string path, string body) => SendAsync("POST", path, body);

    public Task<Answer> PutAsync(string path, JsonNode body) => SendAsync("PUT", path, body.ToJsonString());

    public Task<Answer> ApplyAsync(string path, string manager, string yaml, string more = "") =>
        SendAsync("PATCH", $"{path}?fieldManager={manager}{more}", yaml, "application/apply-patch+yaml");

    public Task<Answer> MergeAsync(string path, string patch) => SendAsync("PATCH", path, patch, "application/merge-patch+json");

    public Task<Answer> DeleteAsync(string path, string? options = null) => SendAsync("DELETE", path, options);

    public async Task<Answer> SendAsync(string method, string path, string? body = null, string contentType = "application/json", string? accept = null)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (body is not null)
        {
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
            request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(contentType);
        }

        if (accept is not null)
            request.Headers.TryAddWithoutValidation("Accept", accept);
        using var response = await Client.SendAsync(request, Token);
        var text = await response.Content.ReadAsStringAsync(Token);
        var warnings = response.Headers.TryGetValues("Warning", out var values) ? values.ToList() : [];
        return new Answer((int)response.StatusCode, text, response.Content.Headers.ContentType?.ToString().Replace("; ", ";", StringComparison.Ordinal), warnings);
    }

    /// <summary>Asks again and again until the answer is as wanted; for what happens in the background.</summary>
    public async Task<Answer> WaitForAsync(string path, Func<Answer, bool> wanted)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Token);
        limit.CancelAfter(TimeSpan.FromSeconds(20));
        while (true)
        {
            var answer = await GetAsync(path);
            if (wanted(answer))
                return answer;
            await Task.Delay(20, limit.Token);
        }
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        using var now = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
        await _stopping.CancelAsync();
        await _upkeep;
        _stopping.Dispose();
        _store.Dispose();
    }
}

internal sealed record Answer(int Status, string Text, string? ContentType, IReadOnlyList<string> Warnings)
{
    public JsonNode Body => field ??= JsonNode.Parse(Text)!;

    public string Message => (string?)Body["message"] ?? "";

    public string? Reason => (string?)Body["reason"];

    public IReadOnlyList<string> Names => [.. Body["items"]!.AsArray().Select(item => (string)item!["metadata"]!["name"]!)];
}
