namespace KubeApps.Deploy.Clusters.Eks;

/// <summary>Machines of EC2 that share a quota of vCPUs.</summary>
/// <param name="Name">For people.</param>
/// <param name="Series">The letters that their types begin with.</param>
/// <param name="OnDemand">What Service Quotas calls it for machines on demand.</param>
/// <param name="Spot">The same for spot machines; null: there are none.</param>
/// <seealso href="https://docs.aws.amazon.com/ec2/latest/instancetypes/ec2-instance-quotas.html"/>
internal sealed record EksFamily(string Name, IReadOnlyList<string> Series, string OnDemand, string? Spot)
{
    public static readonly EksFamily Standard = new("standard", ["a", "c", "d", "h", "i", "im", "is", "m", "r", "t", "z"], "L-1216C47A", "L-34B43A08");

    public static readonly IReadOnlyList<EksFamily> All =
    [
        Standard,
        new("G and VT", ["g", "gr", "vt"], "L-DB2E81BA", "L-3819A6DF"),
        new("P", ["p"], "L-417A185B", "L-7212CCBC"),
        new("F", ["f"], "L-74FC7D96", "L-88CF9481"),
        new("Inf", ["inf"], "L-1945791B", "L-B5D1601B"),
        new("Trn", ["trn"], "L-2C3B7624", "L-6B0D517C"),
        new("X", ["x"], "L-7295265B", "L-E3A00192"),
        new("DL", ["dl"], "L-6E869C2A", "L-85EED4F7"),
        new("High Memory", ["u"], "L-43DA4232", null),
        new("HPC", ["hpc"], "L-F7808C92", null),
    ];

    /// <summary>The family of a type of machine; null: one that is not known here.</summary>
    /// <param name="type"><c>g4dn.xlarge</c>.</param>
    public static EksFamily? Of(string type)
    {
        // What follows the series is a generation, or a size: im4gn, u-6tb1, u7i-12tb.
        var series = string.Concat(type.TakeWhile(char.IsAsciiLetterLower));
        return All.FirstOrDefault(family => family.Series.Contains(series));
    }

    /// <summary>The family whose quota this is, and whether that is the one of spot machines.</summary>
    public static (EksFamily Family, bool IsSpot)? OfQuota(string code) =>
        All.FirstOrDefault(family => family.OnDemand == code || family.Spot == code) is { } family ? (family, family.Spot == code) : null;

    public string? CodeOf(bool isSpot) => isSpot ? Spot : OnDemand;
}
