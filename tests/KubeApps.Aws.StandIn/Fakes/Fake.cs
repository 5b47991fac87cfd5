using System.Globalization;
using System.Text.Json.Nodes;
using KubeApps.Aws.StandIn.Fakes.Eks;
using KubeApps.Aws.StandIn.Fakes.Sts;
using KubeApps.Aws.StandIn.Wire;

namespace KubeApps.Aws.StandIn.Fakes;

/// <summary>A service in an account and region: does what it is asked for, or throws a <see cref="Refusal"/>.</summary>
internal abstract class Fake(StandInAccount account, string region)
{
    private readonly Dictionary<string, Func<JsonObject, StandInPrincipal?, JsonObject>> _operations = [];

    protected StandInAccount Account => account;

    protected string Region => region;

    protected Ledger Ledger => account.Ledger;

    protected string Now => Scalars.Time(account.Now);

    public static Fake? Of(string service, StandInAccount account, string region) => service switch
    {
        "ec2" => new Ec2.FakeEc2(account, region),
        "ecr" => new Ecr.FakeEcr(account, region),
        "eks" => new FakeEks(account, region),
        "elasticloadbalancing" => new LoadBalancing.FakeLoadBalancing(account, region),
        "logs" => new Watching.FakeLogs(account, region),
        "monitoring" => new Watching.FakeCloudWatch(account, region),
        "route53" => new Route53.FakeRoute53(account, region),
        "iam" => new Iam.FakeIam(account, region),
        "servicequotas" => new FakeQuotas(account, region),
        "sts" => new FakeSts(account, region),
        _ => null,
    };

    public bool Knows(string operation) => _operations.ContainsKey(operation);

    public JsonObject Answer(string operation, JsonObject input, StandInPrincipal? principal) => _operations[operation](input, principal);

    protected void On(string operation, Func<JsonObject, StandInPrincipal?, JsonObject> answer) => _operations.Add(operation, answer);

    protected void On(string operation, Func<JsonObject, JsonObject> answer) => _operations.Add(operation, (input, _) => answer(input));

    /// <summary>One page of a list, and the token for the next.</summary>
    protected static JsonObject Page(
        IEnumerable<JsonNode> items, JsonObject input, string listName, string sizeName = "maxResults", string tokenName = "nextToken", int usual = 100, string? nextTokenName = null)
    {
        var start = input[tokenName] is { } token && int.TryParse((string)token!, CultureInfo.InvariantCulture, out var after) ? after : 0;
        var size = input[sizeName] is { } wanted ? int.Parse(Scalars.Text(wanted), CultureInfo.InvariantCulture) : usual;
        var all = items.ToList();
        var answer = new JsonObject { [listName] = new JsonArray([.. all.Skip(start).Take(size).Select(item => item.DeepClone())]) };
        if (all.Count > start + size)
            answer[nextTokenName ?? tokenName] = (start + size).ToString(CultureInfo.InvariantCulture);
        return answer;
    }

    /// <summary>The members of the input that are there, under their names.</summary>
    protected static JsonObject Copy(JsonObject input, params ReadOnlySpan<string> names)
    {
        var content = new JsonObject();
        foreach (var name in names)
        {
            if (input[name] is { } value)
                content[name] = value.DeepClone();
        }

        return content;
    }
}
