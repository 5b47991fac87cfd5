using System.Globalization;
using System.Text.Json.Nodes;

namespace KubeApps.Deploy.Preflight;

/// <summary>Amounts by the names that quotas have for them: <c>pods</c>, <c>requests.cpu</c>, <c>count/deployments.apps</c>.</summary>
internal sealed class Resources
{
    // What a sum of binary fractions may be off.
    private const double Tolerance = 1e-6;

    private readonly SortedDictionary<string, double> _amounts = new(StringComparer.Ordinal);

    public double this[string resource] => _amounts.GetValueOrDefault(resource);

    public void Add(string resource, double amount) => _amounts[resource] = this[resource] + amount;

    public void Add(Resources other, double times = 1)
    {
        foreach (var (resource, amount) in other._amounts)
            Add(resource, amount * times);
    }

    /// <summary>The larger of both, resource by resource, and never less than nothing.</summary>
    public Resources AtLeast(Resources other)
    {
        var result = new Resources();
        foreach (var resource in _amounts.Keys.Union(other._amounts.Keys, StringComparer.Ordinal))
            result.Add(resource, Math.Max(Math.Max(0, this[resource]), other[resource]));
        return result;
    }

    public static bool IsMore(double amount, double limit) => amount > limit + (Tolerance * Math.Max(1, Math.Abs(limit)));

    /// <summary>0 where there is none.</summary>
    public static double Amount(JsonNode? value) => value is null ? 0 : QuantityRules.Parse(value.ToString()) ?? 0;

    /// <summary>An amount as a person writes it: <c>250m</c>, <c>1.5</c>, <c>512Mi</c>.</summary>
    public static string Text(string resource, double amount)
    {
        var text = CultureInfo.InvariantCulture;
        if (resource.EndsWith("memory", StringComparison.Ordinal) || resource.EndsWith("storage", StringComparison.Ordinal))
        {
            var (unit, size) = amount >= 1L << 30 && amount % (1L << 30) == 0 ? ("Gi", 1L << 30) : amount >= 1L << 20 ? ("Mi", 1L << 20) : ("", 1L);
            return (amount / size).ToString("0.##", text) + unit;
        }

        return amount < 1 && amount > 0 ? (amount * 1000).ToString("0.###", text) + "m" : amount.ToString("0.###", text);
    }
}
