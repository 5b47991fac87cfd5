using System.Text.Json.Nodes;

namespace KubeApps.Aws.StandIn.Fakes.Eks;

internal sealed partial class FakeEks
{
    private void FargateProfiles()
    {
        On("CreateFargateProfile", input =>
        {
            var (cluster, name) = (Cluster(input), (string)input["fargateProfileName"]!);
            var key = $"{cluster.Key}/{name}";
            if (Repeated("eks:fargateprofile", key, input) is { } there)
                return new JsonObject { ["fargateProfile"] = there.Content.DeepClone() };
            if (cluster.Status != "ACTIVE")
                throw BadRequest($"Cluster '{cluster.Key}' is not in ACTIVE status");
            if (Ledger.Find("eks:fargateprofile", Region, key) is not null)
                throw InUse($"Fargate Profile already exists with this name: {name}");
            OneAtATime(cluster);
            CheckRole((string)input["podExecutionRoleArn"]!, "eks-fargate-pods.amazonaws.com");
            if (Subnets(input["subnets"]).FirstOrDefault(Ec2.IsPublic) is { } open)
                throw Invalid($"Subnet {open.Key} provided in Fargate Profile is not a private subnet");
            if (input["selectors"] is not JsonArray { Count: > 0 and <= 5 })
                throw Invalid("A Fargate profile has one to five selectors");
            var profile = Ledger.Add("eks:fargateprofile", Region, key, Copy(input, "fargateProfileName", "clusterName", "podExecutionRoleArn", "subnets", "selectors", "tags"));
            profile.Content["fargateProfileArn"] = Arn($"fargateprofile/{key}/{Guid.NewGuid()}");
            profile.Content["createdAt"] = Now;
            Become(profile, "CREATING");
            Remember(profile, input);
            Account.After(Account.Delays.FargateProfile, () =>
            {
                Become(profile, Account.Unmakeable.Contains(name) ? "CREATE_FAILED" : "ACTIVE");
                SettleAddOns(cluster);
            });
            return new JsonObject { ["fargateProfile"] = profile.Content.DeepClone() };
        });
        On("DescribeFargateProfile", input => new JsonObject { ["fargateProfile"] = Profile(input).Content.DeepClone() });
        On("ListFargateProfiles", input => Page(Names("eks:fargateprofile", Cluster(input).Key), input, "fargateProfileNames"));
        On("DeleteFargateProfile", input =>
        {
            var (profile, cluster) = (Profile(input), Cluster(input));
            OneAtATime(cluster);
            Become(profile, "DELETING");
            Account.After(Account.Delays.FargateProfile, () =>
            {
                Ledger.Remove(profile);
                SettleAddOns(cluster);
            });
            return new JsonObject { ["fargateProfile"] = profile.Content.DeepClone() };
        });
    }

    private Resource Profile(JsonObject input) => Of("eks:fargateprofile", input, "clusterName", "fargateProfileName", "Fargate Profile");

    // A cluster makes or removes one profile at a time.
    private void OneAtATime(Resource cluster)
    {
        if (Of("eks:fargateprofile", cluster.Key).FirstOrDefault(item => item.Status is "CREATING" or "DELETING") is { } other)
            throw InUse($"Cannot create or delete Fargate Profile because cluster {cluster.Key} currently has Fargate profile {other.Key.Split('/')[1]} in status {other.Status}");
    }
}
