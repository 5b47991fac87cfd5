using System.Text.RegularExpressions;
using KubeApps.Diagnostics;

namespace KubeApps;

/// <summary>Machines that exist, and workloads that can run on them.</summary>
internal static partial class HardwareRules
{
    public static void Check(KubeAppModel app, SpecDiagnostics diagnostics)
    {
        foreach (var pool in app.All<NodePool>())
        {
            if (pool.Min < 0 || pool.Max < 1 || pool.Max < pool.Min || pool.Desired < pool.Min || pool.Desired > pool.Max || pool.InstanceTypes.Count == 0)
                diagnostics.Add(
                    DiagnosticDescriptors.InvalidSetting,
                    $"The node pool '{pool.Name}' needs an instance type and 0 ≤ Min ≤ Desired ≤ Max, with Max at least 1 (they are {pool.Min}, {pool.Desired}, {pool.Max}).",
                    pool.Location);
            foreach (var type in pool.InstanceTypes)
                CheckInstanceType(pool, type, diagnostics);
        }

        foreach (var profile in app.All<FargateProfile>())
            foreach (var workload in app.All<Workload>().Where(workload => profile.Workloads.Count == 0 || profile.Workloads.Contains(workload.Name)))
                CheckFargate(profile, workload, diagnostics);
    }

    private static void CheckInstanceType(NodePool pool, string type, SpecDiagnostics diagnostics)
    {
        if (!InstanceType().IsMatch(type))
        {
            diagnostics.Add(DiagnosticDescriptors.InvalidSetting, $"'{type}' of the node pool '{pool.Name}' is not an instance type, which are written like m7g.large.", pool.Location);
            return;
        }

        var architecture = Graviton().IsMatch(type) ? Architecture.Arm64 : Architecture.Amd64;
        if (architecture != pool.Architecture)
            diagnostics.Add(
                DiagnosticDescriptors.ArchitectureMismatch,
                $"The node pool '{pool.Name}' is {pool.Architecture.ToString().ToLowerInvariant()}; machines of the type {type} are {architecture.ToString().ToLowerInvariant()}.",
                pool.Location, $"Set Architecture = Architecture.{architecture}, or choose another type.");
    }

    // https://docs.aws.amazon.com/eks/latest/userguide/fargate.html#fargate-considerations
    private static void CheckFargate(FargateProfile profile, Workload workload, SpecDiagnostics diagnostics)
    {
        var problem = workload switch
        {
            DaemonSet when profile.Workloads.Count > 0 => "is a daemon set",
            { Placement.NodePool: { } pool } when profile.Workloads.Count > 0 => $"is placed on the node pool '{pool}', too",
            StatefulSet { Claims.Count: > 0 } => "has claims of its own, for which no disk can be attached there",
            _ when workload.AllContainers.Any(container => container.Security?.Privileged == true) && workload is not DaemonSet => "has a privileged container",
            _ => null,
        };
        if (problem is not null)
            diagnostics.Add(
                DiagnosticDescriptors.InvalidSetting, $"'{workload.Name}' cannot run on Fargate (profile '{profile.Name}'): it {problem}.", workload.Location,
                "Leave it out of the profile's Workloads.");
        foreach (var container in workload.AllContainers)
            if (container.Image.Architectures is { Count: > 0 } architectures && !architectures.Contains(Architecture.Amd64))
                diagnostics.Add(
                    DiagnosticDescriptors.ArchitectureMismatch, $"The image '{container.Image.Key}' of '{workload.Name}' is not for amd64, as Fargate is.", container.Location);
    }

    [GeneratedRegex(@"\A[a-z][a-z0-9-]*\.[a-z0-9-]+\z", RegexOptions.CultureInvariant)]
    private static partial Regex InstanceType();

    /// <summary>AWS's own arm64 processors: a "g" behind the generation (m7g, c6gn, x2gd, im4gn, g5g), or the first family.</summary>
    /// <remarks>https://docs.aws.amazon.com/ec2/latest/instancetypes/instance-type-names.html</remarks>
    [GeneratedRegex(@"\A(a1|[a-z]+[0-9]+[a-z]*g[a-z]*)\.", RegexOptions.CultureInvariant)]
    private static partial Regex Graviton();
}
