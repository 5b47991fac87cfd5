using System.Buffers.Text;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Xml.Linq;
using KubeApps.Aws.StandIn;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace KubeApps.Deploy.Tests.Clusters.Eks;

/// <summary>
/// The API server of a cluster of EKS: behind a certificate of an authority of its own, it holds tokens against what EKS takes, lets STS say whose they are, and
/// lets in whom an access entry names. Behind it is the sandbox's API.
/// </summary>
/// <seealso href="https://github.com/kubernetes-sigs/aws-iam-authenticator/blob/master/pkg/token/token.go"/>
internal sealed class EksServer : IAsyncDisposable
{
    private static readonly HashSet<string> Known = new(StringComparer.OrdinalIgnoreCase)
    {
        "Action", "Version", "X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Date", "X-Amz-Expires", "X-Amz-Security-Token", "X-Amz-Signature", "X-Amz-SignedHeaders",
    };

    private readonly StandInAccount _account;
    private readonly string _cluster;
    private readonly HttpClient _behind;
    private readonly WebApplication _web;
    private readonly HttpClient _sts = new(new SocketsHttpHandler { UseProxy = false });
    private readonly List<string> _callers = [];

    private EksServer(StandInAccount account, string cluster, HttpClient behind, WebApplication web, string authority)
    {
        (_account, _cluster, _behind, _web) = (account, cluster, behind, web);
        Endpoint = new ClusterEndpoint(new Uri(web.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single()), authority);
    }

    public ClusterEndpoint Endpoint { get; }

    /// <summary>Who was let in, request by request.</summary>
    public IReadOnlyList<string> Callers
    {
        get
        {
            lock (_callers)
                return [.. _callers];
        }
    }

    /// <param name="account">Whose cluster it is.</param>
    /// <param name="cluster">Its name.</param>
    /// <param name="behind">Knows the way to the API itself, and is logged in there.</param>
    /// <param name="server">The API's own address.</param>
    public static async Task<EksServer> StartAsync(StandInAccount account, string cluster, HttpClient behind, string server)
    {
        var (certificate, authority) = Certificates();
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(options => options.Listen(IPAddress.Loopback, 0, endpoint => endpoint.UseHttps(certificate)));
        builder.Logging.ClearProviders();
        var web = builder.Build();
        EksServer? self = null;
        web.Run(context => self!.AnswerAsync(context, server));
        await web.StartAsync(TestContext.Current.CancellationToken);
        return self = new EksServer(account, cluster, behind, web, authority);
    }

    public async ValueTask DisposeAsync()
    {
        await _web.DisposeAsync();
        _behind.Dispose();
        _sts.Dispose();
    }

    private async Task AnswerAsync(HttpContext context, string server)
    {
        var token = AuthenticationHeaderValue.TryParse(context.Request.Headers.Authorization, out var header) && header.Scheme == "Bearer" ? header.Parameter : null;
        if (await CallerAsync(token ?? "") is not { } caller)
        {
            context.Response.StatusCode = 401;
            await context.Response.WriteAsJsonAsync(new { kind = "Status", apiVersion = "v1", status = "Failure", message = "Unauthorized", reason = "Unauthorized", code = 401 });
            return;
        }

        lock (_callers)
            _callers.Add(caller);
        using var request = new HttpRequestMessage(new HttpMethod(context.Request.Method), $"{server}{context.Request.Path}{context.Request.QueryString}");
        if (context.Request.ContentType is { } type)
        {
            request.Content = new StreamContent(context.Request.Body);
            request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
        }

        request.Headers.TryAddWithoutValidation("Accept", (string?)context.Request.Headers.Accept);
        using var response = await _behind.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, context.RequestAborted);
        context.Response.StatusCode = (int)response.StatusCode;
        context.Response.ContentType = response.Content.Headers.ContentType?.ToString();
        // A watch in which nothing happens has begun all the same.
        await context.Response.StartAsync(context.RequestAborted);
        await response.Content.CopyToAsync(context.Response.Body, context.RequestAborted);
    }

    private async Task<string?> CallerAsync(string token)
    {
        const string prefix = "k8s-aws-v1.";
        if (!token.StartsWith(prefix, StringComparison.Ordinal) || token.Length > 4096)
            return null;
        var url = new Uri(Encoding.UTF8.GetString(Base64Url.DecodeFromChars(token.AsSpan(prefix.Length))));
        var query = url.Query[1..].Split('&').Select(pair => pair.Split('=')).ToDictionary(pair => Uri.UnescapeDataString(pair[0]), pair => Uri.UnescapeDataString(pair[1]));
        if (url.Scheme != "https" || url.Host != $"sts.{_account.Region}.amazonaws.com" || url.AbsolutePath != "/" || query.Keys.Any(name => !Known.Contains(name))
            || query["Action"] != "GetCallerIdentity" || !query["X-Amz-SignedHeaders"].Split(';').Contains("x-k8s-aws-id")
            || int.Parse(query["X-Amz-Expires"], CultureInfo.InvariantCulture) is < 1 or > 900)
            return null;
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(_account.Endpoint, url.PathAndQuery));
        request.Headers.Host = url.Host;
        request.Headers.Add("x-k8s-aws-id", _cluster);
        using var response = await _sts.SendAsync(request);
        if (!response.IsSuccessStatusCode)
            return null;
        var caller = XDocument.Parse(await response.Content.ReadAsStringAsync()).Descendants().Single(element => element.Name.LocalName == "Arn").Value;
        return _account.Ledger.ThereOf("eks:accessentry").Any(entry => entry.Key == $"{_cluster}/{caller}") ? caller : null;
    }

    private static (X509Certificate2 Certificate, string Authority) Certificates()
    {
        var (from, to) = (DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddHours(1));
        using var authorityKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var authorityRequest = new CertificateRequest("CN=kubernetes", authorityKey, HashAlgorithmName.SHA256);
        authorityRequest.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        using var authority = authorityRequest.CreateSelfSigned(from, to);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=kube-apiserver", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        using var signed = request.Create(authority, from, to, RandomNumberGenerator.GetBytes(8));
        using var whole = signed.CopyWithPrivateKey(key);
        return (X509CertificateLoader.LoadPkcs12(whole.Export(X509ContentType.Pkcs12), null), authority.ExportCertificatePem());
    }
}
