using System.Text.Json;

namespace KubeApps.Deploy.Clusters.Eks;

/// <summary>What AWS asks for an hour, from the table in this repository.</summary>
internal sealed record EksPrices(DateOnly Date, string Currency, string Source, IReadOnlyDictionary<string, EksRegionPrices> Regions)
{
    /// <summary>The region that stands for those of which the table knows nothing.</summary>
    public const string Reference = "us-east-1";

    private static readonly Lazy<EksPrices> Read = new(() =>
    {
        using var stream = typeof(EksPrices).Assembly.GetManifestResourceStream(typeof(EksPrices), "prices.json")!;
        return JsonSerializer.Deserialize(stream, EksFilesJson.Default.EksPrices)!;
    });

    public static EksPrices Table => Read.Value;
}

/// <param name="ControlPlane">A cluster.</param>
/// <param name="ControlPlaneInExtendedSupport">A cluster of an old version.</param>
/// <param name="NatGateway">The way out of private subnets, without what goes through it.</param>
/// <param name="PublicAddress">An IPv4 address.</param>
/// <param name="DiskGibMonth">A GiB of gp3 for a month.</param>
/// <param name="Machines">On demand, by family and size.</param>
/// <param name="Doubt">Why the region's prices are less sure than others; null where they are not.</param>
internal sealed record EksRegionPrices(
    decimal ControlPlane, decimal ControlPlaneInExtendedSupport, decimal NatGateway, decimal PublicAddress, decimal DiskGibMonth,
    IReadOnlyDictionary<string, IReadOnlyDictionary<string, decimal>> Machines, string? Doubt = null)
{
    /// <summary>A month, as AWS reckons with it.</summary>
    public const int HoursOfMonth = 730;

    public decimal DiskGib => DiskGibMonth / HoursOfMonth;

    /// <summary>A machine on demand; null where the table does not know it.</summary>
    public decimal? Machine(string type) => type.Split('.') is [var family, var size] && Machines.GetValueOrDefault(family)?.TryGetValue(size, out var price) == true ? price : null;
}
