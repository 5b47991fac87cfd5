using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace KubeApps.Sandbox.Hosting;

/// <summary>
/// The two ports (one, where another sandbox has the registry), on 127.0.0.1 only. A port of 0 takes the one of the last start if it is free, so that addresses which users have noted
/// (kubeconfig, image names) stay right.
/// </summary>
internal sealed class Listeners : IDisposable
{
    private const int LargestApiRequest = 8 * 1024 * 1024;

    private readonly Socket _api;
    private readonly Socket? _registry;
    private readonly PortFile _last;
    private readonly string _file;

    /// <summary>Takes both ports. Nobody is answered before the server starts, but everybody can be told the addresses.</summary>
    public Listeners(SandboxOptions options, SandboxHome home)
    {
        _file = home.Ports;
        _last = PortFile.Read(_file);
        _api = Bind(Door.Api, options.ApiPort, _last.Api, SandboxOptions.ApiPortVariable);
        try
        {
            _registry = options.ImagesOf is not null ? null : Bind(Door.Registry, options.RegistryPort, _last.Registry, SandboxOptions.RegistryPortVariable);
        }
        catch
        {
            _api.Dispose();
            throw;
        }
    }

    public int ApiPort => PortOf(_api);

    /// <summary>Zero for one that has no registry of its own.</summary>
    public int RegistryPort => _registry is null ? 0 : PortOf(_registry);

    /// <summary>As image references name it.</summary>
    public string RegistryAddress => $"localhost:{RegistryPort}";

    public void Configure(WebApplicationBuilder builder, SandboxIdentity identity)
    {
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration();
        builder.WebHost.UseSockets(sockets => sockets.CreateBoundListenSocket = endPoint =>
            ((IPEndPoint)endPoint).Port == ApiPort ? _api : _registry!);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = LargestApiRequest;
            // Watches of one client share a connection; kubectl and controllers open dozens.
            kestrel.Limits.Http2.MaxStreamsPerConnection = 1000;
            kestrel.Listen(IPAddress.Loopback, ApiPort, listen =>
            {
                listen.Protocols = HttpProtocols.Http1AndHttp2;
                Mark(listen, Door.Api);
                listen.UseHttps(identity.Certificate);
            });
            if (_registry is null)
                return;
            kestrel.Listen(IPAddress.Loopback, RegistryPort, listen =>
            {
                listen.Protocols = HttpProtocols.Http1;
                Mark(listen, Door.Registry);
            });
        });
    }

    /// <summary>Keeps the ports for the next start.</summary>
    public void Remember()
    {
        var ports = new PortFile(ApiPort, RegistryPort);
        if (ports != _last)
            AtomicFile.Write(_file, JsonSerializer.SerializeToUtf8Bytes(ports, PortFileJson.Default.PortFile), durable: false);
    }

    private static void Mark(ListenOptions listen, Door door) => listen.Use(next => connection =>
    {
        connection.Features.Set(door);
        return next(connection);
    });

    public void Dispose()
    {
        _api.Dispose();
        _registry?.Dispose();
    }

    private static int PortOf(Socket socket) => ((IPEndPoint)socket.LocalEndPoint!).Port;

    private static Socket Bind(Door door, int wanted, int last, string variable)
    {
        if (wanted == 0 && last is > 0 and <= ushort.MaxValue && TryBind(last) is { } again)
            return again;
        try
        {
            return SocketTransportOptions.CreateDefaultBoundListenSocket(new IPEndPoint(IPAddress.Loopback, wanted));
        }
        catch (SocketException e)
        {
            throw new SandboxException(
                "port-taken",
                $"The sandbox's {door.Name} cannot listen on 127.0.0.1:{wanted}: {e.Message}. Free the port, or set {variable} to another one (0: any).",
                e);
        }
    }

    private static Socket? TryBind(int port)
    {
        try
        {
            return SocketTransportOptions.CreateDefaultBoundListenSocket(new IPEndPoint(IPAddress.Loopback, port));
        }
        catch (SocketException)
        {
            return null;
        }
    }
}

/// <summary>The ports of the last start.</summary>
internal sealed record PortFile(int Api, int Registry)
{
    public static PortFile Read(string path)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(path), PortFileJson.Default.PortFile) ?? new(0, 0);
        }
        catch (Exception e) when (e is IOException or JsonException)
        {
            return new(0, 0);
        }
    }
}

[JsonSerializable(typeof(PortFile))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
internal sealed partial class PortFileJson : JsonSerializerContext;
