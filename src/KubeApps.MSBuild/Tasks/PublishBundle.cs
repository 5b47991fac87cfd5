using System.ComponentModel;
using System.Text.Json;
using KubeApps.Deploy.Images;
using KubeApps.Diagnostics;
using KubeApps.Processes;
using Microsoft.Build.Framework;

namespace KubeApps.MSBuild;

/// <summary>
/// Runs the tool, out of process: it builds and pushes what the registry lacks, renders the bundle with digests and deploys it if it is told
/// to. What it tells shows in the build's log; what it diagnoses are the build's errors.
/// </summary>
public sealed class PublishBundle : KubeAppTask
{
    // The deploy has its own, shorter limits; this one only keeps a build from hanging for ever.
    private static readonly TimeSpan Limit = TimeSpan.FromHours(2);

    // More than the tool gives its own children, so that it can still tell what became of the deploy.
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(20);

    /// <summary>The project file's name without extension, which the log calls it by.</summary>
    [Required]
    public string ProjectName { get; set; } = "";

    /// <summary>The dotnet executable that runs the tool.</summary>
    [Required]
    public string DotnetHost { get; set; } = "";

    /// <summary>dotnet-kubeapp.dll.</summary>
    [Required]
    public string Tool { get; set; } = "";

    /// <summary>The evaluated specification. The request is written beside it.</summary>
    [Required]
    public string ModelFile { get; set; } = "";

    /// <summary>Where the bundle goes.</summary>
    [Required]
    public string BundleDirectory { get; set; } = "";

    /// <summary>The environment that it is for.</summary>
    [Required]
    public string Environment { get; set; } = "";

    /// <summary>In place of the specification's strategy.</summary>
    public string Strategy { get; set; } = "";

    /// <summary>Where images go in place of what the specification says.</summary>
    public string Registry { get; set; } = "";

    /// <summary>Whether the deploy is recorded on GitHub.</summary>
    public string Record { get; set; } = "";

    /// <summary>What GitHub calls the environment.</summary>
    public string GitHubEnvironment { get; set; } = "";

    /// <summary>The file that holds the token for GitHub.</summary>
    public string GitHubTokenFile { get; set; } = "";

    /// <summary>The commit that was built, when it is known.</summary>
    public string Commit { get; set; } = "";

    /// <summary>What the images' projects were published to: files, with metadata <c>Key</c>.</summary>
    public ITaskItem[] ImageFiles { get; set; } = [];

    /// <summary>KubeApps.Images.targets.</summary>
    [Required]
    public string ImageTargets { get; set; } = "";

    /// <summary>What becomes of the bundle: a <see cref="BundleUse"/>.</summary>
    [Required]
    public string Use { get; set; } = "";

    /// <summary>Only say what would be done.</summary>
    public bool DryRun { get; set; }

    /// <summary>Where the bundle was pushed to, by digest: <c>oci://…@sha256:…</c>; empty when it was not pushed.</summary>
    [Output]
    public string BundleReference { get; set; } = "";

    private protected override async Task RunAsync(CancellationToken cancellationToken)
    {
        if (!File.Exists(Tool))
            throw new DiagnosticException(DiagnosticDescriptors.PackagePartMissing.Because($"'{Tool}' is not there."));
        var folder = Path.GetDirectoryName(Path.GetFullPath(ModelFile))!;
        using var _ = await OutputLock.TakeAsync(folder, cancellationToken).ConfigureAwait(false);
        var requestFile = Path.Combine(folder, "publish.json");
        new PublishRequest
        {
            ModelFile = Path.GetFullPath(ModelFile),
            BundleDirectory = Path.GetFullPath(BundleDirectory),
            WorkDirectory = folder,
            ProjectDirectory = Path.GetFullPath(ProjectDirectory),
            Environment = Environment,
            Strategy = NullIfEmpty(Strategy),
            Registry = NullIfEmpty(Registry),
            Record = NullIfEmpty(Record),
            GitHubEnvironment = NullIfEmpty(GitHubEnvironment),
            GitHubTokenFile = GitHubTokenFile.Length == 0 ? null : Path.GetFullPath(GitHubTokenFile, Path.GetFullPath(ProjectDirectory)),
            Commit = NullIfEmpty(Commit),
            ImageFiles = ImageFiles.ToDictionary(item => item.GetMetadata("Key"), item => item.GetMetadata("FullPath"), StringComparer.Ordinal),
            ImageTargets = Path.GetFullPath(ImageTargets),
            Use = Enum.Parse<BundleUse>(Use),
            DryRun = DryRun,
        }.Write(requestFile);

        var exitCode = await RunToolAsync(folder, requestFile, cancellationToken).ConfigureAwait(false);
        if (exitCode != 0 && !Log.HasLoggedErrors)
            Report([DiagnosticDescriptors.ToolEndedUnexpectedly.Because($"It ended with code {exitCode}.")]);
    }

    private static string? NullIfEmpty(string value) => value.Length == 0 ? null : value;

    private async Task<int> RunToolAsync(string folder, string requestFile, CancellationToken cancellationToken)
    {
        var tool = new ChildProcess(DotnetHost, ["exec", Tool, "publish-bundle", "--request", requestFile], folder)
        {
            Environment = new Dictionary<string, string?> { ["DOTNET_HOST_PATH"] = DotnetHost },
            Limit = Limit,
            Grace = Grace,
            WatchesInput = true,
        };
        try
        {
            return await tool.RunAsync(Show, cancellationToken).ConfigureAwait(false);
        }
        catch (Win32Exception exception)
        {
            throw new DiagnosticException(DiagnosticDescriptors.DotnetHostMissing.Because($"'{DotnetHost}' cannot be started: {exception.Message}."), exception);
        }
        catch (TimeoutException exception)
        {
            throw new DiagnosticException(DiagnosticDescriptors.ToolEndedUnexpectedly.Because(exception.Message), exception);
        }
    }

    private void Show(string line, bool isError)
    {
        if (!isError && line.StartsWith('{') && TryShow(line))
            return;
        if (line.Length > 0)
            Log.LogMessage(MessageImportance.High, "{0}", line);
    }

    private bool TryShow(string line)
    {
        try
        {
            using var json = JsonDocument.Parse(line);
            if (json.RootElement.TryGetProperty("note", out var note))
                Log.LogMessage(MessageImportance.High, "{0}", note.GetString());
            else if (json.RootElement.TryGetProperty("url", out var url))
                // The one message of a build that the terminal logger shows: "PROJECT -> OUTPUT".
                Log.LogMessage(MessageImportance.High, "{0} -> {1}", ProjectName, url.GetString());
            else if (json.RootElement.TryGetProperty("bundle", out var bundle))
                Log.LogMessage(MessageImportance.High, "{0} -> {1}", ProjectName, BundleReference = bundle.GetString() ?? "");
            else if (json.RootElement.TryGetProperty("diagnostics", out var diagnostics))
                Report(DiagnosticJson.Read(diagnostics.GetRawText()));
            else
                return false;
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
