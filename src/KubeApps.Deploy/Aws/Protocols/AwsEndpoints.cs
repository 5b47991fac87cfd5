using Amazon;

namespace KubeApps.Deploy.Aws.Protocols;

/// <summary>Where a service is in a region, and the region that its requests are signed for.</summary>
/// <seealso href="https://docs.aws.amazon.com/general/latest/gr/rande.html"/>
internal static class AwsEndpoints
{
    public static (string Url, string SigningRegion) Of(AwsService service, RegionEndpoint region, bool usesFips, bool usesDualStack)
    {
        var (partition, suffix) = (region.PartitionName, region.PartitionDnsSuffix);
        if (service.IsGlobal)
            return partition switch
            {
                "aws-cn" => ($"https://{service.EndpointPrefix}.{(service.EndpointPrefix == "iam" ? "cn-north-1." : "")}{suffix}", service.EndpointPrefix == "iam" ? "cn-north-1" : "cn-northwest-1"),
                "aws-us-gov" => ($"https://{service.EndpointPrefix}.us-gov.{suffix}", "us-gov-west-1"),
                "aws" => ($"https://{service.EndpointPrefix}{(usesFips ? "-fips" : "")}.{suffix}", "us-east-1"),
                // The others have no endpoint without a region.
                _ => ($"https://{service.EndpointPrefix}.{region.SystemName}.{suffix}", region.SystemName),
            };
        var prefix = (usesFips, usesDualStack) switch
        {
            (true, _) => service.FipsPrefix ?? $"{service.EndpointPrefix}-fips",
            (false, true) => service.DualStackPrefix ?? service.EndpointPrefix,
            _ => service.EndpointPrefix,
        };
        var domain = usesDualStack ? (partition == "aws-cn" ? "api.amazonwebservices.com.cn" : "api.aws") : suffix;
        return ($"https://{prefix}.{region.SystemName}.{domain}", region.SystemName);
    }
}
