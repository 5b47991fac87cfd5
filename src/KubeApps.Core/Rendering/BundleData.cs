using System.Text.Json;
using System.Text.Json.Nodes;
using KubeApps.Bundles;
using static KubeApps.Rendering.Nodes;

namespace KubeApps.Rendering;

/// <summary>What stands in <c>bundle.json</c> as data for the deploy and is no Kubernetes object.</summary>
internal static class BundleData
{
    public static BundleTarget Target(Target target) => new(target.Kind.ToString().ToLowerInvariant(), target.ContextName)
    {
        Account = target.Account,
        Region = target.Region,
        Registry = target.Registry,
    };

    public static BundleStrategy Strategy(Strategy strategy)
    {
        var common = new BundleStrategy(JsonNamingPolicy.CamelCase.ConvertName(strategy.Kind.ToString()), strategy.Timeout)
        {
            StabilityWindow = strategy.StabilityWindow,
            KeepRevisions = strategy.KeepRevisions == 10 ? null : strategy.KeepRevisions,
        };
        return strategy.Kind == StrategyKind.Rolling ? common : common with { AutoPromote = strategy.AutoPromote, KeepOld = strategy.KeepOld };
    }

    public static BundleCheck Check(Check check, IReadOnlyList<RenderedObject> objects) =>
        new(check.Kind.ToString().ToLowerInvariant(), check.Name, check.Timeout)
        {
            Service = check.Service,
            Port = check.Port,
            Path = check.Path,
            Status = check.Status,
            BodyContains = check.BodyContains,
            MaxLatency = check.MaxLatency,
            Command = check.Kind == CheckKind.Command ? check.Command : null,
            // By the name that it has in the bundle, with its hash.
            Job = check.Job is { } job ? objects.First(item => item.Part is Job part && part.Name == job).Name : null,
        };

    private static JsonObject? Cluster(ClusterSettings? cluster) => cluster is null ? null : ObjectOrNull(
        ("version", cluster.Version),
        ("administrators", List(cluster.Administrators)),
        ("encryptionKey", cluster.EncryptionKey),
        ("isPrivate", cluster.IsPrivate ? true : null),
        ("allowedRanges", List(cluster.AllowedRanges)),
        ("network", cluster.Network),
        ("loadBalancerController", cluster.LoadBalancerController),
        ("clusterAutoscaler", cluster.ClusterAutoscaler));

    /// <summary>The cluster's own settings, node pools and Fargate profiles, with the labels that the pods of a profile have. The sandbox has neither.</summary>
    public static JsonObject? Hardware(RenderContext context) => context.App.Environment.Target.Kind == TargetKind.Sandbox ? null : ObjectOrNull(
        ("cluster", Cluster(context.App.Environment.Target.Cluster)),
        ("nodePools", List(context.App.All<NodePool>(), static pool => Object(
            ("name", pool.Name),
            ("instanceTypes", List(pool.InstanceTypes)),
            ("architecture", pool.Architecture.ToString().ToLowerInvariant()),
            ("capacity", JsonNamingPolicy.CamelCase.ConvertName(pool.Capacity.ToString())),
            ("min", pool.Min),
            ("max", pool.Max),
            ("desired", pool.Desired),
            ("labels", Map(pool.Labels.Append(new(PodRendering.NodePoolLabel, pool.Name)))),
            ("taints", List(pool.Taints, static taint => Object(
                ("key", taint.Key), ("value", taint.Value), ("effect", taint.Effect.ToString()))))))),
        ("fargateProfiles", List(context.App.All<FargateProfile>(), profile => Object(
            ("name", profile.Name),
            ("selectors", List(profile.Workloads.DefaultIfEmpty(), workload => Object(
                ("namespace", context.App.Namespace),
                ("labels", workload is null ? Object((RenderContext.NameLabel, context.App.Name)) : context.Selector(workload)))))))));
}
