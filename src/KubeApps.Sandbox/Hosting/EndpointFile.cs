using System.Diagnostics;
using System.Reflection;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace KubeApps.Sandbox.Hosting;

/// <summary>What a client needs to know of a running sandbox: <c>sandbox/endpoint.json</c>, there while it is ready.</summary>
/// <param name="Pid">Its process.</param>
/// <param name="ProcessStart">When that process began (UTC): tells it from a later one with the same number.</param>
/// <param name="Version">Of the product.</param>
/// <param name="Build">What the starter called the program files; null if it was started by hand.</param>
/// <param name="ApiServer">For example <c>https://127.0.0.1:7443</c>.</param>
/// <param name="CaCertificate">The path of the certificate authority's certificate (PEM).</param>
/// <param name="Token">The bearer token, and the registry's password.</param>
/// <param name="Registry">Where its images are, for example <c>localhost:7450</c>; plain HTTP, user <c>kubeapps</c>.</param>
/// <param name="Kubeconfig">The path of a kubeconfig with one context, <c>kubeapps-sandbox</c>.</param>
internal sealed record EndpointFile(
    int Pid, DateTime ProcessStart, string Version, string? Build, string ApiServer, string CaCertificate, string Token, string Registry,
    string Kubeconfig)
{
    public const string Context = "kubeapps-sandbox";

    /// <summary>Writes it, and the kubeconfig; no kubeconfig where there is no registry either, and so no Kubernetes (the edge proxy).</summary>
    public static EndpointFile Write(SandboxHome home, SandboxIdentity identity, int apiPort, string? registry, string? build)
    {
        using var self = Process.GetCurrentProcess();
        var version = typeof(EndpointFile).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion;
        var endpoint = new EndpointFile(
            Environment.ProcessId, self.StartTime.ToUniversalTime(), version ?? "unknown", build, $"https://127.0.0.1:{apiPort}",
            identity.AuthorityFile, identity.Token, registry ?? "", registry is null ? "" : home.Kubeconfig);
        if (registry is not null)
            AtomicFile.Write(home.Kubeconfig, Encoding.UTF8.GetBytes(endpoint.ToKubeconfig(File.ReadAllBytes(identity.AuthorityFile))), durable: false);
        AtomicFile.Write(home.Endpoint, JsonSerializer.SerializeToUtf8Bytes(endpoint, EndpointJson.Default.EndpointFile), durable: false);
        return endpoint;
    }

    private string ToKubeconfig(byte[] authority) =>
        $"""
        apiVersion: v1
        kind: Config
        clusters:
        - name: {Context}
          cluster:
            server: {ApiServer}
            certificate-authority-data: {Convert.ToBase64String(authority)}
        users:
        - name: {Context}
          user:
            token: {Token}
        contexts:
        - name: {Context}
          context:
            cluster: {Context}
            user: {Context}
        current-context: {Context}

        """;
}

/// <summary>Why a start failed, for the starter: <c>sandbox/failure.json</c>.</summary>
internal sealed record FailureFile(int Pid, string Reason, string Message)
{
    /// <summary>The exit code that says what no file can say: the home takes none (EX_IOERR).</summary>
    public const int CannotBeWritten = 74;

    public static void Write(SandboxHome home, SandboxException failure) => AtomicFile.Write(
        home.Failure,
        JsonSerializer.SerializeToUtf8Bytes(
            new FailureFile(Environment.ProcessId, failure.Reason, failure.Message), EndpointJson.Default.FailureFile),
        durable: false);
}

[JsonSerializable(typeof(EndpointFile))]
[JsonSerializable(typeof(FailureFile))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
internal sealed partial class EndpointJson : JsonSerializerContext;
