using System.Diagnostics;
using KubeApps.Actions.Tests.Checking;

namespace KubeApps.Actions.Tests;

/// <summary>The workflows as a mirror on GitHub Enterprise Server needs them.</summary>
public sealed class EnterpriseServerTests
{
    [Fact]
    public async Task Script_InAMirror_NamesActionsByItsCommitAndLeavesOutWhatThatServerDoesNotKnow()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "A script of bash.");
        var mirror = Directory.CreateTempSubdirectory("kubeapps-mirror-");
        try
        {
            foreach (var (path, text) in RepositoryFiles.Read())
                Write(mirror, path, text);
            Write(mirror, "build/enterprise-server.sh", await File.ReadAllTextAsync(Path.Combine(RepositoryFiles.Root, "build", "enterprise-server.sh"), TestContext.Current.CancellationToken));
            await RunAsync(mirror, "git init -q && git add -A && git -c user.name=Kim -c user.email=kim@example.com commit -qm mirror");

            var commit = (await RunAsync(mirror, "git rev-parse HEAD")).Trim();
            await RunAsync(mirror, "bash build/enterprise-server.sh platform/tooling");

            var workflows = Directory.EnumerateFiles(Path.Combine(mirror.FullName, ".github", "workflows"), "kubeapp-*.yml").Select(file => new YamlFile(Path.GetFileName(file), File.ReadAllText(file))).ToList();
            Assert.Equal(4, workflows.Count);
            var uses = workflows.SelectMany(workflow => workflow.Steps).Select(step => step.Value("uses")).OfType<string>().ToList();
            Assert.Equal(
                ((string[])["connect", "deploy", "destroy", "plan", "publish", "setup"]).Select(name => $"platform/tooling/actions/{name}@{commit}"),
                uses.Where(name => name.StartsWith("platform/", StringComparison.Ordinal)).Distinct().Order(StringComparer.Ordinal));
            Assert.DoesNotContain(uses, name => name.StartsWith("$/", StringComparison.Ordinal));
            Assert.All(workflows.SelectMany(workflow => workflow.Jobs), job => Assert.Null(job.Job.Find("environment", "deployment")));
        }
        finally
        {
            mirror.Delete(recursive: true);
        }
    }

    private static void Write(DirectoryInfo folder, string path, string text)
    {
        var file = Path.Combine(folder.FullName, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text);
    }

    private static async Task<string> RunAsync(DirectoryInfo folder, string script)
    {
        using var process = Process.Start(new ProcessStartInfo("bash", ["-ec", script]) { WorkingDirectory = folder.FullName, RedirectStandardOutput = true, RedirectStandardError = true })!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken), process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken));
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == 0, await error);
        return await output;
    }
}
