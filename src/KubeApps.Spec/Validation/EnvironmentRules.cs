using System.Net;
using System.Text.RegularExpressions;
using KubeApps.Diagnostics;

namespace KubeApps;

/// <summary>An environment has a target that can be found, and something to deploy to it.</summary>
internal static partial class EnvironmentRules
{
    public static void Check(KubeAppModel app, SpecDiagnostics diagnostics)
    {
        var (environment, target) = (app.Environment, app.Environment.Target);
        if (!app.All<Workload>().Any() && app.Objects.Count == 0 && app.Manifests.Count == 0)
            diagnostics.Add(DiagnosticDescriptors.EmptyApp, $"The app has no workload in the environment '{environment.Name}'.", app.DefinePlace?.Find());

        if (target.Kind == TargetKind.Context && string.IsNullOrWhiteSpace(target.ContextName))
            Report("names no context");
        if (target.Kind == TargetKind.Eks && !Account().IsMatch(target.Account ?? ""))
            Report($"has the AWS account '{target.Account}', which is not 12 digits");
        if (target.Kind == TargetKind.Eks && !Region().IsMatch(target.Region ?? ""))
            Report($"has the AWS region '{target.Region}', which is none");

        if (target.Registry is { } registry && !IsRegistry(registry))
            Report($"has the registry '{registry}', which is written without scheme and in lower case, like registry.example.com/team");

        if (target.Ecr is { } ecr)
            CheckEcr(target, ecr, Report);

        if (target.Cluster is { } cluster)
            CheckCluster(target, cluster, Report);

        void Report(string what) => diagnostics.Add(
            DiagnosticDescriptors.InvalidTarget, $"The target of the environment '{environment.Name}' {what}.", environment.Location);
    }

    private static void CheckEcr(Target target, EcrSettings ecr, Action<string> report)
    {
        if (target.Kind != TargetKind.Eks && target.Registry?.Split('/')[0] is var host && host != "ecr" && host?.Contains(".dkr", StringComparison.Ordinal) != true)
            report("has settings for ECR, but its images do not go there");
        if (ecr.KmsKey is { } key && !KmsKey().IsMatch(key))
            report($"has the key '{key}' for its images, which is no ARN, id or alias of KMS");
        foreach (var account in ecr.PullAccounts.Where(account => !Account().IsMatch(account)))
            report($"lets the AWS account '{account}' pull its images, which is not 12 digits");
        foreach (var region in ecr.ReplicaRegions.Where(region => !Region().IsMatch(region) || region == target.Region))
            report($"replicates its images to the AWS region '{region}', which is {(region == target.Region ? "its own" : "none")}");
    }

    private static void CheckCluster(Target target, ClusterSettings cluster, Action<string> report)
    {
        if (target.Kind != TargetKind.Eks)
            report("has settings for a cluster on EKS, and is none");
        if (cluster.Version is { } version && !Version().IsMatch(version))
            report($"has the version '{version}' of Kubernetes, which is written like 1.34");
        foreach (var principal in cluster.Administrators.Where(principal => !Principal().IsMatch(principal)))
            report($"lets '{principal}' administer its cluster, which is no ARN of a role or a user of IAM");
        if (cluster.EncryptionKey is { } key && !KeyArn().IsMatch(key))
            report($"has the key '{key}' for its cluster's secrets, which is no ARN of a key of KMS");
        foreach (var range in cluster.AllowedRanges.Where(range => !IPNetwork.TryParse(range, out _) || range.Contains(':', StringComparison.Ordinal)))
            report($"lets '{range}' reach its cluster, which is no range like 203.0.113.0/24");
        if (cluster is { IsPrivate: true, AllowedRanges.Count: > 0 })
            report("has a cluster that is private, and ranges from where it can be reached all the same");
        if (cluster.Network is { } network && !Network().IsMatch(network))
            report($"has the network '{network}' for its cluster, which is written like vpc-0a1b2c3d");
    }

    /// <summary>Whether a text can name a registry, with what its repositories begin with.</summary>
    public static bool IsRegistry(string text) => Registry().IsMatch(text);

    [GeneratedRegex(@"\A[0-9]{12}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Account();

    [GeneratedRegex(@"\A(arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:(key/[a-zA-Z0-9-]+|alias/[a-zA-Z0-9/_-]+)|alias/[a-zA-Z0-9/_-]+|(mrk-)?[a-f0-9-]{32,36})\z", RegexOptions.CultureInvariant)]
    private static partial Regex KmsKey();

    [GeneratedRegex(@"\Aarn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/[a-zA-Z0-9-]+\z", RegexOptions.CultureInvariant)]
    private static partial Regex KeyArn();

    // A session's ARN is none: an entry is for the role that it has.
    [GeneratedRegex(@"\Aarn:aws[a-z-]*:iam::[0-9]{12}:(role|user)/[\w+=,.@/-]+\z", RegexOptions.CultureInvariant)]
    private static partial Regex Principal();

    [GeneratedRegex(@"\A1\.[1-9][0-9]\z", RegexOptions.CultureInvariant)]
    private static partial Regex Version();

    [GeneratedRegex(@"\Avpc-[0-9a-f]{8,17}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Network();

    [GeneratedRegex(@"\A[a-z]{2,3}(-[a-z]+)+-[0-9]\z", RegexOptions.CultureInvariant)]
    private static partial Regex Region();

    [GeneratedRegex(@"\A[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[0-9]{1,5})?(/[a-z0-9]+([._-]+[a-z0-9]+)*)*\z", RegexOptions.CultureInvariant)]
    private static partial Regex Registry();
}
