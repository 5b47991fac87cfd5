using KubeApps.Diagnostics;

namespace KubeApps.MSBuild;

/// <summary>
/// One publish of an app at a time writes its model and bundle. A file that is open without sharing works on every system, across
/// processes, and is released by a crash too.
/// </summary>
internal static class OutputLock
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    public static async Task<IDisposable> TakeAsync(string folder, CancellationToken cancellationToken)
    {
        var file = Path.Combine(folder, "publish.lock");
        var time = TimeProvider.System;
        var start = time.GetTimestamp();
        while (true)
        {
            try
            {
                return new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 1, FileOptions.None);
            }
            catch (IOException) when (time.GetElapsedTime(start) < Limit && File.Exists(file))
            {
                await Task.Delay(Pause, time, cancellationToken).ConfigureAwait(false);
            }
            catch (IOException exception) when (File.Exists(file))
            {
                throw new DiagnosticException(
                    DiagnosticDescriptors.PublishInProgress.Because($"'{file}' was held for {Limit.TotalSeconds:0} s."), exception);
            }
        }
    }
}
