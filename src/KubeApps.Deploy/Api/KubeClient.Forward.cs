using System.Globalization;
using System.Net;
using System.Net.WebSockets;

namespace KubeApps.Deploy.Api;

internal sealed partial class KubeClient
{
    // kubectl speaks v2.portforward.k8s.io (1.31 and later): SPDY in a websocket, which the API server takes apart. Every other websocket it hands
    // on as it is (PortForwardREST in kubernetes' pkg/registry/core/pod/rest/subresources.go), and the streaming server behind the kubelet speaks
    // this (portforward/websocket.go: two channels a port, each beginning with its number); kubernetes' end-to-end test "should support
    // forwarding over websockets" holds it to that.
    private const string ForwardProtocol = "v4.channel.k8s.io";

    /// <summary>
    /// A connection to a port of a pod, through the API server. Not tried again: whoever asks knows for how long it makes sense.
    /// </summary>
    /// <exception cref="ApiException">
    /// The server refuses: no such pod, or no right to <c>get</c> its <c>portforward</c>, or from 1.35 on (AuthorizePodWebsocketUpgradeCreatePermission) to <c>create</c> it.
    /// </exception>
    /// <exception cref="IOException">No connection came about.</exception>
    public async Task<Stream> ForwardAsync(string ns, string pod, int port, CancellationToken cancellationToken)
    {
        var path = $"{ResourceType.Pod.ObjectPath(ns, pod)}/portforward?ports={port.ToString(CultureInfo.InvariantCulture)}";
        var address = new UriBuilder(server.TrimEnd('/') + path);
        address.Scheme = address.Scheme == Uri.UriSchemeHttps ? Uri.UriSchemeWss : Uri.UriSchemeWs;
        var socket = new ClientWebSocket();
        socket.Options.AddSubProtocol(ForwardProtocol);
        socket.Options.CollectHttpResponseDetails = true;
        try
        {
            if (await authorize(cancellationToken) is { } authorization)
                socket.Options.SetRequestHeader("Authorization", authorization.ToString());
            using var limit = Limit(RequestTimeout, cancellationToken);
            await socket.ConnectAsync(address.Uri, http, limit.Token);
            return new PortForwardStream(socket);
        }
        catch (WebSocketException) when (socket.HttpStatusCode is not (0 or HttpStatusCode.SwitchingProtocols))
        {
            var status = socket.HttpStatusCode;
            socket.Dispose();
            throw new ApiException(
                status, status.ToString(), $"{server} answered {(int)status} when asked to forward port {port} of pod {ns}/{pod} (the rights to get and create pods/portforward are needed)", [], "pods");
        }
        catch (Exception failure) when (failure is WebSocketException || IsConnectionFailure(failure, cancellationToken))
        {
            socket.Dispose();
            throw new IOException($"{server} cannot be reached: {(failure.InnerException ?? failure).Message}", failure);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
