using System.Text.Json;
using System.Text.Json.Nodes;

namespace KubeApps.Aws.StandIn.Fakes.Iam;

/// <summary>AWS IAM: roles, what they may do and who may take them on. What others hold cannot be deleted.</summary>
internal sealed partial class FakeIam : Fake
{
    // Of AWS's own policies, those that a cluster may need.
    private static readonly string[] ManagedPolicies =
    [
        "AmazonEKSClusterPolicy", "AmazonEKSVPCResourceController", "AmazonEKSWorkerNodePolicy", "AmazonEKSWorkerNodeMinimalPolicy", "AmazonEKS_CNI_Policy", "AmazonEC2ContainerRegistryReadOnly",
        "AmazonEC2ContainerRegistryPullOnly", "AmazonEKSFargatePodExecutionRolePolicy", "AmazonSSMManagedInstanceCore", "CloudWatchAgentServerPolicy", "ReadOnlyAccess", "service-role/AmazonEBSCSIDriverPolicy",
    ];

    public FakeIam(StandInAccount account, string region)
        : base(account, region)
    {
        Roles();
        RolePolicies();
        InstanceProfiles();
        IdentityProviders();
    }

    internal Resource? Role(string arn) => Ledger.Of("iam:role", "").FirstOrDefault(role => (string)role.Content["Arn"]! == arn);

    internal Resource AddRole(string name, string trust, JsonObject input)
    {
        var path = (string?)input["Path"] ?? "/";
        var role = Ledger.Add("iam:role", "", name, new JsonObject
        {
            ["Path"] = path,
            ["RoleName"] = name,
            ["RoleId"] = Account.NewId("AROA"),
            ["Arn"] = $"arn:aws:iam::{Account.Id}:role{path}{name}",
            ["CreateDate"] = Now,
            ["AssumeRolePolicyDocument"] = Uri.EscapeDataString(trust),
            ["MaxSessionDuration"] = (int?)input["MaxSessionDuration"] ?? 3600,
            ["Tags"] = input["Tags"]?.DeepClone() ?? new JsonArray(),
        });
        if (input["Description"] is { } description)
            role.Content["Description"] = (string)description!;
        role.Hidden["attached"] = new JsonArray();
        role.Hidden["inline"] = new JsonObject();
        return role;
    }

    private void Roles()
    {
        On("CreateRole", input =>
        {
            var name = (string)input["RoleName"]!;
            if (Ledger.Find("iam:role", "", name) is not null)
                throw Exists($"Role with name {name} already exists.");
            if (name.Length > 64)
                throw new Refusal("ValidationError", $"1 validation error detected: Value '{name}' at 'roleName' failed to satisfy constraint: Member must have length less than or equal to 64");
            return new JsonObject { ["Role"] = AddRole(name, Document(input["AssumeRolePolicyDocument"]), input).Content.DeepClone() };
        });
        On("GetRole", input => new JsonObject { ["Role"] = Role(input).Content.DeepClone() });
        // Lists leave out what is long.
        On("ListRoles", input => Paged(
            Ledger.Listed("iam:role", "").Where(role => ((string)role.Content["Path"]!).StartsWith((string?)input["PathPrefix"] ?? "/", StringComparison.Ordinal))
                .Select(role => Copy(role.Content, "Path", "RoleName", "RoleId", "Arn", "CreateDate", "AssumeRolePolicyDocument", "Description", "MaxSessionDuration")), input, "Roles"));
        On("ListRoleTags", input => Paged(Role(input).Content["Tags"]!.AsArray().Select(tag => tag!), input, "Tags"));
        On("TagRole", input =>
        {
            var tags = Role(input).Content["Tags"]!.AsArray();
            foreach (var tag in input["Tags"]!.AsArray())
            {
                if (tags.FirstOrDefault(item => (string)item!["Key"]! == (string)tag!["Key"]!) is { } old)
                    tags.Remove(old);
                tags.Add(tag!.DeepClone());
            }

            return [];
        });
        On("UpdateAssumeRolePolicy", input =>
        {
            Role(input).Content["AssumeRolePolicyDocument"] = Uri.EscapeDataString(Document(input["PolicyDocument"]));
            return [];
        });
        On("CreateServiceLinkedRole", input =>
        {
            var service = (string)input["AWSServiceName"]!;
            var name = $"AWSServiceRoleFor{service.Split('.')[0]}";
            if (Ledger.Find("iam:role", "", name) is not null)
                throw new Refusal("InvalidInput", $"Service role name {name} has been taken in this account, please try a different suffix.");
            var trust = $$"""{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"{{service}}"},"Action":"sts:AssumeRole"}]}""";
            return new JsonObject { ["Role"] = AddRole(name, trust, new JsonObject { ["Path"] = $"/aws-service-role/{service}/" }).Content.DeepClone() };
        });
        On("DeleteRole", input =>
        {
            var role = Role(input);
            if (role.Hidden["attached"]!.AsArray().Count > 0)
                throw Conflict("Cannot delete entity, must detach all policies first.");
            if (role.Hidden["inline"]!.AsObject().Count > 0)
                throw Conflict("Cannot delete entity, must delete policies first.");
            if (Ledger.Of("iam:instance-profile", "").Any(profile => Holds(profile, role.Key)))
                throw Conflict("Cannot delete entity, must remove roles from instance profile first.");
            Ledger.Remove(role);
            return [];
        });
    }

    private void RolePolicies()
    {
        On("AttachRolePolicy", input =>
        {
            var (role, arn) = (Role(input), (string)input["PolicyArn"]!);
            if (!ManagedPolicies.Any(name => arn == $"arn:aws:iam::aws:policy/{name}"))
                throw Missing($"Policy {arn} does not exist or is not attachable.");
            var attached = role.Hidden["attached"]!.AsArray();
            // Once more is as good as once.
            if (!attached.Any(item => (string)item!["PolicyArn"]! == arn))
                attached.Add(new JsonObject { ["PolicyName"] = arn.Split('/')[^1], ["PolicyArn"] = arn });
            return [];
        });
        On("DetachRolePolicy", input =>
        {
            var (attached, arn) = (Role(input).Hidden["attached"]!.AsArray(), (string)input["PolicyArn"]!);
            attached.Remove(attached.FirstOrDefault(item => (string)item!["PolicyArn"]! == arn) ?? throw Missing($"Policy {arn} was not found."));
            return [];
        });
        On("ListAttachedRolePolicies", input => Paged(Role(input).Hidden["attached"]!.AsArray().Select(item => item!), input, "AttachedPolicies"));
        On("PutRolePolicy", input =>
        {
            Role(input).Hidden["inline"]!.AsObject()[(string)input["PolicyName"]!] = Document(input["PolicyDocument"]);
            return [];
        });
        On("GetRolePolicy", input => new JsonObject
        {
            ["RoleName"] = (string)input["RoleName"]!,
            ["PolicyName"] = (string)input["PolicyName"]!,
            ["PolicyDocument"] = Uri.EscapeDataString((string)Inline(input)!),
        });
        On("ListRolePolicies", input => Paged(Role(input).Hidden["inline"]!.AsObject().Select(entry => JsonValue.Create(entry.Key)), input, "PolicyNames"));
        On("DeleteRolePolicy", input =>
        {
            Inline(input);
            Role(input).Hidden["inline"]!.AsObject().Remove((string)input["PolicyName"]!);
            return [];
        });
    }

    private static Refusal Missing(string message) => new("NoSuchEntity", message, 404);

    private static Refusal Exists(string message) => new("EntityAlreadyExists", message, 409);

    private static Refusal Conflict(string message) => new("DeleteConflict", message, 409);

    private static JsonObject Paged(IEnumerable<JsonNode> items, JsonObject input, string list)
    {
        var answer = Page(items, input, list, "MaxItems", "Marker");
        answer["IsTruncated"] = answer.ContainsKey("Marker");
        return answer;
    }

    private static string Document(JsonNode? text)
    {
        try
        {
            if (JsonNode.Parse((string)text!) is JsonObject document && document["Statement"] is JsonArray or JsonObject)
                return (string)text!;
        }
        catch (JsonException)
        {
            // Said below.
        }

        throw new Refusal("MalformedPolicyDocument", "This policy contains invalid Json or has no statements");
    }

    private Resource Role(JsonObject input) => Ledger.Find("iam:role", "", (string)input["RoleName"]!) ?? throw Missing($"The role with name {input["RoleName"]} cannot be found.");

    private JsonNode Inline(JsonObject input) => Role(input).Hidden["inline"]![(string)input["PolicyName"]!] ?? throw Missing($"The role policy with name {input["PolicyName"]} cannot be found.");
}
