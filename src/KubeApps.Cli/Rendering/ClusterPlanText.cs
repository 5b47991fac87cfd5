using System.Globalization;
using KubeApps.Deploy.Clusters;

namespace KubeApps.Cli.Rendering;

/// <summary>What would be done to a cluster, for people: the steps, how long they take, and what it costs.</summary>
internal static class ClusterPlanText
{
    // What takes less is not worth the words.
    private static readonly TimeSpan Told = TimeSpan.FromSeconds(1);

    public static IEnumerable<string> Lines(ClusterPlan plan)
    {
        foreach (var step in plan.Steps)
        {
            yield return $"{Json.Camel(step.Action),-9} {step.Title}{(step.Expected >= Told ? $"  ({Time(step.Expected)})" : "")}";
            foreach (var detail in step.Details)
                yield return $"          {detail}";
        }

        if (ClusterSteps.Expected(plan.Steps) >= Told)
            yield return $"It takes about {Time(ClusterSteps.Expected(plan.Steps))}: what waits for nothing is done side by side.";
        foreach (var line in plan.Cost is { } cost ? Cost(cost) : [])
            yield return line;
    }

    private static IEnumerable<string> Cost(ClusterCost cost)
    {
        yield return "";
        foreach (var item in cost.Items)
            yield return $"{Money(item.Hourly)}  {item.What}";
        yield return $"{Money(cost.Hourly)}  {cost.Currency} an hour, {(cost.Hourly * 730).ToString("0", CultureInfo.InvariantCulture)} a month (prices of {cost.PricesOf.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)})";
        yield return $"{Money(cost.Overlap)}  an hour more while a full update has two of them";
    }

    private static string Money(decimal amount) => amount.ToString("0.0000", CultureInfo.InvariantCulture).PadLeft(9);

    private static string Time(TimeSpan time) =>
        time < TimeSpan.FromMinutes(1) ? string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0} s") : string.Create(CultureInfo.InvariantCulture, $"{time.TotalMinutes:0.#} min");
}
