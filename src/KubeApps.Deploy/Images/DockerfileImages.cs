using System.ComponentModel;
using System.Text;
using System.Text.Json.Nodes;
using KubeApps.Diagnostics;
using KubeApps.Events;
using KubeApps.Processes;

namespace KubeApps.Deploy.Images;

/// <summary>Images of Dockerfiles, built by docker, podman or buildah: the first that is there and works.</summary>
internal sealed class DockerfileImages(ImageTarget target, PublishRequest request, BaseImages bases, IEventSink sink)
{
    private static readonly TimeSpan BuildLimit = TimeSpan.FromMinutes(30);
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan ProbeLimit = TimeSpan.FromSeconds(20);

    private static readonly (string Program, string[] Probe)[] Builders =
    [
        ("docker", ["version", "--format", "{{.Server.Version}}"]),
        ("podman", ["version", "--format", "{{.Client.Version}}"]),
        ("buildah", ["version"]),
    ];

    public async Task<(string Tag, string? Digest, bool WasThere)> ResolveAsync(
        RegistryClient client, Image image, string path, PushLog log, CancellationToken cancellationToken)
    {
        var file = Path.GetFullPath(image.Path!, request.ProjectDirectory);
        var context = Path.GetFullPath(image.Context ?? ".", request.ProjectDirectory);
        if (!File.Exists(file) || !Directory.Exists(context))
            throw new DiagnosticException(DiagnosticDescriptors.DockerfileMissing.Because(
                $"The image '{image.Key}' is to be built from {image.Path} with {image.Context}, but '{(File.Exists(file) ? context : file)}' is not there."));

        var ignored = DockerIgnore.Read(file, context);
        List<(string Rid, string Tag, string? Digest)> parts = [];
        var wasThere = true;
        string? builder = null;
        foreach (var rid in target.RuntimesOf(image))
        {
            var text = await File.ReadAllTextAsync(file, cancellationToken).ConfigureAwait(false);
            string[] settings = [$"dockerfile {text}", $"platform {ImageTarget.PlatformOf(rid)}", .. await BaseIdentitiesAsync(text, ImageTarget.PlatformOf(rid), cancellationToken).ConfigureAwait(false)];
            var tag = await ContentHash.TagAsync(context, item => !ignored.Matches(item) && !IsOwnOutput(Path.Combine(context, item), request), settings, cancellationToken).ConfigureAwait(false);
            var digest = await client.FindAsync(path, tag, cancellationToken).ConfigureAwait(false);
            wasThere &= digest is not null;
            if (digest is null && !request.DryRun)
            {
                builder ??= await FindBuilderAsync(image, cancellationToken).ConfigureAwait(false);
                sink.Publish(new DeployEvent.Note($"Building {image.Path} for {ImageTarget.PlatformOf(rid)} with {builder}."));
                var (program, reference) = (builder, $"{target.Registry.Host}/{path}:{tag}");
                digest = await ImageResolver.PushAsync(
                    client, path, tag, () => BuildAndPushAsync(program, image, file, context, rid, reference, log, cancellationToken), cancellationToken).ConfigureAwait(false);
            }

            parts.Add((rid, tag, digest));
        }

        if (parts is [var only])
            return (only.Tag, only.Digest, wasThere);
        var index = await ImageIndex.EnsureAsync(client, path, parts, request.DryRun, cancellationToken).ConfigureAwait(false);
        return (index.Tag, index.Digest, wasThere && index.WasThere);
    }

    /// <summary>A context is often the project's folder, and what this very publish writes there (its lock, held open) says nothing about the image.</summary>
    internal static bool IsOwnOutput(string file, PublishRequest request) => IsBelow(file, request.WorkDirectory) || IsBelow(file, request.BundleDirectory);

    private static bool IsBelow(string file, string folder) =>
        folder.Length > 0 && Path.GetFullPath(file).StartsWith(Path.TrimEndingDirectorySeparator(folder) + Path.DirectorySeparatorChar, StringComparison.Ordinal);

    private async Task<string> FindBuilderAsync(Image image, CancellationToken cancellationToken)
    {
        List<string> tried = [];
        foreach (var (program, probe) in Builders)
        {
            try
            {
                var asked = new ChildProcess(program, probe, request.ProjectDirectory) { Limit = ProbeLimit };
                if (await asked.RunAsync((_, _) => { }, cancellationToken).ConfigureAwait(false) == 0)
                    return program;
                tried.Add($"{program} is there but does not work");
            }
            catch (Exception exception) when (exception is Win32Exception or TimeoutException)
            {
                tried.Add(exception is TimeoutException ? $"{program} does not answer" : $"{program} is not there");
            }
        }

        throw new DiagnosticException(DiagnosticDescriptors.NoDockerfileBuilder.Because(
            $"The image '{image.Key}' is built from {image.Path}, but {string.Join(", ", tried)}."));
    }

    private async Task BuildAndPushAsync(
        string builder, Image image, string file, string context, string rid, string reference, PushLog log, CancellationToken cancellationToken)
    {
        var platform = ImageTarget.PlatformOf(rid);
        var isPlain = target.Registry.IsPlain(Environment.GetEnvironmentVariable);
        using var folder = ScratchFolder.Create("dockerfile");
        var login = target.Registry.Credentials is { } credentials ? WriteLogin(credentials, folder) : null;
        var environment = builder == "docker" && login is not null ? new Dictionary<string, string?> { ["DOCKER_CONFIG"] = login } : null;
        string[] entry = builder == "docker" ? [] : [.. (string[])(isPlain ? ["--tls-verify=false"] : []), .. (string[])(login is null ? [] : ["--authfile", Path.Combine(login, "config.json")])];
        var text = await File.ReadAllTextAsync(file, cancellationToken).ConfigureAwait(false);
        var places = await CachedBasesAsync(text, platform, cancellationToken).ConfigureAwait(false);
        // Fetched before the build, which then has no need of this login in place of its user's own.
        foreach (var (item, place) in places)
            await PullAsync(item, place, entry, environment).ConfigureAwait(false);
        // A builder is content with what it fetched by the same name some time ago.
        foreach (var item in Alone(text, platform))
            if (target.BaseImage is null && !places.ContainsKey(item) && await bases.CanMoveAsync(item.Image, cancellationToken).ConfigureAwait(false))
                await (IsOurs(item) ? PullAsync(item, item.Image, entry, environment) : PullAsync(item, item.Image, [], null)).ConfigureAwait(false);
        var built = places.Count > 0 ? await WriteWithBasesAsync(file, DockerfileBases.With(text, platform, places.ToDictionary(item => item.Key.Image, item => item.Value)), folder, cancellationToken).ConfigureAwait(false) : file;
        await RunAsync(builder, [builder == "buildah" ? "bud" : "build", "-f", built, "-t", reference, "--platform", platform, context], image, null, cancellationToken).ConfigureAwait(false);
        log.Begin();
        await RunAsync(builder, ["push", .. (string[])(builder == "docker" ? ["--quiet"] : []), .. entry, reference], image, environment, cancellationToken).ConfigureAwait(false);
        log.End();

        Task PullAsync(DockerfileBase item, string place, string[] login, Dictionary<string, string?>? variables) => RunAsync(
            builder, ["pull", "--quiet", .. (string[])(item.Platform is null ? [] : ["--platform", item.Platform]), .. login, place], image, variables, cancellationToken);
    }

    // What is built for this machine's sandbox shall not wait for other registries each time.
    private async Task<IReadOnlyList<string>> BaseIdentitiesAsync(string text, string platform, CancellationToken cancellationToken)
    {
        List<string> identities = [];
        if (target.BaseImage is null)
            foreach (var group in DockerfileBases.Of(text, platform).GroupBy(item => item.Image))
                identities.Add($"base {await bases.IdentityAsync(group.Key, isCached: group.Count() == 1 && !IsOurs(group.First()), cancellationToken).ConfigureAwait(false)}");
        return identities;
    }

    // A builder keeps one platform of a name: what is wanted for two of them it fetches itself.
    private static IEnumerable<DockerfileBase> Alone(string text, string platform) =>
        DockerfileBases.Of(text, platform).GroupBy(item => item.Image).Where(group => group.Count() == 1).Select(group => group.First());

    private bool IsOurs(DockerfileBase item) => item.Image.StartsWith(target.Registry.Host + "/", StringComparison.Ordinal);

    /// <summary>Where the registry has the images that the Dockerfile begins with, as far as it caches them.</summary>
    private async Task<Dictionary<DockerfileBase, string>> CachedBasesAsync(string text, string platform, CancellationToken cancellationToken)
    {
        Dictionary<DockerfileBase, string> places = [];
        foreach (var item in Alone(text, platform))
            if (!IsOurs(item) && await bases.FindPlaceAsync(item.Image, cancellationToken).ConfigureAwait(false) is { } cached)
                places[item] = $"{target.Registry.Host}/{cached}";
        return places;
    }

    // What is ignored goes by the Dockerfile's name, too.
    private static async Task<string> WriteWithBasesAsync(string file, string text, ScratchFolder folder, CancellationToken cancellationToken)
    {
        var rewritten = Path.Combine(Directory.CreateDirectory(Path.Combine(folder.Path, "file")).FullName, Path.GetFileName(file));
        await File.WriteAllTextAsync(rewritten, text, cancellationToken).ConfigureAwait(false);
        if (File.Exists(file + ".dockerignore"))
            File.Copy(file + ".dockerignore", rewritten + ".dockerignore");
        return rewritten;
    }

    // These programs take credentials from a file only; it lives as long as the push, readable by this user alone.
    private string WriteLogin(RegistryCredentials credentials, ScratchFolder scratch)
    {
        var folder = Directory.CreateDirectory(Path.Combine(scratch.Path, "login")).FullName;
        var encoded = Convert.ToBase64String(Encoding.UTF8.GetBytes($"{credentials.User}:{credentials.Password}"));
        var config = new JsonObject { ["auths"] = new JsonObject { [target.Registry.Host] = new JsonObject { ["auth"] = encoded } } };
        File.WriteAllText(Path.Combine(folder, "config.json"), config.ToJsonString());
        return folder;
    }

    private async Task RunAsync(
        string builder, string[] arguments, Image image, Dictionary<string, string?>? environment, CancellationToken cancellationToken)
    {
        List<string> lines = [];
        try
        {
            var build = new ChildProcess(builder, arguments, request.ProjectDirectory)
            {
                Environment = environment ?? [],
                Limit = BuildLimit,
                Grace = Grace,
            };
            if (await build.RunAsync((line, _) => lines.Add(line), cancellationToken).ConfigureAwait(false) == 0)
                return;
        }
        catch (TimeoutException exception)
        {
            lines.Add(exception.Message);
        }

        // A build that was interrupted fails, too.
        cancellationToken.ThrowIfCancellationRequested();
        foreach (var line in lines.TakeLast(20))
            sink.Publish(new DeployEvent.Note($"  {line}"));
        var last = lines.LastOrDefault(line => line.Trim().Length > 0) ?? "it said nothing";
        throw new DiagnosticException(DiagnosticDescriptors.DockerfileFailed.Because(
            $"'{builder} {arguments[0]}' of the image '{image.Key}' failed: {last.Trim()}", new SourceLocation(image.Path!)));
    }
}
