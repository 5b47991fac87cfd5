using System.Text.Json.Nodes;

namespace KubeApps.Aws.StandIn.Fakes.Iam;

internal sealed partial class FakeIam
{
    private void InstanceProfiles()
    {
        On("CreateInstanceProfile", input =>
        {
            var name = (string)input["InstanceProfileName"]!;
            if (Ledger.Find("iam:instance-profile", "", name) is not null)
                throw Exists($"Instance Profile {name} already exists.");
            return new JsonObject { ["InstanceProfile"] = AddProfile(name, (string?)input["Path"] ?? "/", input["Tags"]).Content.DeepClone() };
        });
        On("AddRoleToInstanceProfile", input =>
        {
            var (profile, role) = (Profile(input), Role(input));
            if (profile.Content["Roles"]!.AsArray().Count > 0)
                throw new Refusal("LimitExceeded", "Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1", 409);
            profile.Content["Roles"]!.AsArray().Add(role.Content.DeepClone());
            return [];
        });
        On("RemoveRoleFromInstanceProfile", input =>
        {
            var (roles, name) = (Profile(input).Content["Roles"]!.AsArray(), (string)input["RoleName"]!);
            roles.Remove(roles.FirstOrDefault(role => (string)role!["RoleName"]! == name) ?? throw Missing($"Role {name} is not in the instance profile."));
            return [];
        });
        On("GetInstanceProfile", input => new JsonObject { ["InstanceProfile"] = Profile(input).Content.DeepClone() });
        On("ListInstanceProfiles", input => Paged(Ledger.Listed("iam:instance-profile", "").Select(Short), input, "InstanceProfiles"));
        On("ListInstanceProfilesForRole", input =>
        {
            var role = Role(input).Key;
            return Paged(Ledger.Listed("iam:instance-profile", "").Where(profile => Holds(profile, role)).Select(Short), input, "InstanceProfiles");
        });
        On("ListInstanceProfileTags", input => Paged(Profile(input).Content["Tags"]!.AsArray().Select(tag => tag!), input, "Tags"));
        On("DeleteInstanceProfile", input =>
        {
            var profile = Profile(input);
            if (profile.Content["Roles"]!.AsArray().Count > 0)
                throw Conflict("Cannot delete entity, must remove roles from instance profile first.");
            Ledger.Remove(profile);
            return [];
        });
    }

    /// <summary>A profile that holds a role.</summary>
    internal void AddProfile(string name, string role) =>
        AddProfile(name, "/", null).Content["Roles"]!.AsArray().Add(Role(new JsonObject { ["RoleName"] = role }).Content.DeepClone());

    private Resource AddProfile(string name, string path, JsonNode? tags) => Ledger.Add("iam:instance-profile", "", name, new JsonObject
    {
        ["Path"] = path,
        ["InstanceProfileName"] = name,
        ["InstanceProfileId"] = Account.NewId("AIPA"),
        ["Arn"] = $"arn:aws:iam::{Account.Id}:instance-profile{path}{name}",
        ["CreateDate"] = Now,
        ["Roles"] = new JsonArray(),
        ["Tags"] = tags?.DeepClone() ?? new JsonArray(),
    });

    private void IdentityProviders()
    {
        On("CreateOpenIDConnectProvider", input =>
        {
            var url = (string)input["Url"]!;
            if (!url.StartsWith("https://", StringComparison.Ordinal))
                throw new Refusal("InvalidInput", "Invalid Open ID Connect Provider URL");
            var arn = $"arn:aws:iam::{Account.Id}:oidc-provider/{url[8..]}";
            if (Ledger.Find("iam:oidc-provider", "", arn) is not null)
                throw Exists($"Provider with url {url} already exists.");
            var provider = Ledger.Add("iam:oidc-provider", "", arn, new JsonObject
            {
                ["Url"] = url[8..],
                ["ClientIDList"] = input["ClientIDList"]?.DeepClone() ?? new JsonArray(),
                ["ThumbprintList"] = input["ThumbprintList"]?.DeepClone() ?? new JsonArray(),
                ["CreateDate"] = Now,
                ["Tags"] = input["Tags"]?.DeepClone() ?? new JsonArray(),
            });
            return new JsonObject { ["OpenIDConnectProviderArn"] = arn, ["Tags"] = provider.Content["Tags"]!.DeepClone() };
        });
        On("GetOpenIDConnectProvider", input => Provider(input).Content);
        On("ListOpenIDConnectProviders", _ => new JsonObject { ["OpenIDConnectProviderList"] = new JsonArray([.. Ledger.Listed("iam:oidc-provider", "").Select(provider => new JsonObject { ["Arn"] = provider.Key })]) });
        On("DeleteOpenIDConnectProvider", input =>
        {
            Ledger.Remove(Provider(input));
            return [];
        });
    }

    private static bool Holds(Resource profile, string role) => profile.Content["Roles"]!.AsArray().Any(item => (string)item!["RoleName"]! == role);

    private static JsonObject Short(Resource profile) => Copy(profile.Content, "Path", "InstanceProfileName", "InstanceProfileId", "Arn", "CreateDate", "Roles");

    private Resource Profile(JsonObject input) => Ledger.Find("iam:instance-profile", "", (string)input["InstanceProfileName"]!) ?? throw Missing($"Instance Profile {input["InstanceProfileName"]} cannot be found.");

    private Resource Provider(JsonObject input) => Ledger.Find("iam:oidc-provider", "", (string)input["OpenIDConnectProviderArn"]!) ?? throw Missing($"OpenIDConnect Provider not found for arn {input["OpenIDConnectProviderArn"]}");
}
