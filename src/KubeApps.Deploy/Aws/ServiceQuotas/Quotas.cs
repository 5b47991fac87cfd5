namespace KubeApps.Deploy.Aws.ServiceQuotas;

internal sealed record GetServiceQuotaRequest(string ServiceCode, string QuotaCode);

internal sealed record GetServiceQuotaResponse(ServiceQuota Quota);

internal sealed record ServiceQuota(string ServiceCode, string QuotaCode, string QuotaName, double Value)
{
    public string? Unit { get; init; }

    public bool? Adjustable { get; init; }

    public bool? GlobalQuota { get; init; }
}

internal sealed record GetAWSDefaultServiceQuotaRequest(string ServiceCode, string QuotaCode);

internal sealed record GetAWSDefaultServiceQuotaResponse(ServiceQuota Quota);
