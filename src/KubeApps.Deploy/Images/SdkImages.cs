using System.ComponentModel;
using KubeApps.Diagnostics;
using KubeApps.Events;
using KubeApps.Processes;

namespace KubeApps.Deploy.Images;

/// <summary>
/// Images that the SDK makes of published projects, in a child build: only its environment holds the registry's credentials. More than one
/// architecture is pushed one by one and joined by an index that we write (the SDK's own loses parts of labels and variables).
/// </summary>
internal sealed class SdkImages(ImageTarget target, PublishRequest request, BaseImages bases, Func<string, string?> readVariable, IEventSink sink)
{
    private static readonly TimeSpan BuildLimit = TimeSpan.FromMinutes(15);
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    public async Task<(string Tag, string? Digest, bool WasThere)> ResolveAsync(
        RegistryClient client, Image image, string path, PushLog log, CancellationToken cancellationToken)
    {
        var project = DescriptionOf(image);
        var identity = await BaseIdentityAsync(client, project, cancellationToken).ConfigureAwait(false);
        List<(string Rid, string Tag, string? Digest)> parts = [];
        var wasThere = true;
        var rids = target.RuntimesOf(image);
        foreach (var rid in rids)
        {
            var folder = await PublishedForAsync(project, image.Key!, rid, cancellationToken).ConfigureAwait(false);
            var tag = await ContentHash.TagAsync(
                folder, _ => true, [$"base {identity}", $"rid {rid}", .. project.Settings], cancellationToken).ConfigureAwait(false);
            var digest = await client.FindAsync(path, tag, cancellationToken).ConfigureAwait(false);
            wasThere &= digest is not null;
            if (digest is null && !request.DryRun)
            {
                var commitTag = string.IsNullOrEmpty(request.Commit) ? null : rids.Count == 1 ? request.Commit : $"{request.Commit}-{rid}";
                digest = await ImageResolver.PushAsync(
                    client, path, tag, () => PushAsync(project, folder, rid, path, tag, commitTag, log, cancellationToken), cancellationToken).ConfigureAwait(false);
            }

            parts.Add((rid, tag, digest));
        }

        if (parts is [var only])
            return (only.Tag, only.Digest, wasThere);
        var index = await ImageIndex.EnsureAsync(client, path, parts, request.DryRun, cancellationToken).ConfigureAwait(false);
        return (index.Tag, index.Digest, wasThere && index.WasThere);
    }

    private ProjectImage DescriptionOf(Image image)
    {
        if (request.ImageFiles.TryGetValue(image.Key!, out var file) && File.Exists(file))
            return ProjectImage.Read(file);
        throw new DiagnosticException(DiagnosticDescriptors.ImageProjectMissing.Because($"The image '{image.Key}' was not published ({image.Path})."));
    }

    // The sandbox's port may change from day to day; what is in its base image does not.
    private async Task<string> BaseIdentityAsync(RegistryClient client, ProjectImage project, CancellationToken cancellationToken) => target.BaseImage is { } ours
        ? $"{ours.Path}@{await ImageResolver.RequireAsync(client, ours.Path, ours.Tag, cancellationToken).ConfigureAwait(false)}"
        : project.BaseImage.Length > 0 ? await bases.IdentityAsync(project.BaseImage, isCached: true, cancellationToken).ConfigureAwait(false)
        : project.SdkBaseImage.Length > 0 ? await bases.IdentityAsync(project.SdkBaseImage, isCached: false, cancellationToken).ConfigureAwait(false)
        : "";

    private async Task<(string Reference, bool IsOurs)> BaseOfAsync(ProjectImage project, CancellationToken cancellationToken)
    {
        if (target.BaseImage is { } ours)
            return ($"{target.Registry.Host}/{ours.Path}:{ours.Tag}", true);
        if (project.BaseImage.Length > 0 && await bases.FindPlaceAsync(project.BaseImage, cancellationToken).ConfigureAwait(false) is { } cached)
            return ($"{target.Registry.Host}/{cached}", true);
        return (project.BaseImage, false);
    }

    private async Task<string> PublishedForAsync(ProjectImage project, string key, string rid, CancellationToken cancellationToken)
    {
        if (project.RuntimeIdentifier.Length == 0 || project.RuntimeIdentifier == rid)
            return project.PublishDirectory;
        var folder = Path.Combine(request.WorkDirectory, "images", key, rid) + Path.DirectorySeparatorChar;
        sink.Publish(new DeployEvent.Note($"Publishing {Path.GetFileNameWithoutExtension(project.Project)} for {rid}."));
        await RunAsync(
            project,
            ["publish", project.Project, "-r", rid, $"-p:PublishDir={Escape(folder)}", .. Common(project, rid)],
            null,
            null,
            cancellationToken).ConfigureAwait(false);
        return folder;
    }

    private async Task PushAsync(
        ProjectImage project, string folder, string rid, string path, string tag, string? commitTag, PushLog log, CancellationToken cancellationToken)
    {
        sink.Publish(new DeployEvent.Note($"Building the image of {Path.GetFileNameWithoutExtension(project.Project)} for {ImageTarget.PlatformOf(rid)}."));
        string[] tags = commitTag is null ? [tag] : [tag, commitTag];
        List<string> arguments =
        [
            "msbuild", project.Project, "-t:PublishContainer", "-p:NoBuild=true", $"-p:PublishDir={Escape(folder)}",
            $"-p:ContainerRegistry={target.Registry.Host}", $"-p:ContainerRepository={path}", "-p:ContainerImageTag=",
            // A list, so its semicolon must be one; the quotes keep MSBuild from reading the next property there.
            $"-p:ContainerImageTags=\"{string.Join(';', tags)}\"", $"-p:ContainerRuntimeIdentifier={rid}",
            $"-p:CustomAfterMicrosoftCommonTargets={Escape(request.ImageTargets)}", $"-p:_KubeAppPushCommit={request.Commit}", .. Common(project, rid),
        ];
        var (baseImage, isOurs) = await BaseOfAsync(project, cancellationToken).ConfigureAwait(false);
        if (baseImage.Length > 0)
            arguments.Add($"-p:ContainerBaseImage={Escape(baseImage)}");
        try
        {
            await RunAsync(project, arguments, Credentials(isOurs), log, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            log.End();
        }
    }

    private static List<string> Common(ProjectImage project, string rid)
    {
        List<string> arguments =
        [
            "-nologo", "-nodeReuse:false", "-tl:off", "-v:minimal", $"-p:Configuration={Escape(project.Configuration)}",
            "-p:KubeAppRender=false", "-p:KubeAppDeploy=false",
        ];
        if (project.TargetFramework.Length > 0)
            arguments.Add($"-p:TargetFramework={project.TargetFramework}");
        if (project.RuntimeIdentifier.Length > 0)
        {
            arguments.Add($"-p:RuntimeIdentifier={rid}");
            arguments.Add($"-p:SelfContained={(project.Settings.Contains("setting.selfContained=true") ? "true" : "false")}");
        }

        return arguments;
    }

    // The SDK's names. Pushing and pulling are told apart, so that a base image from elsewhere is not asked for with our credentials.
    private Dictionary<string, string?>? Credentials(bool pulls)
    {
        if (target.Registry.Credentials is not { } credentials)
            return null;
        var variables = new Dictionary<string, string?>
        {
            ["DOTNET_CONTAINER_PUSH_REGISTRY_UNAME"] = credentials.User,
            ["DOTNET_CONTAINER_PUSH_REGISTRY_PWORD"] = credentials.Password,
        };
        if (pulls)
        {
            variables["DOTNET_CONTAINER_PULL_REGISTRY_UNAME"] = credentials.User;
            variables["DOTNET_CONTAINER_PULL_REGISTRY_PWORD"] = credentials.Password;
        }

        return variables;
    }

    private async Task RunAsync(
        ProjectImage project, IReadOnlyList<string> arguments, Dictionary<string, string?>? credentials, PushLog? log, CancellationToken cancellationToken)
    {
        List<string> lines = [];
        var environment = credentials ?? [];
        environment["DOTNET_CLI_UI_LANGUAGE"] = "en";
        environment["DOTNET_CLI_USE_MSBUILD_SERVER"] = "0";
        environment["MSBUILDDISABLENODEREUSE"] = "1";
        try
        {
            var host = readVariable("DOTNET_HOST_PATH") is { Length: > 0 } path ? path : "dotnet";
            var build = new ChildProcess(host, arguments, Path.GetDirectoryName(project.Project)!)
            {
                Environment = environment,
                Limit = BuildLimit,
                Grace = Grace,
            };
            if (await build.RunAsync(Take, cancellationToken).ConfigureAwait(false) == 0)
                return;
        }
        catch (Win32Exception exception)
        {
            throw new DiagnosticException(DiagnosticDescriptors.DotnetHostMissing.Because(exception.Message), exception);
        }
        catch (TimeoutException exception)
        {
            throw new DiagnosticException(DiagnosticDescriptors.ImagePushFailed.Because(exception.Message), exception);
        }

        // A build that was interrupted fails, too.
        cancellationToken.ThrowIfCancellationRequested();
        throw new DiagnosticException(DiagnosticDescriptors.ImagePushFailed.Because($"{Path.GetFileName(project.Project)}: {CauseIn(lines, project.Project)}"));

        void Take(string line, bool isError)
        {
            lines.Add(line);
            log?.Take(line);
        }
    }

    /// <summary>
    /// What a failed build says, in one line: its first error without place, code of a crash and project. A task that throws gives several
    /// error lines: that it failed, then the exception, then the stack.
    /// </summary>
    internal static string CauseIn(IReadOnlyList<string> lines, string project)
    {
        const string Mark = ": error ", Crash = "MSB4018: ", Thrown = "Exception: ";
        var errors = lines.Where(line => line.Contains(Mark, StringComparison.Ordinal))
            .Select(line => line[(line.IndexOf(Mark, StringComparison.Ordinal) + Mark.Length)..].Replace($"[{project}]", "", StringComparison.Ordinal).Trim())
            .ToList();
        var first = errors.FirstOrDefault() ?? lines.LastOrDefault(line => line.Trim().Length > 0)?.Trim() ?? "it said nothing";
        if (!first.StartsWith(Crash, StringComparison.Ordinal))
            return first;
        var exception = errors.Concat(lines).FirstOrDefault(line => line.Contains(Thrown, StringComparison.Ordinal));
        return exception is null
            ? first[Crash.Length..]
            : exception[(exception.IndexOf(Thrown, StringComparison.Ordinal) + Thrown.Length)..].Replace($"[{project}]", "", StringComparison.Ordinal).Trim();
    }

    // MSBuild splits a command line's property at semicolons and reads %xx.
    private static string Escape(string value) =>
        value.Replace("%", "%25", StringComparison.Ordinal).Replace(";", "%3B", StringComparison.Ordinal).Replace(",", "%2C", StringComparison.Ordinal);
}
