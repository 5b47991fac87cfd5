using System.ComponentModel;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using KubeApps.Diagnostics;
using KubeApps.Events;
using KubeApps.Processes;

namespace KubeApps.Deploy.Targets;

/// <summary>What a user shows the server: a token, a certificate, or both.</summary>
/// <param name="Token">A bearer token.</param>
/// <param name="Certificate">In PEM, with <paramref name="Key"/>.</param>
/// <param name="Key">The certificate's private key.</param>
/// <param name="Expires">Until when it can be shown; null where nobody says.</param>
internal sealed record KubeCredential(string? Token, string? Certificate, string? Key, DateTimeOffset? Expires);

/// <summary>A kubeconfig's user: says who we are, request by request, in whatever way of logging in it names.</summary>
/// <remarks>
/// Ours, and not KubernetesClient's (21.0.8): that one joins a plugin's arguments with spaces, does not end one that hangs, asks it twice, tells it
/// no cluster, and passes over whom a user acts as. See
/// <see href="https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins">client-go credential plugins</see>.
/// </remarks>
internal sealed class KubeconfigUser(KubeconfigEntry user, KubeconfigEntry cluster, IEventSink sink, TimeProvider clock)
{
    private static readonly TimeSpan PluginTimeout = TimeSpan.FromMinutes(2);

    // A token is not shown in its last moments: the server's clock may be ahead.
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(30);

    private readonly SemaphoreSlim _gate = new(1);
    private KubeCredential? _credential;
    private string? _told;

    /// <summary>What the user shows now; a plugin is asked (again) where it has not said, or where that is over.</summary>
    /// <exception cref="DiagnosticException">The plugin fails, or the way of logging in is none that we know.</exception>
    public async Task<KubeCredential> LogInAsync(CancellationToken cancellationToken)
    {
        if (_credential is { } current && !IsOver(current))
            return current;
        await _gate.WaitAsync(cancellationToken);
        try
        {
            return _credential is { } meanwhile && !IsOver(meanwhile)
                ? meanwhile
                : _credential = user.Content["exec"] is JsonObject plugin ? await AskAsync(plugin, cancellationToken) : Stored();
        }
        finally
        {
            _gate.Release();
        }
    }

    public async Task<AuthenticationHeaderValue?> AuthorizeAsync(CancellationToken cancellationToken)
    {
        if ((await LogInAsync(cancellationToken)).Token is { Length: > 0 } token)
            return new AuthenticationHeaderValue("Bearer", Learned(token));
        // Written anew by whoever keeps it valid.
        if (user.PathOf("tokenFile") is { } file)
            return new AuthenticationHeaderValue("Bearer", Learned((await File.ReadAllTextAsync(file, cancellationToken)).Trim()));
        return user.Text("username") is { Length: > 0 } name
            ? new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{name}:{Learned(user.Text("password") ?? "")}")))
            : null;
    }

    /// <summary>
    /// Forgets what a plugin said, where that is what the server did not accept: a plugin need not say how long it holds. False: there is nobody who could say
    /// something else.
    /// </summary>
    public bool Forget(AuthenticationHeaderValue refused)
    {
        if (user.Content["exec"] is not JsonObject)
            return false;
        // Of several requests the first makes it forgotten; the others get what is said then.
        if (_credential is { Token: { } token } known && token == refused.Parameter)
            Interlocked.CompareExchange(ref _credential, null, known);
        return true;
    }

    private string Learned(string secret)
    {
        if (Interlocked.Exchange(ref _told, secret) != secret)
            sink.Publish(new DeployEvent.SecretsLearned([secret]));
        return secret;
    }

    private bool IsOver(KubeCredential credential) => credential.Expires is { } end && clock.GetUtcNow() > end - Margin;

    private KubeCredential Stored()
    {
        var provider = user.Content["auth-provider"] as JsonObject;
        if (provider is not null && provider["name"]?.ToString() != "oidc")
            throw user.Unusable($"The user '{user.Name}' logs in by the provider '{provider["name"]}', which Kubernetes does not have any more: let it log in by a plugin (exec).");
        return new KubeCredential(provider?["config"]?["id-token"]?.ToString() ?? user.Text("token"), user.Embedded("client-certificate"), user.Embedded("client-key"), null);
    }

    private async Task<KubeCredential> AskAsync(JsonObject plugin, CancellationToken cancellationToken)
    {
        var command = plugin["command"]?.ToString() ?? "";
        // A name alone is looked for in PATH.
        var program = command.IndexOfAny(['/', '\\']) < 0 ? command : Path.GetFullPath(command, Path.GetDirectoryName(Path.GetFullPath(user.File))!);
        var variables = (plugin["env"] as JsonArray ?? []).OfType<JsonObject>().ToDictionary(item => $"{item["name"]}", item => item["value"]?.ToString());
        variables["KUBERNETES_EXEC_INFO"] = Question(plugin).ToJsonString();
        var (output, complaint) = (new StringBuilder(), "");
        try
        {
            var exit = await new ChildProcess(program, [.. (plugin["args"] as JsonArray ?? []).Select(item => $"{item}")], Environment.CurrentDirectory)
            {
                Environment = variables,
                Limit = PluginTimeout,
            }.RunAsync(
                (line, isError) =>
                {
                    if (!isError)
                    {
                        output.AppendLine(line);
                        return;
                    }

                    // It may ask to log in somewhere.
                    complaint = line.Length > 0 ? $": {line}" : complaint;
                    sink.Publish(new DeployEvent.Note(line));
                },
                cancellationToken);
            if (exit != 0)
                throw Failed($"'{command}' ended with code {exit}{complaint}.");
            return JsonNode.Parse(output.ToString())?["status"] is JsonObject status
                ? new KubeCredential(
                    status["token"]?.ToString(), status["clientCertificateData"]?.ToString(), status["clientKeyData"]?.ToString(),
                    DateTimeOffset.TryParse(status["expirationTimestamp"]?.ToString(), out var end) ? end : null)
                : throw Failed($"'{command}' answered without a status.");
        }
        catch (TimeoutException)
        {
            throw Failed($"'{command}' did not answer within {PluginTimeout.TotalSeconds:0} seconds.");
        }
        catch (Win32Exception failure)
        {
            throw Failed($"'{command}' cannot be started: {failure.Message}. {plugin["installHint"]}".TrimEnd(), failure);
        }
        catch (JsonException failure)
        {
            throw Failed($"'{command}' did not answer with JSON.", failure);
        }
    }

    private JsonObject Question(JsonObject plugin)
    {
        var spec = new JsonObject { ["interactive"] = false };
        if (plugin["provideClusterInfo"] is JsonValue value && value.TryGetValue<bool>(out var isWanted) && isWanted)
            spec["cluster"] = new JsonObject
            {
                ["server"] = cluster.Text("server"),
                ["certificate-authority-data"] = cluster.Embedded("certificate-authority") is { } authority ? Convert.ToBase64String(Encoding.UTF8.GetBytes(authority)) : null,
                ["insecure-skip-tls-verify"] = cluster.Flag("insecure-skip-tls-verify"),
                ["tls-server-name"] = cluster.Text("tls-server-name"),
            };
        return new JsonObject { ["apiVersion"] = plugin["apiVersion"]?.DeepClone(), ["kind"] = "ExecCredential", ["spec"] = spec };
    }

    private DiagnosticException Failed(string cause, Exception? inner = null) =>
        new(DiagnosticDescriptors.CredentialPluginFailed.Because($"The user '{user.Name}' of the kubeconfig: {cause}", new SourceLocation(user.File)), inner);
}
