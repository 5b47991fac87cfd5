using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using KubeApps.Deploy.Api;

namespace KubeApps.Deploy.Targets;

/// <summary>A way to one cluster, named: nothing is ever deployed to a cluster that nobody named.</summary>
/// <param name="Description">For people: <c>sandbox</c>, <c>context prod-eu</c>.</param>
/// <param name="Client">Speaks to its API server.</param>
internal sealed record ClusterConnection(string Description, KubeClient Client) : IDisposable
{
    /// <summary>The kinds that the cluster serves.</summary>
    public ResourceCatalog Catalog { get; } = new(Client);

    /// <summary>Whether it may be changed while a full update has it: by the update itself, and by who named the cluster.</summary>
    public bool MayBeInUpdate { get; init; }

    public void Dispose() => Client.Dispose();

    /// <summary>Connects with a bearer token, to a server whose certificate a CA of its own has signed (the sandbox).</summary>
    public static ClusterConnection WithToken(
        string description, string server, X509Certificate2Collection? authorities, string token, TimeProvider clock)
    {
        var header = new AuthenticationHeaderValue("Bearer", token);
        return WithLogin(description, server, authorities, _ => Task.FromResult<AuthenticationHeaderValue?>(header), clock);
    }

    /// <summary>The same for a login that says anew for each request who we are.</summary>
    public static ClusterConnection WithLogin(
        string description, string server, X509Certificate2Collection? authorities, Func<CancellationToken, Task<AuthenticationHeaderValue?>> authorize, TimeProvider clock)
    {
        var http = new HttpClient(Handler(server, authorities, null, false, null)) { Timeout = Timeout.InfiniteTimeSpan };
        return new ClusterConnection(description, new KubeClient(http, server, authorize, clock));
    }

    internal static SocketsHttpHandler Handler(
        string server, X509Certificate2Collection? authorities, X509Certificate2? clientCertificate, bool skipVerify, string? tlsServerName,
        IWebProxy? proxy = null)
    {
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            ConnectTimeout = TimeSpan.FromSeconds(10),
            EnableMultipleHttp2Connections = true,
            // A watch may be silent for minutes; only this tells a silent server from a dead one.
            KeepAlivePingDelay = TimeSpan.FromSeconds(30),
            KeepAlivePingTimeout = TimeSpan.FromSeconds(15),
            PooledConnectionLifetime = TimeSpan.FromMinutes(15),
            UseCookies = false,
            // A proxy of the machine must not see what goes to its own sandbox.
            UseProxy = proxy is not null || !new Uri(server).IsLoopback,
            Proxy = proxy,
        };
        if (clientCertificate is not null)
            handler.SslOptions.ClientCertificates = [clientCertificate];
        if (skipVerify)
            handler.SslOptions.RemoteCertificateValidationCallback = (_, _, _, _) => true;
        else if (authorities is { Count: > 0 })
        {
            var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            policy.CustomTrustStore.AddRange(authorities);
            handler.SslOptions.CertificateChainPolicy = policy;
        }

        // The handler itself asks for the host that it connects to, whatever stands in TargetHost.
        if (tlsServerName is { Length: > 0 })
            handler.ConnectCallback = (connecting, cancellationToken) => ConnectAsAsync(tlsServerName, handler.SslOptions, connecting, cancellationToken);
        return handler;
    }

    private static async ValueTask<Stream> ConnectAsAsync(
        string name, SslClientAuthenticationOptions options, SocketsHttpConnectionContext connecting, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(connecting.DnsEndPoint, cancellationToken);
            var stream = new SslStream(new NetworkStream(socket, ownsSocket: true));
            await stream.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions
                {
                    TargetHost = name,
                    ApplicationProtocols = connecting.InitialRequestMessage.Version.Major < 2
                        ? [SslApplicationProtocol.Http11]
                        : [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11],
                    ClientCertificates = options.ClientCertificates,
                    CertificateChainPolicy = options.CertificateChainPolicy,
                    RemoteCertificateValidationCallback = options.RemoteCertificateValidationCallback,
                },
                cancellationToken);
            return stream;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
