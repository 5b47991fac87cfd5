using System.Text.Json.Nodes;

namespace KubeApps.Aws.StandIn.Fakes;

/// <summary>Service Quotas: how much of something an account may have; the account says what it has been granted.</summary>
internal sealed class FakeQuotas : Fake
{
    // What AWS grants every account at first.
    private static readonly (string Service, string Code, string Name, double Value)[] Defaults =
    [
        ("eks", "L-1194D53C", "Clusters", 100), ("eks", "L-6D54EA21", "Managed node groups per cluster", 30),
        ("ec2", "L-1216C47A", "Running On-Demand Standard (A, C, D, H, I, M, R, T, Z) instances", 64), ("ec2", "L-34B43A08", "All Standard (A, C, D, H, I, M, R, T, Z) Spot Instance Requests", 64),
        ("ec2", "L-DB2E81BA", "Running On-Demand G and VT instances", 0), ("ec2", "L-3819A6DF", "All G and VT Spot Instance Requests", 0), ("ec2", "L-417A185B", "Running On-Demand P instances", 0),
        ("ec2", "L-0263D0A3", "EC2-VPC Elastic IPs", 5), ("vpc", "L-F678F1CE", "VPCs per Region", 5), ("vpc", "L-FE5A380F", "NAT gateways per Availability Zone", 5), ("vpc", "L-A4707A72", "Internet gateways per Region", 5),
        ("elasticloadbalancing", "L-53DA6B97", "Application Load Balancers per Region", 50), ("elasticloadbalancing", "L-69A177A2", "Network Load Balancers per Region", 50), ("elasticloadbalancing", "L-B22855CB", "Target Groups per Region", 3000),
        ("fargate", "L-3032A538", "Fargate On-Demand vCPU resource count", 6),
    ];

    public FakeQuotas(StandInAccount account, string region)
        : base(account, region)
    {
        On("GetAWSDefaultServiceQuota", input => new JsonObject { ["Quota"] = Describe(Find(input), isDefault: true) });
        // One that was never raised has no value of its own for some services; they answer all the same.
        On("GetServiceQuota", input => new JsonObject { ["Quota"] = Describe(Find(input), isDefault: false) });
        On("ListServiceQuotas", input => Page(Of(input).Select(quota => Describe(quota, isDefault: false)), input, "Quotas", "MaxResults", "NextToken"));
        On("ListAWSDefaultServiceQuotas", input => Page(Of(input).Select(quota => Describe(quota, isDefault: true)), input, "Quotas", "MaxResults", "NextToken"));
    }

    public static Dictionary<string, double> Granted() => Defaults.ToDictionary(quota => quota.Code, quota => quota.Value);

    private static IEnumerable<(string Service, string Code, string Name, double Value)> Of(JsonObject input)
    {
        var known = Defaults.Where(quota => quota.Service == (string)input["ServiceCode"]!).ToList();
        return known.Count > 0 ? known : throw Missing();
    }

    private static (string Service, string Code, string Name, double Value) Find(JsonObject input) =>
        Defaults.FirstOrDefault(quota => quota.Service == (string)input["ServiceCode"]! && quota.Code == (string)input["QuotaCode"]!) is { Code: not null } quota ? quota : throw Missing();

    private static Refusal Missing() => new("NoSuchResourceException", "The request failed because the specified service or quota does not exist.");

    private JsonObject Describe((string Service, string Code, string Name, double Value) quota, bool isDefault) => new()
    {
        ["ServiceCode"] = quota.Service,
        ["QuotaCode"] = quota.Code,
        ["QuotaName"] = quota.Name,
        ["QuotaArn"] = $"arn:aws:servicequotas:{Region}:{Account.Id}:{quota.Service}/{quota.Code}",
        ["Value"] = isDefault ? quota.Value : Account.Quotas[quota.Code],
        ["Unit"] = "None",
        ["Adjustable"] = true,
        ["GlobalQuota"] = false,
    };
}
