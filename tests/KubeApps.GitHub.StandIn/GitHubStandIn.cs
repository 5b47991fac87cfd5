using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace KubeApps.GitHub.StandIn;

/// <summary>
/// GitHub's REST API for tests: one per test assembly, with as many repositories as tests want, each of its own. What is asked goes through a proxy that
/// holds requests and answers against GitHub's own description of the API; what does not agree with it is refused with the reason, and fails the test
/// when its repository is disposed of. Starts with the first repository (some seconds).
/// </summary>
/// <remarks>
/// <code>[assembly: AssemblyFixture(typeof(GitHubStandIn))]</code> and a constructor parameter.
/// A process of its own is led here with <see cref="StandInRepository.Variables"/>.
/// </remarks>
public sealed class GitHubStandIn : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, StandInRepository> _repositories = new(StringComparer.OrdinalIgnoreCase);
    private readonly Lazy<Task> _started;
    private WebApplication? _web;
    private PrismProxy? _proxy;
    private HttpClient? _toProxy;
    private int _count;

    public GitHubStandIn() => _started = new Lazy<Task>(StartAsync);

    /// <summary>Where the API answers, as <c>GITHUB_API_URL</c> has it: plain http on the loopback interface.</summary>
    public Uri Api { get; private set; } = null!;

    /// <summary>The same, with the path that an Enterprise Server has.</summary>
    public Uri EnterpriseApi => new(Api, "api/v3/");

    /// <summary>A repository that no other test knows, and a token that opens it, and only it.</summary>
    public async Task<StandInRepository> NewRepositoryAsync(string? owner = null, string? name = null)
    {
        await _started.Value;
        var number = Interlocked.Increment(ref _count);
        var repository = new StandInRepository(Api, number, owner ?? $"acme-{number}", name ?? "shop");
        if (!_repositories.TryAdd(repository.FullName, repository))
            throw new ArgumentException($"There is a repository {repository.FullName} already.");
        return repository;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var repository in _repositories.Values)
            repository.Release();
        if (_web is not null)
            await _web.DisposeAsync();
        if (_proxy is not null)
            await _proxy.DisposeAsync();
        _toProxy?.Dispose();
        // Those of tests that did not dispose of theirs.
        foreach (var repository in _repositories.Values)
            repository.Dispose();
    }

    internal StandInRepository? Find(string fullName) => _repositories.GetValueOrDefault(fullName);

    internal StandInRepository? Find(int id) => _repositories.Values.FirstOrDefault(repository => repository.Id == id);

    internal StandInRepository? FindByToken(string authorization) => _repositories.Values.FirstOrDefault(repository => repository.RightsOf(TokenIn(authorization)) is not null);

    /// <summary>What stands in the header that names it; empty for none.</summary>
    internal static string TokenIn(string authorization) =>
        authorization.Split(' ') is [var scheme, var token] && (scheme.ToUpperInvariant() is "TOKEN" or "BEARER") ? token : "";

    internal static string NewSecret() => $"ghs_{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(18))}";

    private async Task StartAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(options =>
        {
            options.Listen(IPAddress.Loopback, 0);
            options.Listen(IPAddress.Loopback, 0);
            options.ConfigureEndpointDefaults(endpoint => endpoint.Protocols = HttpProtocols.Http1);
        });
        builder.Logging.ClearProviders();
        // What hangs must not hold up the end.
        builder.Services.Configure<Microsoft.Extensions.Hosting.HostOptions>(options => options.ShutdownTimeout = TimeSpan.Zero);
        _web = builder.Build();
        RequestDelegate front = _ => Task.CompletedTask, fake = new FakeGitHub(this).AnswerAsync;
        var fakePort = 0;
        _web.Run(context => context.Connection.LocalPort == fakePort ? fake(context) : front(context));
        await _web.StartAsync();
        var addresses = _web.Services.GetRequiredService<Microsoft.AspNetCore.Hosting.Server.IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Select(text => new Uri(text)).ToList();
        fakePort = addresses[1].Port;
        Api = addresses[0];
        _proxy = await PrismProxy.StartAsync(addresses[1]);
        _toProxy = new HttpClient(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = _proxy.Address, Timeout = TimeSpan.FromMinutes(2) };
        front = new Front(this, _toProxy).AnswerAsync;
    }
}
