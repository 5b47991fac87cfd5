using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace KubeApps.Aws.StandIn;

/// <summary>
/// AWS for tests: one per test assembly, with as many accounts as tests want, each of its own. Requests and answers are held against AWS's own descriptions
/// of its services, and signatures recomputed; what does not agree is refused with the reason, and fails the test when its account is disposed of.
/// </summary>
/// <remarks>
/// <code>[assembly: AssemblyFixture(typeof(AwsStandIn))]</code> and a constructor parameter.
/// A process of its own is led here with <see cref="StandInAccount.Variables"/>.
/// </remarks>
public sealed class AwsStandIn : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, StandInAccount> _accounts = new();
    private readonly Lazy<Task> _started;
    private WebApplication? _web;
    private int _count;

    public AwsStandIn() => _started = new Lazy<Task>(StartAsync);

    /// <summary>Where all services answer: plain http on the loopback interface.</summary>
    public Uri Endpoint { get; private set; } = null!;

    internal IEnumerable<StandInAccount> Accounts => _accounts.Values;

    /// <summary>An account that no other test knows.</summary>
    /// <param name="clock">What AWS's delays go by; null for the real one.</param>
    public async Task<StandInAccount> NewAccountAsync(TimeProvider? clock = null)
    {
        await _started.Value;
        var account = new StandInAccount(Endpoint, (100_000_000_000 + Interlocked.Increment(ref _count)).ToString(CultureInfo.InvariantCulture), clock ?? TimeProvider.System);
        _accounts[account.Id] = account;
        return account;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var account in _accounts.Values)
            account.Release();
        if (_web is not null)
            await _web.DisposeAsync();
        // Those of tests that did not dispose of theirs.
        foreach (var account in _accounts.Values)
            account.Dispose();
    }

    internal StandInAccount? Find(string id) => _accounts.GetValueOrDefault(id);

    private async Task StartAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(options =>
        {
            options.Listen(IPAddress.Loopback, 0, endpoint => endpoint.Protocols = HttpProtocols.Http1);
            options.AddServerHeader = false;
        });
        builder.Logging.ClearProviders();
        // What hangs must not hold up the end.
        builder.Services.Configure<Microsoft.Extensions.Hosting.HostOptions>(options => options.ShutdownTimeout = TimeSpan.Zero);
        _web = builder.Build();
        _web.Run(new Front(this).AnswerAsync);
        await _web.StartAsync();
        Endpoint = new Uri(_web.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());
    }
}
