using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using k8s;
using k8s.Exceptions;
using k8s.KubeConfigModels;
using KubeApps.Deploy.Api;
using KubeApps.Diagnostics;
using YamlDotNet.Core;

namespace KubeApps.Deploy.Targets;

/// <summary>A context of a kubeconfig, with whatever way of logging in it names.</summary>
internal static class KubeconfigTarget
{
    private static readonly TimeSpan PluginTimeout = TimeSpan.FromMinutes(2);

    /// <summary>
    /// Connects to a named context. Without a name, the file must have been named and must hold exactly one context: the current context
    /// is never used silently.
    /// </summary>
    public static async Task<ClusterConnection> ConnectAsync(string? context, string? kubeconfig, TimeProvider clock, CancellationToken cancellationToken) =>
        (await LogInAsync(context, kubeconfig, cancellationToken)).Connect(clock);

    /// <summary>The same, for whoever wants to connect several times, or through something that stands between.</summary>
    public static async Task<KubeconfigLogin> LogInAsync(string? context, string? kubeconfig, CancellationToken cancellationToken)
    {
        var (file, config, name) = Choose(context, kubeconfig);
        var settings = await ReadAsync(file, name, cancellationToken);
        var certificate = ClientCertificate(settings, file);
        var where = config.Contexts.First(item => item.Name == name).ContextDetails?.Cluster;
        return new KubeconfigLogin(
            where is null || where == name ? $"context {name}" : $"context {name} (cluster {where})", settings.Host,
            () => ClusterConnection.Handler(settings.Host, settings.SslCaCerts, certificate, settings.SkipTlsVerify, settings.TlsServerName),
            token => AuthorizeAsync(settings, token));
    }

    /// <summary>The names of a kubeconfig's contexts.</summary>
    /// <exception cref="DiagnosticException">It cannot be read.</exception>
    public static IReadOnlyList<string> Contexts(string kubeconfig) => [.. (Load(new FileInfo(kubeconfig)).Contexts ?? []).Select(item => item.Name)];

    private static (FileInfo File, K8SConfiguration Config, string Context) Choose(string? context, string? kubeconfig)
    {
        var files = Files(kubeconfig);
        var seen = new List<string>();
        foreach (var file in files.Where(file => file.Exists))
        {
            var config = Load(file);
            var names = (config.Contexts ?? []).Select(item => item.Name).ToList();
            if (context is not null && names.Contains(context))
                return (file, config, context);
            if (context is null && kubeconfig is not null && names.Count == 1)
                return (file, config, names[0]);
            seen.AddRange(names);
        }

        var paths = string.Join(", ", files.Select(file => file.FullName));
        if (!files.Any(file => file.Exists))
            throw new DiagnosticException(DiagnosticDescriptors.KubeconfigUnusable.Because($"There is no kubeconfig at {paths}."));
        var contexts = seen.Count == 0 ? "It has no contexts." : $"Its contexts are: {string.Join(", ", seen)}.";
        throw new DiagnosticException(context is null
            ? DiagnosticDescriptors.TargetNotChosen.Because($"No context of {paths} was chosen. {contexts}")
            : DiagnosticDescriptors.ContextNotFound.Because($"There is no context '{context}' in {paths}. {contexts}"));
    }

    private static List<FileInfo> Files(string? kubeconfig)
    {
        if (kubeconfig is not null)
            return [new FileInfo(kubeconfig)];
        var variable = Environment.GetEnvironmentVariable("KUBECONFIG");
        return string.IsNullOrEmpty(variable)
            ? [new FileInfo(KubernetesClientConfiguration.KubeConfigDefaultLocation)]
            : [.. variable.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries).Select(path => new FileInfo(path))];
    }

    private static K8SConfiguration Load(FileInfo file)
    {
        try
        {
            // A file without a document (an empty one, say) is more than the library can read.
            return File.ReadLines(file.FullName).All(line => line.Trim() is "" or "---" or ['#', ..])
                ? new K8SConfiguration()
                : KubernetesClientConfiguration.LoadKubeConfig(file);
        }
        catch (Exception failure) when (failure is YamlException or KubeConfigException or IOException or UnauthorizedAccessException)
        {
            throw new DiagnosticException(
                DiagnosticDescriptors.KubeconfigUnusable.Because($"The kubeconfig cannot be read: {failure.Message}", new SourceLocation(file.FullName)), failure);
        }
    }

    private static async Task<KubernetesClientConfiguration> ReadAsync(FileInfo file, string context, CancellationToken cancellationToken)
    {
        // The library runs credential plugins in here, synchronously.
        var login = Task.Run(() => KubernetesClientConfiguration.BuildConfigFromConfigFile(file, context), cancellationToken);
        try
        {
            return await login.WaitAsync(PluginTimeout, cancellationToken);
        }
        catch (TimeoutException failure)
        {
            throw new DiagnosticException(
                DiagnosticDescriptors.CredentialPluginFailed.Because($"The credential plugin of context '{context}' did not answer within {PluginTimeout.TotalSeconds:0} seconds."), failure);
        }
        catch (KubeConfigException failure)
        {
            throw new DiagnosticException(
                failure.Message.Contains("exec", StringComparison.OrdinalIgnoreCase)
                    ? DiagnosticDescriptors.CredentialPluginFailed.Because($"Context '{context}': {failure.Message}")
                    : DiagnosticDescriptors.KubeconfigUnusable.Because($"Context '{context}': {failure.Message}", new SourceLocation(file.FullName)),
                failure);
        }
        catch (Exception failure) when (failure is FormatException or CryptographicException or IOException)
        {
            throw new DiagnosticException(
                DiagnosticDescriptors.KubeconfigUnusable.Because($"Context '{context}': {failure.Message}", new SourceLocation(file.FullName)), failure);
        }
    }

    private static X509Certificate2? ClientCertificate(KubernetesClientConfiguration settings, FileInfo file)
    {
        try
        {
            var certificate = Pem(settings.ClientCertificateData, settings.ClientCertificateFilePath);
            var key = Pem(settings.ClientCertificateKeyData, settings.ClientKeyFilePath);
            if (certificate is null || key is null)
                return null;
            // Windows' TLS does not take a key that lives in memory only.
            using var ephemeral = X509Certificate2.CreateFromPem(certificate, key);
            return X509CertificateLoader.LoadPkcs12(ephemeral.Export(X509ContentType.Pkcs12), null);
        }
        catch (Exception failure) when (failure is FormatException or CryptographicException or ArgumentException or IOException)
        {
            throw new DiagnosticException(
                DiagnosticDescriptors.KubeconfigUnusable.Because($"The client certificate cannot be used: {failure.Message}", new SourceLocation(file.FullName)), failure);
        }
    }

    private static string? Pem(string? data, string? path) =>
        !string.IsNullOrEmpty(data) ? Encoding.UTF8.GetString(Convert.FromBase64String(data)) : !string.IsNullOrEmpty(path) ? File.ReadAllText(path) : null;

    private static async Task<AuthenticationHeaderValue?> AuthorizeAsync(KubernetesClientConfiguration settings, CancellationToken cancellationToken)
    {
        if (settings.TokenProvider is not null)
            return await settings.TokenProvider.GetAuthenticationHeaderAsync(cancellationToken);
        if (!string.IsNullOrEmpty(settings.AccessToken))
            return new AuthenticationHeaderValue("Bearer", settings.AccessToken);
        return string.IsNullOrEmpty(settings.Username)
            ? null
            : new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{settings.Username}:{settings.Password}")));
    }
}

/// <summary>How to reach the cluster of a context, and who one is there.</summary>
/// <param name="Description">For people.</param>
/// <param name="Server">Its API server.</param>
/// <param name="NewHandler">Makes the way to it.</param>
/// <param name="AuthorizeAsync">What a request says of who sends it; null where the certificate says it.</param>
internal sealed record KubeconfigLogin(
    string Description, string Server, Func<HttpMessageHandler> NewHandler, Func<CancellationToken, Task<AuthenticationHeaderValue?>> AuthorizeAsync)
{
    public ClusterConnection Connect(TimeProvider clock) =>
        new(Description, new KubeClient(new HttpClient(NewHandler()) { Timeout = Timeout.InfiniteTimeSpan }, Server, AuthorizeAsync, clock));
}
