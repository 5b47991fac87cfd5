using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace KubeApps.Deploy.Tests;

/// <summary>wrk, a real client that asks as fast as it can. Only what was lost counts, not what was slow.</summary>
internal static partial class Wrk
{
    private static readonly string[] Load = ["-t1", "-c8", "-d4s", "--timeout", "30s"];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Asks for four seconds, and again for as long as the work goes on.</summary>
    public static async Task<(long Requests, long Lost)> DuringAsync(string url, Func<Task> work, params string[] arguments)
    {
        var first = Start(url, arguments);
        var working = work();
        var (requests, lost) = await ReadAsync(first);
        while (!working.IsCompleted)
        {
            var more = await ReadAsync(Start(url, arguments));
            (requests, lost) = (requests + more.Requests, lost + more.Lost);
        }

        await working;
        return (requests, lost);
    }

    private static async Task<(long Requests, long Lost)> ReadAsync(Process process)
    {
        using var wrk = process;
        var output = await wrk.StandardOutput.ReadToEndAsync(Token);
        await wrk.WaitForExitAsync(Token);
        Assert.True(wrk.ExitCode == 0, output);
        // "Socket errors: connect 0, read 0, write 0, timeout 0" and "Non-2xx or 3xx responses: 1": wrk prints them only if there are any.
        var lost = Failures().Matches(output).Sum(match => match.Groups["n"].Captures.Sum(capture => long.Parse(capture.Value, CultureInfo.InvariantCulture)));
        if (lost > 0)
            TestContext.Current.TestOutputHelper?.WriteLine(output);
        return (long.Parse(Total().Match(output).Groups["n"].Value, CultureInfo.InvariantCulture), lost);
    }

    private static Process Start(string url, string[] arguments)
    {
        try
        {
            return Process.Start(new ProcessStartInfo("wrk", [.. Load, .. arguments, url]) { RedirectStandardOutput = true })!;
        }
        catch (Win32Exception)
        {
            Assert.Skip("wrk is not on this machine");
            throw;
        }
    }

    [GeneratedRegex(@"Socket errors:(?: \w+ (?<n>\d+),?)+|Non-2xx or 3xx responses: (?<n>\d+)")]
    private static partial Regex Failures();

    [GeneratedRegex(@"(?<n>\d+) requests in")]
    private static partial Regex Total();
}
