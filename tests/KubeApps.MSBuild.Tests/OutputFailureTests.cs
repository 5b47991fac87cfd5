using System.Diagnostics;

namespace KubeApps.MSBuild.Tests;

/// <summary>Output that cannot be written: one error, and what was there stays whole.</summary>
public sealed class OutputFailureTests(PackageFeed feed)
{
    [Fact]
    public async Task Publish_BundleFolderIsAFile_SaysThatItCannotBeWritten()
    {
        var folder = feed.NewFolder().WriteWeb().Write("taken", "");

        (await folder.PublishAsync("web", $"-p:KubeAppBundleDirectory={folder.PathOf("taken")}/")).Failed().OnlyError("KUBEAPP0106");

        Assert.Equal("", folder.Read("taken"));
    }

    [Fact]
    public async Task Publish_DiskIsFull_SaysSoAndKeepsTheOldBundleWhole()
    {
        var folder = feed.NewFolder().WriteWeb();
        var bundle = Directory.CreateDirectory(folder.PathOf("small")).FullName;
        // Room for one bundle of this app, each file taking a page, and not for a second one beside it.
        Assert.SkipUnless(
            OperatingSystem.IsLinux() && await RunAsync("mount", "-t", "tmpfs", "-o", "size=40k", "tmpfs", bundle),
            "Nothing can be mounted here (it takes Linux and root).");
        try
        {
            (await folder.PublishAsync("web", $"-p:KubeAppBundleDirectory={bundle}/")).Succeeded();
            var before = Directory.EnumerateFiles(bundle, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal).ToDictionary(file => file, File.ReadAllText);
            await File.WriteAllBytesAsync(Path.Combine(bundle, "filler"), new byte[4096], TestContext.Current.CancellationToken);
            while (await TryFillAsync(bundle))
            {
            }

            folder.Write("web/KubeApp.cs", ThrowAway.Spec.Replace("new Deployment(\"web\")", "new Deployment(\"web\") { Replicas = 3 }", StringComparison.Ordinal));
            var error = (await folder.PublishAsync("web", $"-p:KubeAppBundleDirectory={bundle}/")).Failed().OnlyError("KUBEAPP0106");

            Assert.Contains("space", error, StringComparison.OrdinalIgnoreCase);
            foreach (var file in Directory.EnumerateFiles(bundle, "filler*"))
                File.Delete(file);
            Assert.Equal(before, Directory.EnumerateFiles(bundle, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal).ToDictionary(file => file, File.ReadAllText));

            (await folder.PublishAsync("web", $"-p:KubeAppBundleDirectory={bundle}/")).Succeeded();
            Assert.Contains("replicas: 3", await File.ReadAllTextAsync(Path.Combine(bundle, "env", "local", "deployment-web.yaml"), TestContext.Current.CancellationToken), StringComparison.Ordinal);
        }
        finally
        {
            await RunAsync("umount", bundle);
        }
    }

    private static async Task<bool> TryFillAsync(string folder)
    {
        try
        {
            await File.WriteAllBytesAsync(Path.Combine(folder, $"filler{Guid.NewGuid():n}"), new byte[4096], TestContext.Current.CancellationToken);
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static async Task<bool> RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return process.ExitCode == 0;
    }
}
