using System.Collections.Concurrent;
using System.Globalization;
using KubeApps.Deploy.Aws;
using KubeApps.Deploy.Aws.CloudWatch;
using KubeApps.Deploy.Aws.ElasticLoadBalancingV2;

namespace KubeApps.Deploy.Clusters.Eks;

/// <summary>
/// What arrived at balancers, as CloudWatch was told minute by minute. A balancer of HTTP counts requests and answers, and the bytes of both, and of
/// what comes after them: it knows connections that are open, too, but not whether anybody uses them (clients keep them for the next request). One of TCP counts connections, and
/// knows those that are open, but nothing of answers. Minutes in which nothing arrived are not told at all.
/// </summary>
/// <seealso href="https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html"/>
/// <seealso href="https://docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-cloudwatch-metrics.html"/>
internal sealed class EksMeter(TimeProvider clock)
{
    private const string Network = "network";

    /// <summary>What happened before that is known.</summary>
    public static readonly TimeSpan Delay = TimeSpan.FromMinutes(3);

    // Balancers tell it within two minutes of its end.
    private static readonly TimeSpan Telling = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    // Nothing new is known within a minute, and every question costs.
    private readonly ConcurrentDictionary<string, (DateTimeOffset Start, DateTimeOffset End, ArrivingLoad Load)> _known = new(StringComparer.Ordinal);

    public async Task<ArrivingLoad> MeasureAsync(AmazonCloudWatchClient cloudWatch, string cluster, IReadOnlyList<LoadBalancer> balancers, TimeSpan window, CancellationToken cancellationToken)
    {
        var end = Whole(clock.GetUtcNow() - Telling);
        var start = Whole(end - window);
        if (balancers.Count == 0)
            return new ArrivingLoad(end - start, 0, 0) { HasEntrance = false };
        var countsErrors = balancers.Any(balancer => balancer.Type != Network);
        if (start >= end)
            return new ArrivingLoad(TimeSpan.Zero, 0, 0) { CountsErrors = countsErrors };
        if (_known.TryGetValue(cluster, out var known) && (known.Start, known.End) == (start, end))
            return known.Load;
        var queries = balancers.SelectMany(QueriesOf).ToList();
        var isCutShort = false;
        var results = await AwsPages.AllAsync<GetMetricDataResponse, MetricDataResult>(
            token => cloudWatch.GetMetricDataAsync(
                new GetMetricDataRequest([.. queries.Select(query => query.Data)], start, end) { NextToken = token, ScanBy = "TimestampAscending" }, cancellationToken),
            page =>
            {
                // CloudWatch says there why it answered only as far as it could.
                isCutShort |= page.Messages is { Count: > 0 };
                return (page.MetricDataResults, page.NextToken);
            });
        // Half an answer is no silence, and no good answer.
        if (isCutShort || results.Any(result => result.StatusCode is not ("Complete" or "PartialData")) || queries.Any(query => results.LastOrDefault(result => result.Id == query.Data.Id)?.StatusCode != "Complete"))
            return new ArrivingLoad(TimeSpan.Zero, 0, 0) { CountsErrors = countsErrors };
        var values = queries.ToLookup(query => query.What, query => results.Where(result => result.Id == query.Data.Id).SelectMany(Points).ToList());
        var errors = (long)values[What.Errors].SelectMany(points => points).Sum(point => point.Value);
        var load = new ArrivingLoad(end - start, Math.Max(errors, (long)values[What.Requests].SelectMany(points => points).Sum(point => point.Value)), errors)
        {
            UnderWay = (long)values[What.UnderWay].Sum(points => points.LastOrDefault(point => point.At >= end - Minute).Value),
            Bytes = (long)values[What.Bytes].SelectMany(points => points).Sum(point => point.Value),
            CountsErrors = countsErrors,
        };
        _known[cluster] = (start, end, load);
        return load;
    }

    private static IEnumerable<(What What, MetricDataQuery Data)> QueriesOf(LoadBalancer balancer, int index)
    {
        // arn:aws:elasticloadbalancing:REGION:ACCOUNT:loadbalancer/app/NAME/ID
        var dimension = new Dimension("LoadBalancer", balancer.LoadBalancerArn.Split(":loadbalancer/")[^1]);
        return (balancer.Type == Network
                ? new[] { (What.Requests, "AWS/NetworkELB", "NewFlowCount", "Sum"), (What.UnderWay, "AWS/NetworkELB", "ActiveFlowCount", "Maximum") }
                : [(What.Requests, "AWS/ApplicationELB", "RequestCount", "Sum"), (What.Errors, "AWS/ApplicationELB", "HTTPCode_Target_5XX_Count", "Sum"), (What.Errors, "AWS/ApplicationELB", "HTTPCode_ELB_5XX_Count", "Sum"),
                    (What.Bytes, "AWS/ApplicationELB", "ProcessedBytes", "Sum")])
            .Select((metric, number) => (metric.Item1, new MetricDataQuery(string.Create(CultureInfo.InvariantCulture, $"b{index}m{number}"))
            {
                MetricStat = new MetricStat(new Metric(metric.Item2, metric.Item3, [dimension]), (int)Minute.TotalSeconds, metric.Item4),
                ReturnData = true,
            }));
    }

    private static IEnumerable<(DateTimeOffset At, double Value)> Points(MetricDataResult result) => (result.Timestamps ?? []).Zip(result.Values ?? []);

    private static DateTimeOffset Whole(DateTimeOffset time) => new(time.UtcTicks - (time.UtcTicks % Minute.Ticks), TimeSpan.Zero);

    private enum What
    {
        Requests,
        Errors,
        UnderWay,
        Bytes,
    }
}
