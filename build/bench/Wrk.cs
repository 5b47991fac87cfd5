using System.Globalization;

namespace KubeApps.Bench;

/// <summary>What wrk says at its end.</summary>
internal static class Wrk
{
    public static long Requests(string output) => long.Parse(
        output.Split('\n').Single(line => line.Contains("requests in", StringComparison.Ordinal)).Trim().Split(' ')[0], CultureInfo.InvariantCulture);

    /// <summary>Answers that were none, and those that were no success.</summary>
    public static double Failures(string output)
    {
        var failed = output.Split('\n').Where(line => line.Contains("Non-2xx", StringComparison.Ordinal)).Sum(line => double.Parse(line.Split(':')[1], CultureInfo.InvariantCulture));
        // "Socket errors: connect 0, read 0, write 0, timeout 0"; wrk prints the line only if there are any.
        var errors = output.Split('\n').Where(line => line.Contains("Socket errors", StringComparison.Ordinal))
            .SelectMany(line => line.Split(':')[1].Split(',')).Sum(part => double.Parse(part.Trim().Split(' ')[1], CultureInfo.InvariantCulture));
        return failed + errors;
    }
}
