using System.Runtime.CompilerServices;
using System.Text.Json.Serialization;

namespace KubeApps;

/// <summary>A processor architecture.</summary>
public enum Architecture
{
    /// <summary>64-bit x86.</summary>
    Amd64,

    /// <summary>64-bit ARM.</summary>
    Arm64,
}

/// <summary>How machines are paid.</summary>
public enum Capacity
{
    /// <summary>They stay until they are given back.</summary>
    OnDemand,

    /// <summary>They are cheap, and can be taken away at any time.</summary>
    Spot,
}

/// <summary>
/// Machines of one sort that the app needs. The cluster's nodes of this pool carry the label <c>kubeapps.dev/node-pool</c> with the pool's name.
/// </summary>
/// <seealso href="https://docs.aws.amazon.com/eks/latest/userguide/managed-node-groups.html"/>
/// <example>
/// <code>
/// var arm = app.Add(new NodePool("arm", "m7g.large") { Architecture = Architecture.Arm64, Capacity = Capacity.Spot, Max = 6 });
/// web.Placement = new Placement { NodePool = arm };
/// </code>
/// </example>
public sealed class NodePool : AppPart
{
    [JsonConstructor]
    internal NodePool()
    {
    }

    /// <summary>A pool of one instance type.</summary>
    /// <param name="name">Its name: a DNS-1123 label.</param>
    /// <param name="instanceType">The instance type: <c>m7g.large</c>; more can be added.</param>
    /// <param name="file">Filled in by the compiler.</param>
    /// <param name="line">Filled in by the compiler.</param>
    public NodePool(string name, string instanceType, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
        : base(name, file, line) => InstanceTypes.Add(instanceType);

    /// <summary>The instance types, the preferred one first. Several are good for spot capacity.</summary>
    public List<string> InstanceTypes { get; set; } = [];

    /// <summary>The processors; those of the instance types must be the same. Default: amd64.</summary>
    public Architecture Architecture { get; set; }

    /// <summary>How the machines are paid. Default: on demand.</summary>
    public Capacity Capacity { get; set; }

    /// <summary>The fewest machines. Default: 1.</summary>
    public int Min { get; set; } = 1;

    /// <summary>The most machines. Default: 3.</summary>
    public int Max { get; set; } = 3;

    /// <summary>How many machines at first. Default: <see cref="Min"/>.</summary>
    public int? Desired { get; set; }

    /// <summary>Labels of the nodes.</summary>
    public Dictionary<string, string> Labels { get; set; } = [];

    /// <summary>Taints of the nodes, which keep away pods that are not placed on this pool.</summary>
    public List<Taint> Taints { get; set; } = [];
}

/// <summary>Keeps pods away that do not tolerate it.</summary>
/// <seealso href="https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/"/>
public sealed class Taint
{
    [JsonConstructor]
    internal Taint()
    {
    }

    /// <summary>A taint.</summary>
    /// <param name="key">Its key.</param>
    /// <param name="value">Its value.</param>
    /// <param name="effect">What it does. Default: pods are not scheduled.</param>
    public Taint(string key, string value, TaintEffect effect = TaintEffect.NoSchedule) => (Key, Value, Effect) = (key, value, effect);

    /// <summary>Its key.</summary>
    public string Key { get; set; } = "";

    /// <summary>Its value.</summary>
    public string Value { get; set; } = "";

    /// <summary>What it does.</summary>
    public TaintEffect Effect { get; set; }
}
