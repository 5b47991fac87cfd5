using System.Text.Json.Serialization;

namespace KubeApps;

/// <summary>Which nodes pods run on. Not rendered for the sandbox, which is one node without hardware.</summary>
/// <seealso href="https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/"/>
public sealed class Placement
{
    /// <summary>The <see cref="KubeApps.NodePool"/>, by name: its nodes carry the label <c>kubeapps.dev/node-pool</c>; its taints are tolerated.</summary>
    public string? NodePool { get; set; }

    /// <summary>Labels that a node must have.</summary>
    public Dictionary<string, string> NodeSelector { get; set; } = [];

    /// <summary>Taints that the pods tolerate, besides those of the node pool.</summary>
    public List<Toleration> Tolerations { get; set; } = [];
}

/// <summary>What a taint does to pods that do not tolerate it.</summary>
public enum TaintEffect
{
    /// <summary>They are not scheduled on the node.</summary>
    NoSchedule,

    /// <summary>They are scheduled elsewhere if that is possible.</summary>
    PreferNoSchedule,

    /// <summary>They are not scheduled on the node, and those that run there are evicted.</summary>
    NoExecute,
}

/// <summary>A taint that pods tolerate.</summary>
/// <seealso href="https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/"/>
public sealed class Toleration
{
    [JsonConstructor]
    internal Toleration()
    {
    }

    /// <summary>Tolerates a taint.</summary>
    /// <param name="key">The taint's key.</param>
    /// <param name="value">The taint's value. Default: any.</param>
    /// <param name="effect">The taint's effect. Default: any.</param>
    public Toleration(string key, string? value = null, TaintEffect? effect = null) => (Key, Value, Effect) = (key, value, effect);

    /// <summary>The taint's key.</summary>
    public string Key { get; set; } = "";

    /// <summary>The taint's value. Default: any.</summary>
    public string? Value { get; set; }

    /// <summary>The taint's effect. Default: any.</summary>
    public TaintEffect? Effect { get; set; }
}

/// <summary>Spreads the pods of a workload over zones, nodes or another label of nodes.</summary>
/// <seealso href="https://kubernetes.io/docs/concepts/scheduling-eviction/topology-spread-constraints/"/>
/// <example><code>web.TopologySpread.Add(new TopologySpread("topology.kubernetes.io/zone"));</code></example>
public sealed class TopologySpread
{
    [JsonConstructor]
    internal TopologySpread()
    {
    }

    /// <summary>Spreads over the values of a label of nodes.</summary>
    /// <param name="topologyKey">The label: <c>topology.kubernetes.io/zone</c>, <c>kubernetes.io/hostname</c>.</param>
    public TopologySpread(string topologyKey) => TopologyKey = topologyKey;

    /// <summary>The label of nodes over whose values the pods spread.</summary>
    public string TopologyKey { get; set; } = "";

    /// <summary>How many pods more one value may have than another. Default: 1.</summary>
    public int MaxSkew { get; set; } = 1;

    /// <summary>Whether a pod rather stays pending than breaks the rule. Default: false.</summary>
    public bool IsRequired { get; set; }
}
