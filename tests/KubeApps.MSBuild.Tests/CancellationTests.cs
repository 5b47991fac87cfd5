using System.Diagnostics;

namespace KubeApps.MSBuild.Tests;

/// <summary>
/// A publish that ends before it is done: Ctrl+C and SIGTERM to <c>dotnet publish</c>, at each stage: everything that it started ends, and nothing is left half written. On SIGTERM
/// MSBuild dies at once, so what it started must notice by itself.
/// </summary>
public sealed class CancellationTests(PackageFeed feed, SandboxHome sandbox) : IClassFixture<SandboxHome>
{
    private const string Variable = "KUBEAPPS_TEST_PUBLISH";
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(3);

    [Theory]
    [InlineData("INT")]
    [InlineData("TERM")]
    public async Task Signal_WhileTheSpecIsEvaluated_EndsItAndRendersNothing(string signal)
    {
        var folder = feed.NewFolder().WriteWeb(spec: ThrowAway.Spec.Replace("var web =", "while (Facts.Port > 0) ; var web =", StringComparison.Ordinal));

        await InterruptAsync(folder, signal, "evaluated for local", []);

        Assert.False(File.Exists(folder.PathOf("web", "obj", "Release", "net10.0", "kubeapp", "model.json")));
        Assert.False(Directory.Exists(folder.PathOf("web", "bin", "Release", "net10.0", "kubeapp")));
    }

    [Theory]
    [InlineData("INT")]
    [InlineData("TERM")]
    public async Task Signal_WhileAnImageIsBuilt_EndsTheBuildAndDeploysNothing(string signal)
    {
        // A registry that has nothing, and that never gives the base image.
        using var registry = new AnsweringServer(request =>
            request.StartsWith("GET /v2/ ", StringComparison.Ordinal) ? AnsweringServer.Ok("{}", "application/json")
            : request.StartsWith("HEAD ", StringComparison.Ordinal) ? AnsweringServer.NotFound
            : null);
        var folder = feed.NewFolder().WriteWeb(spec: Failing.SpecWithRegistry(registry.Host), properties: $"<ContainerBaseImage>{registry.Host}/base:1</ContainerBaseImage>")
            .Write("kubeconfig", Failing.Kubeconfig);

        await InterruptAsync(folder, signal, "Building the image of web", ["-p:KubeAppDeploy=true"]);

        Assert.False(Directory.Exists(folder.PathOf("web", "bin", "Release", "net10.0", "kubeapp")));
    }

    [Theory]
    [InlineData("INT")]
    [InlineData("TERM")]
    public async Task Signal_WhileTheRolloutIsAwaited_LeavesARecordThatTheNextDeployGoesOnFrom(string signal)
    {
        var name = "web" + signal.ToLowerInvariant();
        var folder = feed.NewFolder()
            .WriteWeb(name, spec: ThrowAway.Spec.Replace("Image.ThisProject)", "Image.ThisProject) { ReadinessProbe = Probe.Http(\"/nothing\"), ", StringComparison.Ordinal)
                .Replace("{ ReadinessProbe = Probe.Http(\"/nothing\"),  { ", "{ ReadinessProbe = Probe.Http(\"/nothing\"), ", StringComparison.Ordinal));

        await InterruptAsync(folder, signal, "Wait for the rollout", ["-p:KubeAppDeploy=true"], name);

        Assert.True(File.Exists(folder.PathOf(name, "bin", "Release", "net10.0", "kubeapp", "bundle.json")));

        folder.Write($"{name}/KubeApp.cs", ThrowAway.Spec);
        Assert.Contains("is ready", (await folder.PublishAsync(name, sandbox.Variables, "-p:KubeAppDeploy=true")).Succeeded().Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Publish_AppThatDoesNotCompile_EndsWhatWasStartedForItsSpecification()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "/proc is needed.");
        var folder = feed.NewFolder().WriteWeb().Write("web/Broken.cs", "this is no program");
        var mark = Guid.NewGuid().ToString("n");
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(Limit);

        (await folder.PublishAsync("web", new Dictionary<string, string?> { [Variable] = mark })).Failed();

        await AwaitNoneAsync(mark, limit.Token);
    }

    /// <summary>Publishes, sends the signal when the log says <paramref name="marker"/>, and waits until nothing of the publish runs.</summary>
    private async Task InterruptAsync(ThrowAway folder, string signal, string marker, string[] arguments, string project = "web")
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Signals and /proc are needed.");
        var mark = Guid.NewGuid().ToString("n");
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(Limit);
        // A runner in the background of a shell ignores SIGINT, and what it starts would, too.
        var start = new ProcessStartInfo("env",
        [
            "--default-signal=INT,TERM", Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", "publish", project,
            "-nodeReuse:false", "-tl:off", .. arguments,
        ])
        {
            WorkingDirectory = folder.Root,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in PackageFeed.BuildVariables.Concat(sandbox.Variables).Append(new(Variable, mark)).Append(new("KUBECONFIG", folder.PathOf("kubeconfig"))))
            start.Environment[name] = value;
        using var publish = Process.Start(start)!;
        var errors = publish.StandardError.ReadToEndAsync(limit.Token);
        var lines = new List<string>();
        while (!lines.Any(line => line.Contains(marker, StringComparison.Ordinal)))
            lines.Add(await publish.StandardOutput.ReadLineAsync(limit.Token)
                ?? throw new InvalidOperationException($"It ended before '{marker}':\n{string.Join('\n', lines)}"));

        using (var kill = Process.Start("kill", [$"-{signal}", publish.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]))
            await kill.WaitForExitAsync(limit.Token);
        var rest = await publish.StandardOutput.ReadToEndAsync(limit.Token) + await errors;
        await publish.WaitForExitAsync(limit.Token);
        await AwaitNoneAsync(mark, limit.Token);

        // On SIGTERM the SDK itself ends with 0, whatever it was doing.
        if (signal == "INT")
            Assert.Equal(1, publish.ExitCode);
        Assert.DoesNotContain("MSB4018", rest, StringComparison.Ordinal);
        Assert.DoesNotContain(": error ", rest, StringComparison.Ordinal);
    }

    private static async Task AwaitNoneAsync(string mark, CancellationToken limit)
    {
        while (Processes(mark) is { Count: > 0 } left)
        {
            if (limit.IsCancellationRequested)
                Assert.Fail($"Still running: {string.Join("; ", left)}");
            await Task.Delay(50, CancellationToken.None);
        }
    }

    // Every process that inherited the mark, however it was started. The sandbox does not inherit it: it outlives a publish on purpose.
    private static List<string> Processes(string mark)
    {
        List<string> found = [];
        foreach (var folder in Directory.EnumerateDirectories("/proc").Where(folder => char.IsAsciiDigit(Path.GetFileName(folder)[0])))
        {
            try
            {
                if (File.ReadAllText(Path.Combine(folder, "environ")).Contains($"{Variable}={mark}", StringComparison.Ordinal))
                    found.Add(File.ReadAllText(Path.Combine(folder, "cmdline")).Replace('\0', ' '));
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                // It ended, or it is another user's.
            }
        }

        return found;
    }
}
