using System.Text.Json.Nodes;

namespace KubeApps.Aws.StandIn.Fakes.Watching;

/// <summary>Amazon CloudWatch Logs: groups, which outlive what wrote into them.</summary>
internal sealed class FakeLogs : Fake
{
    public FakeLogs(StandInAccount account, string region)
        : base(account, region)
    {
        On("DescribeLogGroups", input => Page(
            Ledger.Listed("logs:log-group", Region).Where(group => group.Key.StartsWith((string?)input["logGroupNamePrefix"] ?? "", StringComparison.Ordinal)).Select(group => group.Content),
            input, "logGroups", "limit", usual: 50));
        On("DeleteLogGroup", input =>
        {
            Ledger.Remove(Ledger.Find("logs:log-group", Region, (string)input["logGroupName"]!) ?? throw new Refusal("ResourceNotFoundException", "The specified log group does not exist."));
            return [];
        });
    }

    internal void Write(string name)
    {
        if (Ledger.Find("logs:log-group", Region, name) is not null)
            return;
        Ledger.Add("logs:log-group", Region, name, new JsonObject
        {
            ["logGroupName"] = name,
            ["creationTime"] = Account.Now.ToUnixTimeMilliseconds(),
            ["metricFilterCount"] = 0,
            ["arn"] = $"arn:aws:logs:{Region}:{Account.Id}:log-group:{name}:*",
            ["storedBytes"] = 0L,
        });
    }
}
