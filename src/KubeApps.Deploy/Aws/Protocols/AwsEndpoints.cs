using Amazon;
using Amazon.Runtime.Internal.Endpoints.StandardLibrary;

namespace KubeApps.Deploy.Aws.Protocols;

/// <summary>Where a service is in a region, and the region that its requests are signed for.</summary>
/// <seealso href="https://docs.aws.amazon.com/general/latest/gr/rande.html"/>
internal static class AwsEndpoints
{
    public static (string Url, string SigningRegion) Of(AwsService service, RegionEndpoint region, bool usesFips, bool usesDualStack)
    {
        // The SDK's own table of AWS's partitions: commercial, China, GovCloud, …
        var partition = Fn.Partition(region.SystemName);
        var domain = usesDualStack ? partition.dualStackDnsSuffix : partition.dnsSuffix;
        if (service.IsGlobal)
            return Global(service, partition.name, partition.implicitGlobalRegion, domain, usesFips, usesDualStack);
        var prefix = (usesFips, usesDualStack) switch
        {
            (true, true) => $"{service.DualStackPrefix ?? service.EndpointPrefix}-fips",
            // What GovCloud has is that.
            (true, false) when partition.name == "aws-us-gov" && !service.HasFipsInGovCloud => service.EndpointPrefix,
            (true, false) when partition.name == "aws" && service.FipsPrefix is { } fips => fips,
            (true, false) => $"{service.EndpointPrefix}-fips",
            (false, true) => service.DualStackPrefix ?? service.EndpointPrefix,
            _ => service.EndpointPrefix,
        };
        return ($"https://{prefix}.{region.SystemName}.{domain}", region.SystemName);
    }

    private static (string Url, string SigningRegion) Global(AwsService service, string partition, string region, string domain, bool usesFips, bool usesDualStack)
    {
        // IAM alone is in the other region of China, and says where it is outside of the commercial partition.
        var signing = (partition, service.Id) is ("aws-cn", "IAM") ? "cn-north-1" : region;
        var place = partition switch
        {
            "aws" => usesDualStack ? "global." : "",
            "aws-us-gov" => "us-gov.",
            _ => service.Id == "IAM" && !usesDualStack ? $"{signing}." : "",
        };
        return ($"https://{service.EndpointPrefix}{(usesFips && partition != "aws-us-gov" ? "-fips" : "")}.{place}{domain}", signing);
    }
}
