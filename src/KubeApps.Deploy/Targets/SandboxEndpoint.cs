using System.Net.Http.Headers;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace KubeApps.Deploy.Targets;

/// <summary>How to reach a running sandbox; what it writes into <c>sandbox/endpoint.json</c> when it is ready.</summary>
/// <param name="Pid">Its process.</param>
/// <param name="ProcessStart">When that process began (UTC): tells it from a later one with the same number.</param>
/// <param name="Version">Of the product.</param>
/// <param name="Build">The hash of its program files; null if it was started by hand.</param>
/// <param name="ApiServer">For example <c>https://127.0.0.1:7443</c>.</param>
/// <param name="CaCertificate">The path of the certificate authority's certificate (PEM).</param>
/// <param name="Token">The bearer token, and the registry's password.</param>
/// <param name="Registry">For example <c>localhost:7450</c>; plain HTTP, user <see cref="RegistryUser"/>.</param>
/// <param name="Kubeconfig">The path of a kubeconfig with one context, <see cref="Context"/>.</param>
internal sealed record SandboxEndpoint(
    int Pid, DateTime ProcessStart, string Version, string? Build, string ApiServer, string CaCertificate, string Token, string Registry,
    string Kubeconfig)
{
    public const string RegistryUser = "kubeapps";
    public const string Context = "kubeapps-sandbox";

    /// <summary>How to log in to the registry.</summary>
    [JsonIgnore]
    public Images.RegistryCredentials RegistryCredentials => new(RegistryUser, Token);

    /// <summary>A client of the API that trusts the sandbox's authority alone and sends its token.</summary>
    public HttpClient CreateApiClient()
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.Add(X509CertificateLoader.LoadCertificateFromFile(CaCertificate));
        // A proxy for the outside world has no business between two processes of this machine.
        var handler = new SocketsHttpHandler { UseProxy = false };
        handler.SslOptions.CertificateChainPolicy = policy;
        return new HttpClient(handler)
        {
            BaseAddress = new Uri(ApiServer),
            DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", Token) },
        };
    }

    /// <summary>The endpoint in a file; null if there is none or it is no endpoint.</summary>
    public static SandboxEndpoint? Read(string path)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(path), SandboxJson.Default.SandboxEndpoint);
        }
        catch (Exception e) when (e is IOException or JsonException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Without the token: this ends up in messages.</summary>
    public override string ToString() => $"sandbox at {ApiServer} (process {Pid})";
}

/// <summary>Why a start failed, as the sandbox tells it in <c>sandbox/failure.json</c>.</summary>
internal sealed record SandboxFailure(int Pid, string Reason, string Message)
{
    public static SandboxFailure? Read(string path)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(path), SandboxJson.Default.SandboxFailure);
        }
        catch (Exception e) when (e is IOException or JsonException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}

[JsonSerializable(typeof(SandboxEndpoint))]
[JsonSerializable(typeof(SandboxFailure))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
internal sealed partial class SandboxJson : JsonSerializerContext;
