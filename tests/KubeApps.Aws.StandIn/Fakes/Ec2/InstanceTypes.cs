using System.Text.Json.Nodes;

namespace KubeApps.Aws.StandIn.Fakes.Ec2;

/// <summary>Some types of instances, with what they have.</summary>
internal static class InstanceTypes
{
    private static readonly (string Family, string Architecture, int GibPerCpu)[] Families =
        [("m5", "x86_64", 4), ("m6i", "x86_64", 4), ("m7i", "x86_64", 4), ("m6g", "arm64", 4), ("m7g", "arm64", 4), ("c5", "x86_64", 2), ("c6i", "x86_64", 2), ("c7g", "arm64", 2), ("r5", "x86_64", 8), ("r6i", "x86_64", 8), ("r6g", "arm64", 8), ("g5", "x86_64", 4)];

    private static readonly (string Size, int Cpus)[] Sizes = [("large", 2), ("xlarge", 4), ("2xlarge", 8), ("4xlarge", 16), ("8xlarge", 32)];

    // Cheap ones have their own sizes.
    private static readonly (string Size, int Cpus, int Mib)[] Burstable = [("small", 2, 2048), ("medium", 2, 4096), ("large", 2, 8192), ("xlarge", 4, 16384), ("2xlarge", 8, 32768)];

    private static readonly Dictionary<string, (string Architecture, int Cpus, int Mib)> All = Families
        .SelectMany(family => Sizes.Select(size => ($"{family.Family}.{size.Size}", (family.Architecture, size.Cpus, size.Cpus * family.GibPerCpu * 1024))))
        .Concat(new[] { ("t3", "x86_64"), ("t3a", "x86_64"), ("t4g", "arm64") }.SelectMany(family => Burstable.Select(size => ($"{family.Item1}.{size.Size}", (family.Item2, size.Cpus, size.Mib)))))
        .ToDictionary(type => type.Item1, type => type.Item2);

    public static IEnumerable<string> Names => All.Keys;

    public static int Cpus(string name) => All[name].Cpus;

    public static JsonObject? Describe(string name) => !All.TryGetValue(name, out var type) ? null : new JsonObject
    {
        ["InstanceType"] = name,
        ["CurrentGeneration"] = true,
        ["SupportedUsageClasses"] = new JsonArray("on-demand", "spot"),
        ["BareMetal"] = false,
        ["ProcessorInfo"] = new JsonObject { ["SupportedArchitectures"] = new JsonArray(type.Architecture) },
        ["VCpuInfo"] = new JsonObject { ["DefaultVCpus"] = type.Cpus },
        ["MemoryInfo"] = new JsonObject { ["SizeInMiB"] = type.Mib },
    };
}
