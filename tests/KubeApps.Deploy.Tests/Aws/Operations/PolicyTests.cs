using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using KubeApps.Aws.StandIn.Models;
using KubeApps.Deploy.Aws.Protocols;
using KubeApps.Testing;

namespace KubeApps.Deploy.Tests.Aws.Operations;

/// <summary>What each role may do is what the code asks for, no more and no less: the policies in the repository are made of its operations and calls.</summary>
public sealed class PolicyTests
{
    // A registry's own protocol, which the SDK's push and the cluster's nodes speak.
    private static readonly string[] Push =
    [
        "ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:BatchImportUpstreamImage", "ecr:CompleteLayerUpload", "ecr:GetAuthorizationToken", "ecr:GetDownloadUrlForLayer", "ecr:InitiateLayerUpload", "ecr:PutImage",
        "ecr:UploadLayerPart",
    ];

    // What AWS asks of who asks for something else: tags that come with it, and machines that EKS makes by one's own template.
    // https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelastickubernetesservice.html
    private static readonly Dictionary<string, string[]> Implied = new()
    {
        // With a key of one's own: https://docs.aws.amazon.com/AmazonECR/latest/userguide/encryption-at-rest.html
        ["ecr:CreateRepository"] = ["ecr:TagResource", "kms:CreateGrant", "kms:DescribeKey", "kms:RetireGrant"],
        ["eks:CreateCluster"] = ["eks:TagResource", "ec2:DescribeSubnets", "ec2:DescribeVpcs", "kms:CreateGrant", "kms:DescribeKey"],
        ["eks:AssociateEncryptionConfig"] = ["kms:CreateGrant", "kms:DescribeKey"],
        ["eks:CreateNodegroup"] = ["eks:TagResource", "ec2:RunInstances", "ec2:DescribeLaunchTemplateVersions", "iam:GetRole", "iam:ListAttachedRolePolicies"],
        ["eks:CreateFargateProfile"] = ["eks:TagResource", "iam:GetRole"],
        ["eks:CreatePodIdentityAssociation"] = ["eks:TagResource", "iam:GetRole"],
        ["eks:CreateAddon"] = ["eks:TagResource"],
        ["eks:CreateAccessEntry"] = ["eks:TagResource"],
        ["iam:CreateRole"] = ["iam:TagRole"],
        ["iam:CreateOpenIDConnectProvider"] = ["iam:TagOpenIDConnectProvider"],
    };

    private static readonly string[] PassesRole = ["eks:CreateCluster", "eks:CreateNodegroup", "eks:CreateFargateProfile", "eks:CreateAddon", "eks:UpdateAddon", "eks:CreatePodIdentityAssociation", "eks:UpdatePodIdentityAssociation"];

    [Theory]
    [InlineData("read-only")]
    [InlineData("deployer")]
    [InlineData("provisioner")]
    public void Policy_OfARole_AllowsWhatTheCodeAsksFor(string role)
    {
        var asked = Asked();
        var actions = role switch
        {
            "read-only" => asked.Where(IsRead),
            "deployer" => asked.Where(action => IsRead(action) || action.StartsWith("ecr:", StringComparison.Ordinal)).Concat(Push),
            _ => asked.Concat(Push),
        };

        Snapshot.MatchesFile(Document([.. actions]), Path.Join(Folder(), $"{role}.json"));
    }

    private static string Folder([CallerFilePath] string file = "") => Path.GetFullPath(Path.Join(Path.GetDirectoryName(file), "../../../../src/KubeApps.Deploy/Aws/Policies"));

    // Of our own clients all, since they have an operation only for who calls it; of the official packages what is called.
    private static HashSet<string> Asked()
    {
        var official = new Dictionary<string, string> { ["IAmazonEC2"] = "ec2", ["AmazonEC2Client"] = "ec2", ["IAmazonSecurityTokenService"] = "sts", ["AmazonSecurityTokenServiceClient"] = "sts" };
        return
        [
            .. ClientOperation.All.Select(operation => $"{Prefix(operation.Service.SigningName)}:{operation.Name}"),
            .. new[] { typeof(AwsServiceClient).Assembly.Location, Tool }.SelectMany(CallSites.In)
                .Where(call => official.ContainsKey(call.Type) && call.Method.EndsWith("Async", StringComparison.Ordinal))
                .Select(call => (Service: official[call.Type], Name: call.Method[..^"Async".Length])).Where(call => ServiceModel.Of(call.Service).Operations.ContainsKey(call.Name))
                .Select(call => $"{call.Service}:{call.Name}"),
        ];
    }

    private static string Tool => typeof(PolicyTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(item => item.Key == "Tool").Value!;

    private static string Prefix(string signingName) => signingName == "monitoring" ? "cloudwatch" : signingName;

    private static bool IsRead(string action) => action.Split(':')[1] is var name && (name.StartsWith("Describe", StringComparison.Ordinal) || name.StartsWith("List", StringComparison.Ordinal)
        || name.StartsWith("Get", StringComparison.Ordinal) || name.StartsWith("BatchGet", StringComparison.Ordinal));

    private static string Document(IReadOnlyList<string> asked)
    {
        var actions = asked.Concat(asked.SelectMany(action => Implied.GetValueOrDefault(action, []))).Concat(asked.Any(action => action.StartsWith("ec2:Create", StringComparison.Ordinal)) ? ["ec2:CreateTags"] : [])
            .Distinct().Order(StringComparer.Ordinal).ToList();
        var statements = new JsonArray(actions.GroupBy(action => action.Split(':')[0])
            .Select(group => (JsonNode)Statement($"KubeApps{char.ToUpperInvariant(group.Key[0])}{group.Key[1..]}", [.. group], null)).ToArray());
        if (asked.Intersect(PassesRole).Any())
        {
            statements.Add((JsonNode)Statement("KubeAppsHandRolesToEks", ["iam:PassRole"], new JsonObject
            {
                ["StringEquals"] = new JsonObject { ["iam:PassedToService"] = new JsonArray("ec2.amazonaws.com", "eks-fargate-pods.amazonaws.com", "eks.amazonaws.com", "pods.eks.amazonaws.com") },
            }));
        }

        // AWS's own roles for these services are made with the first cluster, or the first rule of a registry, of an account.
        string[] services =
        [
            .. asked.Intersect(PassesRole).Any() ? ["eks-fargate.amazonaws.com", "eks-nodegroup.amazonaws.com", "eks.amazonaws.com", "elasticloadbalancing.amazonaws.com"] : (string[])[],
            .. asked.Contains("ecr:CreatePullThroughCacheRule") ? ["pullthroughcache.ecr.amazonaws.com"] : (string[])[],
            .. asked.Contains("ecr:PutReplicationConfiguration") ? ["replication.ecr.amazonaws.com"] : (string[])[],
            .. asked.Intersect(PassesRole).Any() ? ["spot.amazonaws.com"] : (string[])[],
        ];
        if (services.Length > 0)
            statements.Add((JsonNode)Statement("KubeAppsLetAwsMakeItsRoles", ["iam:CreateServiceLinkedRole"], new JsonObject { ["StringEquals"] = new JsonObject { ["iam:AWSServiceName"] = new JsonArray([.. services]) } }));

        return new JsonObject { ["Version"] = "2012-10-17", ["Statement"] = statements }.ToJsonString(new JsonSerializerOptions { WriteIndented = true }) + "\n";
    }

    private static JsonObject Statement(string id, string[] actions, JsonObject? condition)
    {
        var statement = new JsonObject { ["Sid"] = id, ["Effect"] = "Allow", ["Action"] = new JsonArray([.. actions]), ["Resource"] = "*" };
        if (condition is not null)
            statement["Condition"] = condition;
        return statement;
    }
}
