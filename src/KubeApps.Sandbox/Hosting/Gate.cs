using System.Net.Http.Headers;
using System.Text;
using KubeApps.Sandbox.Registry;
using Microsoft.AspNetCore.Http;

namespace KubeApps.Sandbox.Hosting;

/// <summary>Which of the two doors a connection came through. Set on the connection, read from its requests.</summary>
internal sealed record Door(string Name)
{
    public static readonly Door Api = new("API");
    public static readonly Door Registry = new("registry");
}

/// <summary>
/// Lets in who names this host and knows the token. The Host header is checked first: a web page whose name was rebound to 127.0.0.1
/// sends its own.
/// </summary>
internal sealed class Gate(SandboxIdentity identity)
{
    public const string RegistryUser = "kubeapps";

    public Task AdmitToApiAsync(HttpContext context, RequestDelegate next)
    {
        if (!IsLoopbackName(context))
            return RefuseApiAsync(context, StatusCodes.Status421MisdirectedRequest, "Misdirected", "The sandbox answers to 127.0.0.1 and localhost only.");
        if (identity.Accepts(Credentials(context, "Bearer")))
            return next(context);
        context.Response.Headers.WWWAuthenticate = "Bearer realm=\"kubeapps-sandbox\"";
        return RefuseApiAsync(context, StatusCodes.Status401Unauthorized, "Unauthorized", "Unauthorized");
    }

    public Task AdmitToRegistryAsync(HttpContext context, RequestDelegate next)
    {
        if (!IsLoopbackName(context))
            return RegistryServer.RefuseAsync(context, StatusCodes.Status421MisdirectedRequest, "DENIED", "The sandbox answers to 127.0.0.1 and localhost only.");
        if (identity.Accepts(BasicPassword(Credentials(context, "Basic"))))
            return next(context);
        context.Response.Headers.WWWAuthenticate = "Basic realm=\"kubeapps-sandbox\", charset=\"UTF-8\"";
        return RegistryServer.RefuseAsync(
            context, StatusCodes.Status401Unauthorized, "UNAUTHORIZED", $"Log in as {RegistryUser} with the sandbox's token.");
    }

    /// <summary>An answer in the form that Kubernetes clients understand.</summary>
    public static Task RefuseApiAsync(HttpContext context, int status, string reason, string message)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        // The texts are ours and need no escaping.
        return context.Response.WriteAsync(
            $$"""{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"{{message}}","reason":"{{reason}}","code":{{status}}}""" + "\n",
            context.RequestAborted);
    }

    private static bool IsLoopbackName(HttpContext context)
    {
        var host = context.Request.Host;
        return host.Port == context.Connection.LocalPort
            && (host.Host == "127.0.0.1" || host.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase));
    }

    private static string? Credentials(HttpContext context, string scheme) =>
        context.Request.Headers.Authorization is [{ } header]
        && AuthenticationHeaderValue.TryParse(header, out var value)
        && value.Scheme.Equals(scheme, StringComparison.OrdinalIgnoreCase)
            ? value.Parameter
            : null;

    private static string? BasicPassword(string? parameter)
    {
        if (parameter is null)
            return null;
        var bytes = new byte[parameter.Length];
        if (!Convert.TryFromBase64String(parameter, bytes, out var length))
            return null;
        var pair = Encoding.UTF8.GetString(bytes, 0, length);
        var user = RegistryUser + ":";
        return pair.StartsWith(user, StringComparison.Ordinal) ? pair[user.Length..] : null;
    }
}
