using KubeApps.Sandbox.Hosting;
using Microsoft.Extensions.Logging;

namespace KubeApps.Sandbox.Tests.Hosting;

public sealed class FileLogTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("kubeapps-test-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Log_ThatHasGrown_IsPutAsideAndOldOnesGo()
    {
        var line = new string('x', 1_000_000);
        using (var log = new FileLog(_folder, TimeProvider.System))
        {
            var logger = log.CreateLogger("KubeApps.Test");
            for (var i = 0; i < 40; i++)
                logger.Log(LogLevel.Information, default, i, null, (state, _) => $"{state} {line}");
        }

        var files = new DirectoryInfo(_folder).EnumerateFiles().OrderBy(file => file.Name, StringComparer.Ordinal).ToList();
        Assert.Equal(["sandbox.log", "sandbox.log.1", "sandbox.log.2", "sandbox.log.3"], files.Select(file => file.Name));
        Assert.All(files, file => Assert.InRange(file.Length, 1, 7_000_000));
    }

    [Theory]
    [InlineData("Microsoft.AspNetCore.Server.Kestrel", LogLevel.Information, false)]
    [InlineData("Microsoft.AspNetCore.Server.Kestrel", LogLevel.Warning, true)]
    [InlineData("KubeApps.Sandbox.Pods", LogLevel.Information, true)]
    [InlineData("KubeApps.Sandbox.Pods", LogLevel.Debug, false)]
    public void IsEnabled_FrameworksSpeakOnlyOfTrouble(string category, LogLevel level, bool expected)
    {
        using var log = new FileLog(_folder, TimeProvider.System);

        Assert.Equal(expected, log.CreateLogger(category).IsEnabled(level));
    }
}
