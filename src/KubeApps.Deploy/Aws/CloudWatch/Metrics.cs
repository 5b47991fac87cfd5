namespace KubeApps.Deploy.Aws.CloudWatch;

internal sealed record GetMetricDataRequest(IReadOnlyList<MetricDataQuery> MetricDataQueries, DateTimeOffset StartTime, DateTimeOffset EndTime)
{
    public string? NextToken { get; init; }

    public string? ScanBy { get; init; }
}

internal sealed record MetricDataQuery(string Id)
{
    public MetricStat? MetricStat { get; init; }

    public string? Expression { get; init; }

    public string? Label { get; init; }

    public bool? ReturnData { get; init; }
}

internal sealed record MetricStat(Metric Metric, int Period, string Stat);

internal sealed record Metric(string Namespace, string MetricName, IReadOnlyList<Dimension> Dimensions);

internal sealed record Dimension(string Name, string Value);

internal sealed record GetMetricDataResponse(IReadOnlyList<MetricDataResult>? MetricDataResults, string? NextToken, IReadOnlyList<MessageData>? Messages);

internal sealed record MetricDataResult(string Id, string StatusCode)
{
    public IReadOnlyList<DateTimeOffset>? Timestamps { get; init; }

    public IReadOnlyList<double>? Values { get; init; }

    public IReadOnlyList<MessageData>? Messages { get; init; }
}

internal sealed record MessageData(string Code, string Value);
