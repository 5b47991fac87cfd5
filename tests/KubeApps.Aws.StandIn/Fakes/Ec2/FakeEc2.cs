using System.Security.Cryptography;
using System.Text.Json.Nodes;

namespace KubeApps.Aws.StandIn.Fakes.Ec2;

/// <summary>Amazon EC2: networks, machines and what belongs to them. What something else needs cannot be deleted.</summary>
internal sealed partial class FakeEc2 : Fake
{
    public FakeEc2(StandInAccount account, string region)
        : base(account, region)
    {
        Networks();
        Routes();
        SecurityGroups();
        Machines();
        On("CreateTags", input =>
        {
            foreach (var id in input["Resources"]!.AsArray())
                Tag(Any((string)id!), input["Tags"]!.AsArray());
            return [];
        });
        On("DeleteTags", input =>
        {
            foreach (var id in input["Resources"]!.AsArray())
            {
                var tags = Any((string)id!).Content["Tags"]!.AsArray();
                foreach (var gone in input["Tags"]!.AsArray())
                {
                    foreach (var tag in tags.Where(tag => (string)tag!["Key"]! == (string)gone!["Key"]! && (gone["Value"] is not { } value || (string)value! == (string)tag["Value"]!)).ToList())
                        tags.Remove(tag);
                }
            }

            return [];
        });
        On("DescribeTags", input => Paged(
            Ec2Kind.All.SelectMany(kind => Ledger.Listed(kind.Kind, Region).SelectMany(resource => resource.Tags.Select(tag => new JsonObject
            {
                ["Key"] = tag.Key,
                ["Value"] = tag.Value,
                ["ResourceId"] = resource.Key,
                ["ResourceType"] = kind.Name,
            })))
                .Where(tag => (input["Filters"] as JsonArray ?? []).All(filter => (filter!["Values"] as JsonArray ?? []).Any(value => (string)value! == ((string)filter["Name"]! switch
                {
                    "key" => (string)tag["Key"]!,
                    "value" => (string)tag["Value"]!,
                    "resource-id" => (string)tag["ResourceId"]!,
                    "resource-type" => (string)tag["ResourceType"]!,
                    var name when name.StartsWith("tag:", StringComparison.Ordinal) => name[4..] == (string)tag["Key"]! ? (string)tag["Value"]! : "",
                    var name => throw new Refusal("InvalidParameterValue", $"The filter '{name}' is invalid"),
                })))), input, "Tags"));
    }

    internal Resource Add(Ec2Kind kind, JsonObject content, JsonNode? tagSpecifications = null)
    {
        var id = $"{kind.Prefix}-0{RandomNumberGenerator.GetHexString(16, lowercase: true)}";
        var (members, tags) = (new JsonObject { [kind.Id] = id }, new JsonArray());
        foreach (var (name, value) in content.ToList())
        {
            content.Remove(name);
            members[name] = value;
        }

        members[kind == Ec2Kind.NetworkInterface ? "TagSet" : "Tags"] = tags;
        var resource = Ledger.Add(kind.Kind, Region, id, members);
        foreach (var specification in tagSpecifications as JsonArray ?? [])
        {
            if ((string?)specification!["ResourceType"] != kind.Name)
                throw new Refusal("InvalidParameterValue", $"'{specification["ResourceType"]}' is not a valid taggable resource type for this operation.");
            Tag(resource, specification["Tags"] as JsonArray ?? []);
        }

        return resource;
    }

    internal Resource Get(Ec2Kind kind, JsonNode? id) =>
        Find(kind, (string?)id ?? "") ?? throw new Refusal(kind.NotFound, $"The {kind.Name} ID '{id}' does not exist");

    internal Resource? Find(Ec2Kind kind, string id) => Ledger.Find(kind.Kind, Region, id);

    internal IEnumerable<Resource> Of(Ec2Kind kind) => Ledger.Of(kind.Kind, Region);

    internal IEnumerable<Resource> InVpc(Ec2Kind kind, string vpc) => Of(kind).Where(resource => (string?)resource.Content["VpcId"] == vpc);

    internal static void Tag(Resource resource, params IEnumerable<(string Key, string Value)> tags) => Tag(resource, new JsonArray([.. tags.Select(tag => new JsonObject { ["Key"] = tag.Key, ["Value"] = tag.Value })]));

    private static Refusal Depends(string message) => new("DependencyViolation", message);

    private static JsonObject Done() => [];

    private static JsonObject Yes() => new() { ["Return"] = true };

    private static void Tag(Resource resource, JsonArray tags)
    {
        var known = (resource.Content["Tags"] ?? resource.Content["TagSet"])!.AsArray();
        foreach (var tag in tags)
        {
            if (known.FirstOrDefault(item => (string)item!["Key"]! == (string)tag!["Key"]!) is { } old)
                known.Remove(old);
            known.Add(tag!.DeepClone());
        }
    }

    private Resource Any(string id) => Ec2Kind.All.Select(kind => Find(kind, id)).FirstOrDefault(resource => resource is not null) ?? throw new Refusal("InvalidID", $"The ID '{id}' is not valid");

    private void OnDescribe(string operation, Ec2Kind kind, string list, string ids, string filters = "Filters") => On(operation, input =>
    {
        var listed = Ledger.Listed(kind.Kind, Region).ToList();
        if (input[ids] is JsonArray wanted)
        {
            var unknown = wanted.Select(id => (string)id!).Where(id => listed.TrueForAll(resource => resource.Key != id)).ToList();
            if (unknown.Count > 0)
                throw new Refusal(kind.NotFound, $"The {kind.Name} ID '{unknown[0]}' does not exist");
            listed.RemoveAll(resource => !wanted.Any(id => (string)id! == resource.Key));
        }

        return Paged(listed.Where(resource => kind.Fits(resource, input[filters])).Select(resource => resource.Content), input, list);
    });

    private static JsonObject Paged(IEnumerable<JsonNode> items, JsonObject input, string list) => Page(items, input, list, "MaxResults", "NextToken", 1000);

    private int Quota(string code) => (int)Account.Quotas[code];
}
