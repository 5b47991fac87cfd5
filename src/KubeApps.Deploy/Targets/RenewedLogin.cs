using System.Net;

namespace KubeApps.Deploy.Targets;

/// <summary>Where the server does not accept who we are, a plugin is asked once more, and the request is sent once more.</summary>
internal sealed class RenewedLogin(KubeconfigUser user, HttpMessageHandler inner) : DelegatingHandler(inner)
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var response = await base.SendAsync(request, cancellationToken);
        if (response.StatusCode != HttpStatusCode.Unauthorized || request.Headers.Authorization is not { } refused || !user.Forget(refused))
            return response;
        response.Dispose();
        request.Headers.Authorization = await user.AuthorizeAsync(cancellationToken);
        return await base.SendAsync(request, cancellationToken);
    }
}
