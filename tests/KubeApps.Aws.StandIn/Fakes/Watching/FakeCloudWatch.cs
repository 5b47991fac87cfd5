using System.Globalization;
using System.Text.Json.Nodes;
using KubeApps.Aws.StandIn.Wire;

namespace KubeApps.Aws.StandIn.Fakes.Watching;

/// <summary>Amazon CloudWatch: what was measured (<see cref="StandInAccount.Measure"/>), summed up by period.</summary>
internal sealed class FakeCloudWatch : Fake
{
    public FakeCloudWatch(StandInAccount account, string region)
        : base(account, region)
    {
        On("GetMetricData", input =>
        {
            var (start, end) = (Scalars.Time(input["StartTime"]!), Scalars.Time(input["EndTime"]!));
            if (start >= end)
                throw new Refusal("ValidationError", "The parameter StartTime must be less than the parameter EndTime.");
            var (given, isMore) = (input["NextToken"] is { } token ? int.Parse((string)token!, CultureInfo.InvariantCulture) : 0, false);
            var answer = new JsonObject
            {
                ["MetricDataResults"] = new JsonArray([.. input["MetricDataQueries"]!.AsArray().Where(query => (bool?)query!["ReturnData"] != false)
                    .Select(query => Answer(query!, start, end, (string?)input["ScanBy"] != "TimestampAscending", given, ref isMore)).OfType<JsonObject>()]),
            };
            if (isMore)
                answer["NextToken"] = (given + account.MetricValuesAtOnce).ToString(CultureInfo.InvariantCulture);
            return answer;
        });
    }

    // What was told whole is not named again.
    private JsonObject? Answer(JsonNode query, DateTimeOffset start, DateTimeOffset end, bool isNewestFirst, int given, ref bool isMore)
    {
        var stat = query["MetricStat"] ?? throw new NotSupportedException("The stand-in calculates no expressions.");
        var (metric, period) = (stat["Metric"]!, TimeSpan.FromSeconds((int)stat["Period"]!));
        var dimensions = (metric["Dimensions"] as JsonArray ?? []).ToDictionary(item => (string)item!["Name"]!, item => (string)item!["Value"]!);
        var points = Account.Measurements
            .Where(item => item.Namespace == (string)metric["Namespace"]! && item.Metric == (string)metric["MetricName"]! && item.At >= start && item.At < end)
            .Where(item => Minute(item.At) + TimeSpan.FromMinutes(1) + Account.Delays.Metrics <= Account.Now)
            .Where(item => item.Dimensions.Count == dimensions.Count && item.Dimensions.All(entry => dimensions.GetValueOrDefault(entry.Key) == entry.Value))
            .GroupBy(item => new DateTimeOffset(item.At.UtcTicks - (item.At.UtcTicks % period.Ticks), TimeSpan.Zero))
            .Select(group => (At: group.Key, Value: Of((string)stat["Stat"]!, [.. group.Select(item => item.Value)])))
            .OrderBy(point => isNewestFirst ? -point.At.UtcTicks : point.At.UtcTicks).Skip(given).ToList();
        if (given > 0 && points.Count == 0)
            return null;
        var isPart = points.Count > Account.MetricValuesAtOnce;
        isMore |= isPart;
        points = [.. points.Take(Account.MetricValuesAtOnce)];
        return new JsonObject
        {
            ["Id"] = (string)query["Id"]!,
            ["Label"] = (string?)query["Label"] ?? (string)metric["MetricName"]!,
            ["Timestamps"] = new JsonArray([.. points.Select(point => Scalars.Time(point.At))]),
            ["Values"] = new JsonArray([.. points.Select(point => point.Value)]),
            ["StatusCode"] = isPart ? "PartialData" : "Complete",
        };
    }

    private static DateTimeOffset Minute(DateTimeOffset time) => new(time.UtcTicks - (time.UtcTicks % TimeSpan.TicksPerMinute), TimeSpan.Zero);

    private static double Of(string stat, double[] values) => stat switch
    {
        "Sum" => values.Sum(),
        "Average" => values.Average(),
        "Maximum" => values.Max(),
        "Minimum" => values.Min(),
        "SampleCount" => values.Length,
        _ => throw new Refusal("ValidationError", $"The value {stat} for parameter Stat is not supported."),
    };
}

/// <summary>Something that CloudWatch was told.</summary>
internal sealed record Measurement(string Namespace, string Metric, IReadOnlyDictionary<string, string> Dimensions, DateTimeOffset At, double Value);
