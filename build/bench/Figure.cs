using System.Globalization;

namespace KubeApps.Bench;

/// <summary>One row of the table.</summary>
/// <param name="Name">What was measured.</param>
/// <param name="Value">With its unit.</param>
/// <param name="Target">What it must reach; empty for what is only there to compare with.</param>
/// <param name="Reached">Null where there is no target.</param>
internal sealed record Figure(string Name, string Value, string Target, bool? Reached)
{
    public static Figure Below(string name, double value, double limit, string unit) =>
        new(name, Show(value, unit), $"< {Show(limit, unit)}", value < limit);

    public static Figure AtMost(string name, double value, double limit, string unit) =>
        new(name, Show(value, unit), $"≤ {Show(limit, unit)}", value <= limit);

    public static Figure Only(string name, double value, string unit) => new(name, Show(value, unit), "", null);

    public override string ToString() => $"| {Name} | {Value} | {Target} | {(Reached is null ? "" : Reached.Value ? "yes" : "**no**")} |";

    public static double Median(IEnumerable<double> values)
    {
        var ordered = values.Order().ToList();
        return ordered[ordered.Count / 2];
    }

    private static string Show(double value, string unit) =>
        $"{value.ToString(value >= 100 || value == Math.Floor(value) ? "0" : "0.00", CultureInfo.InvariantCulture)} {unit}".TrimEnd();
}
