using System.Globalization;
using System.Net;
using System.Net.WebSockets;

namespace KubeApps.Deploy.Api;

internal sealed partial class KubeClient
{
    private const string ForwardProtocol = "v4.channel.k8s.io";

    /// <summary>
    /// A connection to a port of a pod, through the API server. Not tried again: whoever asks knows for how long it makes sense.
    /// </summary>
    /// <exception cref="ApiException">The server refuses: no such pod, or no right to <c>get</c> its <c>portforward</c>.</exception>
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
                status, status.ToString(), $"{server} answered {(int)status} when asked to forward port {port} of pod {ns}/{pod} (the right to get pods/portforward is needed)", [], "pods");
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
