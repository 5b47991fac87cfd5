using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using KubeApps.Deploy.Api;
using KubeApps.Diagnostics;
using KubeApps.Events;

namespace KubeApps.Deploy.Targets;

/// <summary>A context of a kubeconfig, with whatever way of logging in it names.</summary>
internal static class KubeconfigTarget
{
    /// <summary>
    /// Connects to a named context. Without a name, the file must have been named and must hold exactly one context: the current context
    /// is never used silently.
    /// </summary>
    public static async Task<ClusterConnection> ConnectAsync(string? context, string? kubeconfig, IEventSink sink, TimeProvider clock, CancellationToken cancellationToken) =>
        (await LogInAsync(context, kubeconfig, sink, clock, cancellationToken)).Connect(clock);

    /// <summary>The same, for whoever wants to connect several times, or through something that stands between.</summary>
    public static async Task<KubeconfigLogin> LogInAsync(string? context, string? kubeconfig, IEventSink sink, TimeProvider clock, CancellationToken cancellationToken)
    {
        var (config, name) = Choose(context, kubeconfig);
        return await LogInAsync(config, name, sink, clock, cancellationToken);
    }

    /// <summary>All that a kubeconfig, or those that are meant without one, say together.</summary>
    /// <exception cref="DiagnosticException">There is none, or it cannot be read.</exception>
    public static Kubeconfig Read(string? kubeconfig)
    {
        var files = Files(kubeconfig);
        return files.Any(File.Exists)
            ? Kubeconfig.Read(files)
            : throw new DiagnosticException(DiagnosticDescriptors.KubeconfigUnusable.Because($"There is no kubeconfig at {string.Join(", ", files.Select(Path.GetFullPath))}."));
    }

    /// <summary>Logs in to a context of files that are read already.</summary>
    public static async Task<KubeconfigLogin> LogInAsync(Kubeconfig config, string name, IEventSink sink, TimeProvider clock, CancellationToken cancellationToken)
    {
        var (cluster, entry) = config.Find(name);
        var server = cluster.Text("server") ?? "";
        if (!Uri.TryCreate(server, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https"))
            throw cluster.Unusable($"The cluster '{cluster.Name}' has no address: '{server}'.");
        // Through a proxy, TLS begins behind what can be told the name.
        if (cluster.Text("tls-server-name") is { Length: > 0 } && cluster.Text("proxy-url") is { Length: > 0 })
            throw cluster.Unusable($"The cluster '{cluster.Name}' has both a tls-server-name and a proxy-url, which are not possible together here.");
        // Whoever acts as somebody else must not act as himself by mistake.
        if (entry?.Text("as") is { Length: > 0 } other)
            throw entry.Unusable($"The user '{entry.Name}' acts as '{other}', which is not possible here.");
        var user = new KubeconfigUser(entry ?? new KubeconfigEntry(name, [], cluster.File), cluster, sink, clock);
        try
        {
            var certificate = Certificate(await user.LogInAsync(cancellationToken));
            var authorities = Authorities(cluster);
            var proxy = cluster.Text("proxy-url") is { Length: > 0 } url ? new WebProxy(url) : null;
            return new KubeconfigLogin(
                cluster.Name == name ? $"context {name}" : $"context {name} (cluster {cluster.Name})", server,
                () => new RenewedLogin(
                    user, ClusterConnection.Handler(server, authorities, certificate, cluster.Flag("insecure-skip-tls-verify"), cluster.Text("tls-server-name"), proxy)),
                user.AuthorizeAsync);
        }
        catch (Exception failure) when (failure is FormatException or CryptographicException or ArgumentException or IOException or UnauthorizedAccessException)
        {
            throw cluster.Unusable($"Context '{name}': {failure.Message}", failure);
        }
    }

    /// <summary>The names of a kubeconfig's contexts.</summary>
    /// <exception cref="DiagnosticException">It cannot be read.</exception>
    public static IReadOnlyList<string> Contexts(string kubeconfig) => Kubeconfig.Read([kubeconfig]).Contexts;

    private static (Kubeconfig Config, string Context) Choose(string? context, string? kubeconfig)
    {
        var files = Files(kubeconfig);
        var config = Kubeconfig.Read(files);
        if (context is not null && config.Contexts.Contains(context))
            return (config, context);
        if (context is null && kubeconfig is not null && config.Contexts is [var only])
            return (config, only);
        var paths = string.Join(", ", files.Select(Path.GetFullPath));
        if (!files.Any(File.Exists))
            throw new DiagnosticException(DiagnosticDescriptors.KubeconfigUnusable.Because($"There is no kubeconfig at {paths}."));
        var contexts = config.Contexts.Count == 0 ? "It has no contexts." : $"Its contexts are: {string.Join(", ", config.Contexts)}.";
        throw new DiagnosticException(context is null
            ? DiagnosticDescriptors.TargetNotChosen.Because($"No context of {paths} was chosen. {contexts}")
            : DiagnosticDescriptors.ContextNotFound.Because($"There is no context '{context}' in {paths}. {contexts}"));
    }

    private static string[] Files(string? kubeconfig) => kubeconfig is not null ? [kubeconfig]
        : Environment.GetEnvironmentVariable("KUBECONFIG") is { Length: > 0 } variable ? variable.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
        : [Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".kube", "config")];

    private static X509Certificate2Collection Authorities(KubeconfigEntry cluster)
    {
        X509Certificate2Collection authorities = [];
        if (cluster.Embedded("certificate-authority") is { } pem)
            authorities.ImportFromPem(pem);
        return authorities;
    }

    private static X509Certificate2? Certificate(KubeCredential credential)
    {
        if (credential is not { Certificate: { } certificate, Key: { } key })
            return null;
        // Windows' TLS does not take a key that lives in memory only.
        using var ephemeral = X509Certificate2.CreateFromPem(certificate, key);
        return X509CertificateLoader.LoadPkcs12(ephemeral.Export(X509ContentType.Pkcs12), null);
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
