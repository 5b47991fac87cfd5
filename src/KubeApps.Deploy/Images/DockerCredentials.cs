using System.ComponentModel;
using System.Diagnostics;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace KubeApps.Deploy.Images;

/// <summary>
/// Credentials where the SDK finds them too: its environment variables, then docker's configuration (stored ones, or a helper program's).
/// </summary>
internal static class DockerCredentials
{
    private static readonly string[] Variables = ["DOTNET_CONTAINER_PUSH_REGISTRY", "DOTNET_CONTAINER_REGISTRY", "SDK_CONTAINER_REGISTRY"];

    private static readonly TimeSpan HelperLimit = TimeSpan.FromSeconds(20);

    public static async Task<RegistryCredentials?> FindAsync(string host, Func<string, string?> readVariable, CancellationToken cancellationToken)
    {
        foreach (var kind in Variables)
            if (readVariable(kind + "_UNAME") is { Length: > 0 } user && readVariable(kind + "_PWORD") is { Length: > 0 } password)
                return new RegistryCredentials(user, password);

        try
        {
            var config = JsonNode.Parse(await File.ReadAllTextAsync(ConfigFile(readVariable), cancellationToken).ConfigureAwait(false));
            var helper = (string?)config?["credHelpers"]?[host] ?? (string?)config?["credsStore"];
            return (helper is null ? null : await AskHelperAsync(helper, host, cancellationToken).ConfigureAwait(false))
                ?? Stored(config?["auths"]?[host] ?? config?["auths"]?[$"https://{host}"]);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or JsonException or InvalidOperationException or FormatException)
        {
            return null;
        }
    }

    /// <summary>Every password that is there to be read, for whatever registry: so that none of them is ever shown.</summary>
    public static IEnumerable<string> Passwords(Func<string, string?> readVariable)
    {
        var passwords = Variables.Select(kind => readVariable(kind + "_PWORD")).OfType<string>().ToList();
        try
        {
            var stored = JsonNode.Parse(File.ReadAllText(ConfigFile(readVariable)))?["auths"] as JsonObject ?? [];
            passwords.AddRange(stored.Select(entry => Stored(entry.Value)?.Password).OfType<string>());
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or JsonException or InvalidOperationException or FormatException)
        {
            // What cannot be read here cannot be used, either.
        }

        return passwords;
    }

    private static string ConfigFile(Func<string, string?> readVariable) => Path.Combine(
        readVariable("DOCKER_CONFIG") is { Length: > 0 } configured ? configured : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".docker"),
        "config.json");

    private static RegistryCredentials? Stored(JsonNode? entry)
    {
        if ((string?)entry?["auth"] is not { Length: > 0 } encoded)
            return null;
        var text = Encoding.UTF8.GetString(Convert.FromBase64String(encoded)).TrimEnd('\0');
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        return colon < 0 ? null : new RegistryCredentials(text[..colon], text[(colon + 1)..]);
    }

    // The protocol of docker's credential helpers: the host on stdin, JSON on stdout.
    private static async Task<RegistryCredentials?> AskHelperAsync(string helper, string host, CancellationToken cancellationToken)
    {
        // The name comes from a file: it must name a program in PATH, not a path of its own.
        if (helper.AsSpan().IndexOfAny('/', '\\') >= 0)
            return null;
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limited.CancelAfter(HelperLimit);
        try
        {
            using var process = Process.Start(new ProcessStartInfo($"docker-credential-{helper}", "get")
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                UseShellExecute = false,
                CreateNoWindow = true,
            })!;
            await process.StandardInput.WriteAsync(host).ConfigureAwait(false);
            process.StandardInput.Close();
            var output = await process.StandardOutput.ReadToEndAsync(limited.Token).ConfigureAwait(false);
            await process.WaitForExitAsync(limited.Token).ConfigureAwait(false);
            var answer = process.ExitCode == 0 ? JsonNode.Parse(output) : null;
            return (string?)answer?["Username"] is { } user && (string?)answer["Secret"] is { Length: > 0 } secret
                ? new RegistryCredentials(user, secret)
                : null;
        }
        catch (Exception exception) when (exception is Win32Exception or IOException or JsonException
            || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return null;
        }
    }
}
