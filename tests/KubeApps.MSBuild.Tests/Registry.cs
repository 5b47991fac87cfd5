using System.ComponentModel;
using System.Diagnostics;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using KubeApps.Deploy.Images;

namespace KubeApps.MSBuild.Tests;

/// <summary>Debian's container registry, on a port and in a folder of its own, with a nearly empty base image.</summary>
public partial class Registry : IAsyncLifetime
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("kubeapps-registry-");
    private Process? _process;

    public string Host { get; private set; } = "";

    public static (string Path, string Tag) BaseImage => ("kubeapps/host-runtime", "10.0");

    private protected virtual AuthenticationHeaderValue? Login => null;

    /// <summary>Who may do what, as a part of the configuration.</summary>
    private protected virtual string Access(string folder) => "";

    public void RequirePresent() => Assert.SkipWhen(_process is null, "docker-registry is not installed (apt-get install docker-registry).");

    public async ValueTask InitializeAsync()
    {
        var config = Path.Combine(_folder.FullName, "config.yml");
        await File.WriteAllTextAsync(config, $"""
            version: 0.1
            log:
              level: info
              accesslog:
                disabled: true
            storage:
              filesystem:
                rootdirectory: {_folder.FullName}/data
            http:
              addr: "127.0.0.1:0"
            {Access(_folder.FullName)}
            """);
        try
        {
            _process = Process.Start(new ProcessStartInfo("docker-registry", ["serve", config]) { RedirectStandardError = true, RedirectStandardOutput = true });
        }
        catch (Win32Exception)
        {
            return;
        }

        Host = $"localhost:{await PortAsync(_process!)}";
        using var http = new HttpClient { BaseAddress = new Uri($"http://{Host}/v2/"), DefaultRequestHeaders = { Authorization = Login } };
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!await AnswersAsync(http, limit.Token))
            await Task.Delay(50, limit.Token);
        await PushBaseImageAsync(http, "BASE_IMAGE=first", limit.Token);
    }

    /// <summary>Puts another image under the base image's tag, as who keeps one does: its only difference is an environment variable.</summary>
    public async Task MoveBaseImageAsync(string variable)
    {
        using var http = new HttpClient { BaseAddress = new Uri($"http://{Host}/v2/"), DefaultRequestHeaders = { Authorization = Login } };
        await PushBaseImageAsync(http, variable, TestContext.Current.CancellationToken);
    }

    public ValueTask DisposeAsync()
    {
        _process?.Kill();
        _process?.Dispose();
        _folder.Delete(recursive: true);
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    // A port that was looked for beforehand may be another's by the time that it is listened at.
    private static async Task<string> PortAsync(Process registry)
    {
        var listening = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        var said = new StringBuilder();
        registry.ErrorDataReceived += (_, line) =>
        {
            // What it tells later is read all the same: it would wait for a reader.
            if (listening.Task.IsCompleted)
                return;
            said.AppendLine(line.Data);
            if (line.Data is null)
                listening.SetException(new InvalidOperationException($"docker-registry ended: {said}"));
            else if (ListeningLine().Match(line.Data) is { Success: true } match)
                listening.SetResult(match.Groups["port"].Value);
        };
        registry.BeginOutputReadLine();
        registry.BeginErrorReadLine();
        return await listening.Task.WaitAsync(TimeSpan.FromSeconds(30));
    }

    [GeneratedRegex(@"listening on 127\.0\.0\.1:(?<port>\d+)")]
    private static partial Regex ListeningLine();

    private static async Task<bool> AnswersAsync(HttpClient http, CancellationToken cancellationToken)
    {
        try
        {
            using var response = await http.GetAsync("", cancellationToken);
            return response.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private static async Task PushBaseImageAsync(HttpClient http, string variable, CancellationToken cancellationToken)
    {
        // With its history, by which builders tell one without layers from another.
        var config = Encoding.UTF8.GetBytes(
            $$$"""{"architecture":"amd64","os":"linux","config":{"Env":["PATH=/usr/bin","APP_UID=1654","ASPNETCORE_HTTP_PORTS=8080","{{{variable}}}"]},"rootfs":{"type":"layers","diff_ids":[]},"history":[{"created_by":"ENV {{{variable}}}","empty_layer":true}]}""");
        var digest = "sha256:" + Convert.ToHexStringLower(SHA256.HashData(config));
        using var begun = await http.PostAsync($"{BaseImage.Path}/blobs/uploads/", null, cancellationToken);
        var upload = new UriBuilder(new Uri(http.BaseAddress!, begun.Headers.Location!));
        upload.Query = upload.Query.TrimStart('?') + $"&digest={Uri.EscapeDataString(digest)}";
        using var stored = await http.PutAsync(upload.Uri, new ByteArrayContent(config), cancellationToken);
        stored.EnsureSuccessStatusCode();
        var manifest = $$$"""{"schemaVersion":2,"mediaType":"{{{RegistryClient.OciManifest}}}","config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"{{{digest}}}","size":{{{config.Length}}}},"layers":[]}""";
        using var content = new StringContent(manifest, Encoding.UTF8, RegistryClient.OciManifest);
        content.Headers.ContentType!.CharSet = null;
        using var tagged = await http.PutAsync($"{BaseImage.Path}/manifests/{BaseImage.Tag}", content, cancellationToken);
        tagged.EnsureSuccessStatusCode();
    }
}

/// <summary>The same, for one user with a password alone.</summary>
public sealed class GuardedRegistry : Registry
{
    public const string User = "kim";
    public const string Password = "swordfish";

    /// <summary>How docker's configuration writes them.</summary>
    public static string Encoded { get; } = Convert.ToBase64String(Encoding.UTF8.GetBytes($"{User}:{Password}"));

    private protected override AuthenticationHeaderValue Login => new("Basic", Encoded);

    private protected override string Access(string folder)
    {
        var file = Path.Combine(folder, "htpasswd");
        const string hash = "$2b$04$8PPTSGr0xikVTozz40ffzewz8q9oL64LxwpxYeJMP4bbUwqocvIiW";
        // ECR knows no other user.
        File.WriteAllText(file, $"{User}:{hash}\nAWS:{hash}\n");
        return $$"""
            auth:
              htpasswd:
                realm: tests
                path: {{file}}
            """;
    }
}
