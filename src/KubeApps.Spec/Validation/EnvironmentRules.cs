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

    /// <summary>Whether a text can name a registry, with what its repositories begin with.</summary>
    public static bool IsRegistry(string text) => Registry().IsMatch(text);

    [GeneratedRegex(@"\A[0-9]{12}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Account();

    [GeneratedRegex(@"\A(arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:(key/[a-zA-Z0-9-]+|alias/[a-zA-Z0-9/_-]+)|alias/[a-zA-Z0-9/_-]+|(mrk-)?[a-f0-9-]{32,36})\z", RegexOptions.CultureInvariant)]
    private static partial Regex KmsKey();

    [GeneratedRegex(@"\A[a-z]{2,3}(-[a-z]+)+-[0-9]\z", RegexOptions.CultureInvariant)]
    private static partial Regex Region();

    [GeneratedRegex(@"\A[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[0-9]{1,5})?(/[a-z0-9]+([._-]+[a-z0-9]+)*)*\z", RegexOptions.CultureInvariant)]
    private static partial Regex Registry();
}
