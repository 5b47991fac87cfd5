using System.Text.Json.Nodes;

namespace KubeApps.Aws.StandIn.Fakes.Eks;

internal sealed partial class FakeEks
{
    private const string AdministratorPolicy = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy";

    private static readonly string[] Policies =
        ["AmazonEKSAdminPolicy", "AmazonEKSAdminViewPolicy", "AmazonEKSClusterAdminPolicy", "AmazonEKSEditPolicy", "AmazonEKSViewPolicy"];

    private void AccessEntries()
    {
        On("CreateAccessEntry", input =>
        {
            var (cluster, principal) = (OpenCluster(input), (string)input["principalArn"]!);
            var key = $"{cluster.Key}/{principal}";
            if (Repeated("eks:accessentry", key, input) is { } there)
                return new JsonObject { ["accessEntry"] = there.Content.DeepClone() };
            if (Ledger.Find("eks:accessentry", Region, key) is not null)
                throw InUse("The specified access entry resource is already in use on this cluster.");
            if (!principal.StartsWith("arn:aws:iam::", StringComparison.Ordinal))
                throw Invalid("The principalArn parameter format is not valid");
            if (((string?)input["type"] ?? "STANDARD") != "STANDARD" && input["kubernetesGroups"] is JsonArray { Count: > 0 })
                throw Invalid("The kubernetesGroups parameter can only be given with type STANDARD");
            var entry = AddEntry(cluster.Key, principal, input);
            Remember(entry, input);
            return new JsonObject { ["accessEntry"] = entry.Content.DeepClone() };
        });
        On("DescribeAccessEntry", input => new JsonObject { ["accessEntry"] = Entry(input).Content.DeepClone() });
        On("ListAccessEntries", input => Page(
            Names("eks:accessentry", OpenCluster(input).Key).Where(name => input["associatedPolicyArn"] is not { } policy
                || PoliciesOf(Ledger.Find("eks:accessentry", Region, $"{input["clusterName"]}/{name}")!).Any(item => (string)item!["policyArn"]! == (string)policy!)),
            input, "accessEntries"));
        On("UpdateAccessEntry", input =>
        {
            var entry = Entry(input);
            foreach (var (member, value) in Copy(input, "kubernetesGroups", "username").ToList())
                entry.Content[member] = value!.DeepClone();
            entry.Content["modifiedAt"] = Now;
            return new JsonObject { ["accessEntry"] = entry.Content.DeepClone() };
        });
        On("DeleteAccessEntry", input =>
        {
            Ledger.Remove(Entry(input));
            return [];
        });
        On("AssociateAccessPolicy", input =>
        {
            var (entry, policy) = (Entry(input), (string)input["policyArn"]!);
            if (!Policies.Any(name => policy == $"arn:aws:eks::aws:cluster-access-policy/{name}"))
                throw Invalid("The policyArn parameter format is not valid");
            if ((string?)input["accessScope"]!["type"] == "namespace" && input["accessScope"]!["namespaces"] is not JsonArray { Count: > 0 })
                throw Invalid("The namespaces of the accessScope are missing");
            if (PoliciesOf(entry).FirstOrDefault(item => (string)item!["policyArn"]! == policy) is { } known)
                PoliciesOf(entry).Remove(known);
            var made = new JsonObject { ["policyArn"] = policy, ["accessScope"] = input["accessScope"]!.DeepClone(), ["associatedAt"] = Now, ["modifiedAt"] = Now };
            PoliciesOf(entry).Add(made.DeepClone());
            return new JsonObject { ["clusterName"] = (string)input["clusterName"]!, ["principalArn"] = (string)input["principalArn"]!, ["associatedAccessPolicy"] = made };
        });
        On("DisassociateAccessPolicy", input =>
        {
            var policies = PoliciesOf(Entry(input));
            policies.Remove(policies.FirstOrDefault(item => (string)item!["policyArn"]! == (string)input["policyArn"]!) ?? throw NotFound($"The specified policyArn could not be found: {input["policyArn"]}"));
            return [];
        });
        On("ListAssociatedAccessPolicies", input =>
        {
            var answer = Page(PoliciesOf(Entry(input)).Select(item => item!), input, "associatedAccessPolicies");
            answer["clusterName"] = (string)input["clusterName"]!;
            answer["principalArn"] = (string)input["principalArn"]!;
            return answer;
        });
        On("ListAccessPolicies", input => Page(Policies.Select(name => new JsonObject { ["name"] = name, ["arn"] = $"arn:aws:eks::aws:cluster-access-policy/{name}" }), input, "accessPolicies"));
    }

    private void PodIdentities()
    {
        On("CreatePodIdentityAssociation", input =>
        {
            var cluster = Cluster(input);
            var (space, account) = ((string)input["namespace"]!, (string)input["serviceAccount"]!);
            if (Of("eks:podidentity", cluster.Key).FirstOrDefault(item => (string)item.Content["namespace"]! == space && (string)item.Content["serviceAccount"]! == account) is { } there)
            {
                return input["clientRequestToken"] is { } token && (string?)there.Hidden["clientRequestToken"] == (string)token!
                    ? new JsonObject { ["association"] = there.Content.DeepClone() }
                    : throw InUse($"Association already exists: {there.Content["associationId"]}");
            }

            var association = AddAssociation(cluster, space, account, (string)input["roleArn"]!, input["tags"]?.DeepClone().AsObject() ?? []);
            Remember(association, input);
            return new JsonObject { ["association"] = association.Content.DeepClone() };
        });
        On("DescribePodIdentityAssociation", input => new JsonObject { ["association"] = Association(input).Content.DeepClone() });
        On("ListPodIdentityAssociations", input => Page(
            Of("eks:podidentity", Cluster(input).Key)
                .Where(item => (input["namespace"] ?? item.Content["namespace"])!.ToString() == item.Content["namespace"]!.ToString()
                    && (input["serviceAccount"] ?? item.Content["serviceAccount"])!.ToString() == item.Content["serviceAccount"]!.ToString())
                .Select(item => Copy(item.Content, "clusterName", "namespace", "serviceAccount", "associationArn", "associationId", "ownerArn")), input, "associations"));
        On("UpdatePodIdentityAssociation", input =>
        {
            var association = Association(input);
            if (input["roleArn"] is { } role)
                association.Content["roleArn"] = (string)role!;
            association.Content["modifiedAt"] = Now;
            return new JsonObject { ["association"] = association.Content.DeepClone() };
        });
        On("DeletePodIdentityAssociation", input =>
        {
            var association = Association(input);
            Ledger.Remove(association);
            return new JsonObject { ["association"] = association.Content.DeepClone() };
        });
    }

    private Resource Association(JsonObject input) => Of("eks:podidentity", input, "clusterName", "associationId", "association");

    private Resource Entry(JsonObject input)
    {
        var (cluster, principal) = (OpenCluster(input), (string)input["principalArn"]!);
        return Ledger.Find("eks:accessentry", Region, $"{cluster.Key}/{principal}") ?? throw NotFound("The specified principalArn could not be found. You can view your available access entries with 'list-access-entries'.");
    }

    private Resource OpenCluster(JsonObject input)
    {
        var cluster = Cluster(input);
        return (string)cluster.Content["accessConfig"]!["authenticationMode"]! == "CONFIG_MAP"
            ? throw BadRequest("The cluster's authentication mode must be set to one of [API, API_AND_CONFIG_MAP] to perform this operation.")
            : cluster;
    }

    private static JsonArray PoliciesOf(Resource entry) => entry.Hidden["policies"]!.AsArray();

    private Resource AddEntry(string cluster, string principal, JsonObject input)
    {
        var entry = Ledger.Add("eks:accessentry", Region, $"{cluster}/{principal}", new JsonObject
        {
            ["clusterName"] = cluster,
            ["principalArn"] = principal,
            ["kubernetesGroups"] = input["kubernetesGroups"]?.DeepClone() ?? new JsonArray(),
            ["accessEntryArn"] = Arn($"access-entry/{cluster}/{principal.Split(':')[5].Split('/')[0]}/{Account.Id}/{principal.Split('/')[^1]}/{Guid.NewGuid()}"),
            ["createdAt"] = Now,
            ["modifiedAt"] = Now,
            ["tags"] = input["tags"]?.DeepClone() ?? new JsonObject(),
            ["username"] = (string?)input["username"] ?? principal,
            ["type"] = (string?)input["type"] ?? "STANDARD",
        });
        entry.Hidden["policies"] = new JsonArray();
        foreach (var policy in input["policies"] as JsonArray ?? [])
            PoliciesOf(entry).Add(new JsonObject { ["policyArn"] = (string)policy!, ["accessScope"] = new JsonObject { ["type"] = "cluster" }, ["associatedAt"] = Now, ["modifiedAt"] = Now });
        return entry;
    }

    private Resource AddAssociation(Resource cluster, string space, string account, string role, JsonObject tags)
    {
        var id = $"a-{Hex(17)}";
        return Ledger.Add("eks:podidentity", Region, $"{cluster.Key}/{id}", new JsonObject
        {
            ["clusterName"] = cluster.Key,
            ["namespace"] = space,
            ["serviceAccount"] = account,
            ["roleArn"] = role,
            ["associationArn"] = Arn($"podidentityassociation/{cluster.Key}/{id}"),
            ["associationId"] = id,
            ["tags"] = tags,
            ["createdAt"] = Now,
            ["modifiedAt"] = Now,
        });
    }
}
