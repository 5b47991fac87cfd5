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
/// The two ports, on 127.0.0.1 only. A port of 0 takes the one of the last start if it is free, so that addresses which users have noted
/// (kubeconfig, image names) stay right.
/// </summary>
internal sealed class Listeners(SandboxOptions options, SandboxHome home)
{
    private const int LargestApiRequest = 8 * 1024 * 1024;

    private readonly IPEndPoint _api = new(IPAddress.Loopback, options.ApiPort);
    private readonly IPEndPoint _registry = new(IPAddress.Loopback, options.RegistryPort);
    private readonly PortFile _last = PortFile.Read(home.Ports);

    public int ApiPort { get; private set; }

    public int RegistryPort { get; private set; }

    public void Configure(WebApplicationBuilder builder, SandboxIdentity identity)
    {
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration();
        builder.WebHost.UseSockets(sockets => sockets.CreateBoundListenSocket = Bind);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = LargestApiRequest;
            // Watches of one client share a connection; kubectl and controllers open dozens.
            kestrel.Limits.Http2.MaxStreamsPerConnection = 1000;
            kestrel.Listen(_api, listen =>
            {
                listen.Protocols = HttpProtocols.Http1AndHttp2;
                Mark(listen, Door.Api);
                listen.UseHttps(identity.Certificate);
            });
            kestrel.Listen(_registry, listen =>
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
            AtomicFile.Write(home.Ports, JsonSerializer.SerializeToUtf8Bytes(ports, PortFileJson.Default.PortFile), durable: false);
    }

    private static void Mark(ListenOptions listen, Door door) => listen.Use(next => connection =>
    {
        connection.Features.Set(door);
        return next(connection);
    });

    private Socket Bind(EndPoint endPoint)
    {
        var isApi = ReferenceEquals(endPoint, _api);
        var wanted = ((IPEndPoint)endPoint).Port;
        var last = isApi ? _last.Api : _last.Registry;
        var socket = wanted == 0 && last is > 0 and <= ushort.MaxValue ? TryBind(last) : null;
        try
        {
            socket ??= SocketTransportOptions.CreateDefaultBoundListenSocket(endPoint);
        }
        catch (SocketException e)
        {
            var (door, variable) = isApi ? (Door.Api, SandboxOptions.ApiPortVariable) : (Door.Registry, SandboxOptions.RegistryPortVariable);
            throw new SandboxException(
                "port-taken",
                $"The sandbox's {door.Name} cannot listen on 127.0.0.1:{wanted}: {e.Message}. Free the port, or set {variable} to another one (0: any).",
                e);
        }

        var port = ((IPEndPoint)socket.LocalEndPoint!).Port;
        if (isApi)
            ApiPort = port;
        else
            RegistryPort = port;
        return socket;
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
