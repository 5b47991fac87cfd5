using System.Text.Json.Nodes;

namespace KubeApps.Aws.StandIn.Fakes.Eks;

internal sealed partial class FakeEks
{
    // Name, versions (the newest first), kind, whether it runs on nodes that must be there first, whether it asks AWS for something.
    private static readonly (string Name, string[] Versions, string Type, bool NeedsNodes, bool NeedsRole)[] Catalogue =
    [
        ("vpc-cni", ["v1.20.4-eksbuild.1", "v1.20.1-eksbuild.3"], "networking", false, true),
        ("coredns", ["v1.12.4-eksbuild.1", "v1.12.2-eksbuild.4"], "networking", true, false),
        ("kube-proxy", ["v1.34.0-eksbuild.4", "v1.33.3-eksbuild.10", "v1.32.6-eksbuild.12", "v1.31.10-eksbuild.12", "v1.30.14-eksbuild.8", "v1.29.15-eksbuild.16"], "networking", false, false),
        ("aws-ebs-csi-driver", ["v1.51.0-eksbuild.1", "v1.48.0-eksbuild.2"], "storage", true, true),
        ("eks-pod-identity-agent", ["v1.3.9-eksbuild.3", "v1.3.8-eksbuild.2"], "security", false, false),
        ("metrics-server", ["v0.8.0-eksbuild.2", "v0.7.2-eksbuild.4"], "observability", true, false),
    ];

    private void AddOns()
    {
        On("CreateAddon", CreateAddOn);
        On("DescribeAddon", input => new JsonObject { ["addon"] = AddOn(input).Content.DeepClone() });
        On("ListAddons", input => Page(Names("eks:addon", Cluster(input).Key), input, "addons"));
        On("DeleteAddon", input =>
        {
            var addOn = AddOn(input);
            if (addOn.Status is "CREATING" or "DELETING")
                throw InUse($"Addon {addOn.Content["addonName"]} is in the state {addOn.Status}");
            Become(addOn, "DELETING");
            Account.After(Account.Delays.AddOn, () =>
            {
                foreach (var association in Of("eks:podidentity", Cluster(input).Key).Where(item => (string?)item.Content["ownerArn"] == (string)addOn.Content["addonArn"]!).ToList())
                    Ledger.Remove(association);
                Ledger.Remove(addOn);
            });
            return new JsonObject { ["addon"] = addOn.Content.DeepClone() };
        });
        On("UpdateAddon", input =>
        {
            var (addOn, cluster) = (AddOn(input), Cluster(input));
            if (addOn.Status is not ("ACTIVE" or "DEGRADED" or "UPDATE_FAILED" or "CREATE_FAILED"))
                throw InUse($"Addon {addOn.Content["addonName"]} cannot be updated as it is currently in {addOn.Status} state");
            var version = (string?)input["addonVersion"] ?? (string)addOn.Content["addonVersion"]!;
            CheckVersion(cluster, (string)input["addonName"]!, version);
            return Update(addOn, "AddonUpdate", Account.Delays.AddOn, new JsonObject { ["AddonVersion"] = version }, () =>
            {
                addOn.Content["addonVersion"] = version;
                foreach (var (member, value) in Copy(input, "serviceAccountRoleArn", "configurationValues").ToList())
                    addOn.Content[member] = value!.DeepClone();
                Associate(cluster, addOn, input);
                Ready(cluster, addOn);
            });
        });
        // What nothing is wrong with.
        On("ListInsights", _ => new JsonObject { ["insights"] = new JsonArray() });
        On("DescribeAddonVersions", input =>
        {
            var version = (string?)input["kubernetesVersion"];
            return Page(
                Catalogue.Where(item => input["addonName"] is not { } name || item.Name == (string)name!).Select(item => new JsonObject
                {
                    ["addonName"] = item.Name,
                    ["type"] = item.Type,
                    ["publisher"] = "eks",
                    ["owner"] = "aws",
                    ["addonVersions"] = new JsonArray([.. item.Versions.Select((text, index) => new JsonObject
                    {
                        ["addonVersion"] = text,
                        ["architecture"] = new JsonArray("amd64", "arm64"),
                        ["compatibilities"] = new JsonArray([.. Versions.Where(known => (version is null || known == version) && Fits(text, known)).Select(known => new JsonObject
                        {
                            ["clusterVersion"] = known, ["platformVersions"] = new JsonArray("*"), ["defaultVersion"] = IsDefault(item.Versions, index, known),
                        })]),
                        ["requiresConfiguration"] = false,
                        ["requiresIamPermissions"] = item.NeedsRole,
                    })]),
                }), input, "addons");
        });
    }

    private Resource AddOn(JsonObject input) => Of("eks:addon", input, "clusterName", "addonName", "addon");

    private JsonObject CreateAddOn(JsonObject input)
    {
        var (cluster, name) = (Cluster(input), (string)input["addonName"]!);
        var key = $"{cluster.Key}/{name}";
        if (Repeated("eks:addon", key, input) is { } there)
            return new JsonObject { ["addon"] = there.Content.DeepClone() };
        if (cluster.Status != "ACTIVE")
            throw BadRequest($"Cluster '{cluster.Key}' is not in ACTIVE status");
        if (Ledger.Find("eks:addon", Region, key) is not null)
            throw InUse("Addon already exists.");
        var known = Catalogue.FirstOrDefault(item => item.Name == name).Versions ?? throw Invalid($"Addon {name} specified is not supported");
        var version = (string?)input["addonVersion"] ?? known.Where((_, index) => IsDefault(known, index, (string)cluster.Content["version"]!)).First();
        CheckVersion(cluster, name, version);
        var addOn = Ledger.Add("eks:addon", Region, key, new JsonObject
        {
            ["addonName"] = name,
            ["clusterName"] = cluster.Key,
            ["status"] = "CREATING",
            ["addonVersion"] = version,
            ["health"] = new JsonObject { ["issues"] = new JsonArray() },
            ["addonArn"] = Arn($"addon/{key}/{Guid.NewGuid()}"),
            ["createdAt"] = Now,
            ["modifiedAt"] = Now,
            ["tags"] = input["tags"]?.DeepClone() ?? new JsonObject(),
        });
        foreach (var (member, value) in Copy(input, "serviceAccountRoleArn", "configurationValues").ToList())
            addOn.Content[member] = value!.DeepClone();
        Associate(cluster, addOn, input);
        Remember(addOn, input);
        Account.After(Account.Delays.AddOn, () => Ready(cluster, addOn));
        return new JsonObject { ["addon"] = addOn.Content.DeepClone() };
    }

    private static void CheckVersion(Resource cluster, string name, string version)
    {
        if (Catalogue.All(item => item.Name != name || !item.Versions.Contains(version)) || !Fits(version, (string)cluster.Content["version"]!))
            throw Invalid("Addon version specified is not supported");
    }

    // What goes with Kubernetes' versions has them in its own: not newer, and three minors behind at most.
    private static bool Fits(string addOn, string kubernetes)
    {
        var (own, there) = (Array.IndexOf(Versions, string.Join('.', addOn.TrimStart('v').Split('.').Take(2))), Array.IndexOf(Versions, kubernetes));
        return own < 0 || (own <= there && there - own <= 3);
    }

    private static bool IsDefault(string[] versions, int index, string kubernetes) =>
        versions.Any(version => version.StartsWith($"v{kubernetes}.", StringComparison.Ordinal)) ? versions[index].StartsWith($"v{kubernetes}.", StringComparison.Ordinal) : index == versions.Length - 1;

    // An add-on may bring its own associations.
    private void Associate(Resource cluster, Resource addOn, JsonObject input)
    {
        foreach (var wanted in input["podIdentityAssociations"] as JsonArray ?? [])
        {
            var association = AddAssociation(cluster, "kube-system", (string)wanted!["serviceAccount"]!, (string)wanted["roleArn"]!, []);
            association.Content["ownerArn"] = (string)addOn.Content["addonArn"]!;
            if (addOn.Content["podIdentityAssociations"] is not JsonArray known)
                addOn.Content["podIdentityAssociations"] = known = [];
            known.Add((string)association.Content["associationArn"]!);
        }
    }

    private void SettleAddOns(Resource cluster)
    {
        foreach (var addOn in Of("eks:addon", cluster.Key).Where(item => item.Status is "ACTIVE" or "DEGRADED").ToList())
            Ready(cluster, addOn);
    }

    // Without nodes, its pods are nowhere.
    private void Ready(Resource cluster, Resource addOn)
    {
        if (addOn.Status is "DELETING")
            return;
        if (Account.Unmakeable.Contains((string)addOn.Content["addonName"]!))
        {
            addOn.Content["health"] = Issue("InternalFailure", "The add-on could not be installed.", (string)addOn.Content["addonArn"]!);
            Become(addOn, "CREATE_FAILED");
            return;
        }

        var waits = Catalogue.First(item => item.Name == (string)addOn.Content["addonName"]!).NeedsNodes && !Of("eks:nodegroup", cluster.Key).Concat(Of("eks:fargateprofile", cluster.Key)).Any(item => item.Status is "ACTIVE" or "UPDATING");
        addOn.Content["health"] = waits
            ? Issue("InsufficientNumberOfReplicas", "The add-on is unhealthy because it doesn't have the desired number of replicas.", (string)addOn.Content["addonArn"]!)
            : new JsonObject { ["issues"] = new JsonArray() };
        Become(addOn, waits ? "DEGRADED" : "ACTIVE");
    }
}
