using System.Text.Json.Nodes;
using KubeApps.Sandbox.Api;
using KubeApps.Sandbox.Api.Selectors;

namespace KubeApps.Sandbox.Controllers;

/// <summary>
/// Brings the world one step nearer to what one object asks for. It looks only at what is there now, never at what happened, so it can be
/// called at any time and any number of times. It reads the store itself and not a cache: it always sees its own writes.
/// </summary>
internal interface IReconciler
{
    IReadOnlyList<Trigger> Triggers { get; }

    Next Reconcile(ObjectKey key);
}

/// <summary>When to look at an object again.</summary>
internal readonly record struct Next
{
    private Next(TimeSpan? delay, bool failed) => (Delay, Failed) = (delay, failed);

    public TimeSpan? Delay { get; }

    public bool Failed { get; }

    /// <summary>When something changes.</summary>
    public static Next OnChange => default;

    /// <summary>With a delay that grows from one failure to the next.</summary>
    public static Next Retry => new(null, failed: true);

    /// <summary>Though nothing changes (null: only when something changes).</summary>
    public static Next After(TimeSpan? delay) => new(delay, failed: false);
}

/// <summary>Which objects to look at when an object of a type changes.</summary>
internal sealed record Trigger(ResourceType Type, Func<WatchEvent, IEnumerable<ObjectKey>> Keys)
{
    public static Trigger Itself(ResourceType type) => new(type, change => [change.Object.Key(type)]);

    /// <summary>The controller of what changed; for what nobody controls, everyone that may want to adopt it.</summary>
    public static Trigger OwnedBy(ResourceType type, ResourceType owners, Cluster cluster) => new(type, change => Owners(change.Object, owners, cluster));

    private static IEnumerable<ObjectKey> Owners(JsonObject changed, ResourceType owners, Cluster cluster)
    {
        if (changed.ControllerReference is not { } reference)
        {
            return cluster.List(owners, changed.Namespace)
                .Where(owner => LabelSelector.FromObject(owner.Spec["selector"] as JsonObject) is { IsEverything: false } selector && selector.Matches(changed))
                .Select(owner => owner.Key(owners));
        }

        return reference.Text("kind") == owners.Kind && reference.Text("apiVersion") == owners.ApiVersion
            ? [new ObjectKey(owners, changed.Namespace, reference.Text("name") ?? "")]
            : [];
    }
}
