using System.Security.Cryptography;
using System.Text.Json.Nodes;
using KubeApps.Aws.StandIn.Fakes.Ec2;

namespace KubeApps.Aws.StandIn.Fakes.Eks;

/// <summary>Amazon EKS: what takes its time takes it here, too, and what must wait for something else is refused until then.</summary>
internal sealed partial class FakeEks : Fake
{
    public FakeEks(StandInAccount account, string region)
        : base(account, region)
    {
        Clusters();
        NodeGroups();
        AddOns();
        FargateProfiles();
        AccessEntries();
        PodIdentities();
        On("TagResource", input =>
        {
            var tags = Tagged(input);
            foreach (var (name, value) in input["tags"]!.AsObject())
                tags[name] = (string)value!;
            return [];
        });
        On("UntagResource", input =>
        {
            var tags = Tagged(input);
            foreach (var name in input["tagKeys"]!.AsArray())
                tags.Remove((string)name!);
            return [];
        });
        On("ListTagsForResource", input => new JsonObject { ["tags"] = Tagged(input).DeepClone() });
    }

    private static Refusal NotFound(string message) => new("ResourceNotFoundException", message, 404);

    private static Refusal InUse(string message) => new("ResourceInUseException", message, 409);

    private static Refusal Invalid(string message) => new("InvalidParameterException", message);

    private static Refusal BadRequest(string message) => new("InvalidRequestException", message);

    private static string Hex(int length) => RandomNumberGenerator.GetHexString(length, lowercase: true);

    private string Arn(string rest) => $"arn:aws:eks:{Region}:{Account.Id}:{rest}";

    private Resource Cluster(JsonObject input, string member = "clusterName")
    {
        var name = (string)input[member]!;
        return Ledger.Find("eks:cluster", Region, name) ?? throw NotFound($"No cluster found for name: {name}.");
    }

    private FakeEc2 Ec2 => Account.Ec2(Region);

    private List<Resource> Subnets(JsonNode? ids) => [.. (ids as JsonArray ?? []).Select(id => Ec2.Find(Ec2Kind.Subnet, (string)id!)
        ?? throw Invalid($"The subnet ID '{id}' does not exist (Service: AmazonEC2; Status Code: 400; Error Code: InvalidSubnetID.NotFound)"))];

    // One that has just been made is not known everywhere yet.
    private void CheckRole(string arn, string service)
    {
        if (Account.Iam.Role(arn) is not { } role || ((bool?)role.Hidden["isOld"] != true && Account.Now < role.CreatedAt + Account.Delays.Role)
            || !Uri.UnescapeDataString((string)role.Content["AssumeRolePolicyDocument"]!).Contains($"\"{service}\"", StringComparison.Ordinal))
            throw Invalid($"Role with arn: {arn}, could not be assumed because it does not exist or the trusted entity is not correct");
    }

    private Resource ActiveCluster(JsonObject input, string member = "clusterName")
    {
        var cluster = Cluster(input, member);
        return cluster.Status is "ACTIVE" or "UPDATING" ? cluster : throw InUse($"Cluster {cluster.Key} is not in ACTIVE state: {cluster.Status}");
    }

    /// <summary>What belongs to a cluster is found by its cluster's name and its own.</summary>
    private Resource Of(string kind, JsonObject input, string clusterMember, string nameMember, string called)
    {
        var cluster = Cluster(input, clusterMember);
        var name = (string)input[nameMember]!;
        return Ledger.Find(kind, Region, $"{cluster.Key}/{name}") ?? throw NotFound($"No {called} found for name: {name}.");
    }

    private IEnumerable<Resource> Of(string kind, string cluster) => Ledger.Of(kind, Region).Where(resource => resource.Key.StartsWith($"{cluster}/", StringComparison.Ordinal));

    private IEnumerable<JsonNode> Names(string kind, string cluster) => Ledger.Listed(kind, Region)
        .Where(resource => resource.Key.StartsWith($"{cluster}/", StringComparison.Ordinal)).Select(resource => (JsonNode)JsonValue.Create(resource.Key[(cluster.Length + 1)..]));

    private static void Become(Resource resource, string status) => resource.Content["status"] = status;

    /// <summary>Something that goes on for a while and can be looked at meanwhile.</summary>
    private JsonObject Update(Resource target, string type, TimeSpan time, JsonObject parameters, Action done)
    {
        var id = Guid.NewGuid().ToString();
        var update = Ledger.Add("eks:update", Region, $"{target.Key}/{id}", new JsonObject
        {
            ["id"] = id,
            ["status"] = "InProgress",
            ["type"] = type,
            ["createdAt"] = Now,
            ["params"] = new JsonArray([.. parameters.Select(entry => new JsonObject { ["type"] = entry.Key, ["value"] = (string)entry.Value! })]),
            ["errors"] = new JsonArray(),
        });
        Become(target, "UPDATING");
        Account.After(time, () =>
        {
            Become(update, "Successful");
            if (target.Status == "UPDATING")
                Become(target, "ACTIVE");
            done();
        });
        return new JsonObject { ["update"] = update.Content.DeepClone() };
    }

    // A request that is made again, with its token, is answered as the first one was.
    private Resource? Repeated(string kind, string key, JsonObject input) =>
        input["clientRequestToken"] is { } token && Ledger.Find(kind, Region, key) is { } there && (string?)there.Hidden["clientRequestToken"] == (string)token! ? there : null;

    private static void Remember(Resource resource, JsonObject input)
    {
        if (input["clientRequestToken"] is { } token)
            resource.Hidden["clientRequestToken"] = (string)token!;
    }

    private JsonObject Tagged(JsonObject input)
    {
        var arn = (string)input["resourceArn"]!;
        var resource = Ledger.There.FirstOrDefault(item => item.Kind.StartsWith("eks:", StringComparison.Ordinal) && item.Content.Any(member => member.Key.EndsWith("rn", StringComparison.Ordinal) && member.Value is JsonValue value && value.ToString() == arn))
            ?? throw NotFound($"No resource found for ARN: {arn}.");
        if (resource.Content["tags"] is not JsonObject tags)
            resource.Content["tags"] = tags = [];
        return tags;
    }
}
