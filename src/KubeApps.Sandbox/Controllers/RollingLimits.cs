using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace KubeApps.Sandbox.Controllers;

/// <summary>How many pods a Deployment wants, and how far a rolling update may go above and below that.</summary>
internal sealed record RollingLimits(int Desired, int MaxSurge, int MaxUnavailable, bool Rolling)
{
    public int MinAvailable => Desired - MaxUnavailable;

    public int MaxTotal => Desired + MaxSurge;

    public static RollingLimits Of(JsonObject deployment)
    {
        var desired = deployment.Spec.Number("replicas") ?? 1;
        var strategy = deployment.Spec.Part("strategy");
        if ((strategy.Text("type") ?? "RollingUpdate") != "RollingUpdate")
            return new RollingLimits(desired, 0, 0, Rolling: false);

        var rolling = strategy.Part("rollingUpdate");
        var surge = Resolve(rolling["maxSurge"], desired, Math.Ceiling);
        var unavailable = Resolve(rolling["maxUnavailable"], desired, Math.Floor);
        // Percentages of a small number may both round to nothing, and then nothing could ever move.
        if (surge == 0 && unavailable == 0)
            unavailable = 1;
        return new RollingLimits(desired, surge, Math.Min(unavailable, desired), Rolling: true);
    }

    /// <summary>How large the new ReplicaSet may be now (never smaller than it is).</summary>
    public int NewSize(int newSize, int total)
    {
        if (!Rolling)
            return Desired;
        return total >= MaxTotal ? newSize : newSize + Math.Min(MaxTotal - total, Desired - newSize);
    }

    /// <summary>
    /// What a ReplicaSet gets of a change of size while several are active: its share, in proportion to its size at the time the Deployment was
    /// scaled last.
    /// </summary>
    public int Share(int size, int maxTotalBefore, int toAdd, int added)
    {
        if (size == 0 || toAdd == 0 || toAdd == added)
            return 0;
        var fraction = Desired == 0
            ? -size
            : (int)Math.Round((double)size * MaxTotal / maxTotalBefore, MidpointRounding.AwayFromZero) - size;
        return toAdd > 0 ? Math.Min(fraction, toAdd - added) : Math.Max(fraction, toAdd - added);
    }

    private static int Resolve(JsonNode? value, int desired, Func<double, double> round) => value switch
    {
        JsonValue number when number.GetValueKind() == JsonValueKind.Number => (int)number,
        JsonValue text when ((string?)text)?.TrimEnd('%') is { } percent => (int)round(double.Parse(percent, CultureInfo.InvariantCulture) * desired / 100),
        _ => (int)round(25.0 * desired / 100),
    };
}
