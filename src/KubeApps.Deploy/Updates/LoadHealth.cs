using System.Globalization;
using KubeApps.Deploy.Clusters;

namespace KubeApps.Deploy.Updates;

/// <summary>Whether the answers of a new cluster are as good as those of the old one. Pure.</summary>
internal static class LoadHealth
{
    // One that fails now and then is no news; and of few nothing can be said.
    private const int FewestErrors = 3;
    private const double Tolerated = 0.01;
    private const double WorseThanOld = 2;

    /// <summary>What is wrong with it; null where nothing is.</summary>
    /// <param name="name">The new cluster.</param>
    /// <param name="load">What arrived there.</param>
    /// <param name="old">What arrived at the old one in the same time, or when it got something last: what fails there as well is not the new version's fault.</param>
    public static string? Verdict(string name, ArrivingLoad load, ArrivingLoad old)
    {
        var limit = Math.Max(Tolerated, WorseThanOld * RateOf(old));
        return load.Errors >= FewestErrors && RateOf(load) > limit
            ? string.Create(CultureInfo.InvariantCulture, $"{name} answered {load.Errors} of {load.Requests} requests with an error or not at all ({RateOf(load):0.0 %}; up to {limit:0.0 %} would do).")
            : null;
    }

    private static double RateOf(ArrivingLoad load) => load.Requests == 0 ? load.Errors > 0 ? 1 : 0 : (double)load.Errors / load.Requests;
}
