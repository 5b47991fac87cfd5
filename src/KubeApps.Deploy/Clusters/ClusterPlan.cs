using System.Globalization;
using KubeApps.Diagnostics;

namespace KubeApps.Deploy.Clusters;

/// <summary>What is wanted of a cluster.</summary>
internal abstract record ClusterChange(string Name, ClusterOwner Owner)
{
    /// <summary>It shall be there, and be as it is specified: what is missing is made, what differs is changed.</summary>
    public sealed record Ensure(string Name, ClusterOwner Owner, ClusterSpecification Specification) : ClusterChange(Name, Owner)
    {
        /// <summary>Whether it is all that the cluster shall have: administrators whom a specification before has named, and this one does not, are let in no more. Where a cluster is made, or gone on with, nobody is shut out.</summary>
        public bool IsAll { get; init; }
    }

    /// <summary>It shall have a newer version of Kubernetes, and be left as it is in all else. One that has it, or a newer one, is left alone.</summary>
    public sealed record Upgrade(string Name, ClusterOwner Owner, string Version) : ClusterChange(Name, Owner);

    /// <summary>It shall be gone, with all that belongs to it.</summary>
    public sealed record Remove(string Name, ClusterOwner Owner) : ClusterChange(Name, Owner);
}

internal enum ClusterAction
{
    Create,
    Change,
    Replace,
    Delete,

    /// <summary>Nothing is written: what others do is waited for, or looked at.</summary>
    Await,
}

/// <summary>One thing that is done. It can be cut anywhere and done again: it looks first.</summary>
/// <param name="Id">What others name it by: <c>node-pool/arm</c>.</param>
/// <param name="Title">For people.</param>
/// <param name="Action">What is done.</param>
/// <param name="After">The steps that must be done before; all others go on beside it.</param>
/// <remarks>A provider puts into its own kind of step what it needs to do it.</remarks>
internal record ClusterStep(string Id, string Title, ClusterAction Action, IReadOnlyList<string> After)
{
    /// <summary>What changes, in words: <c>version 1.33 → 1.34</c>.</summary>
    public IReadOnlyList<string> Details { get; init; } = [];

    /// <summary>How long it takes as a rule.</summary>
    public TimeSpan Expected { get; init; }

    /// <summary>How long it may take.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(30);
}

/// <summary>What will be done, what it needs and what it costs.</summary>
internal sealed record ClusterPlan(ClusterChange Change, IReadOnlyList<ClusterStep> Steps)
{
    public bool IsNoOp => Steps.Count == 0;

    /// <summary>What will not suffice, and what is worth knowing. An error stops the plan before its first write.</summary>
    public IReadOnlyList<Diagnostic> Findings { get; init; } = [];

    /// <summary>What the cluster costs; null where the provider costs nothing.</summary>
    public ClusterCost? Cost { get; init; }

    /// <exception cref="DiagnosticException">Something will not suffice.</exception>
    public void RequireWay()
    {
        if (Findings.Where(finding => finding.Severity == DiagnosticSeverity.Error).ToList() is { Count: > 0 } errors)
            throw new DiagnosticException(errors);
    }
}

/// <summary>Money for an hour, from a table with a date: no promise.</summary>
internal sealed record ClusterCost(string Currency, DateOnly PricesOf, IReadOnlyList<ClusterCostItem> Items)
{
    public decimal Hourly => Items.Sum(item => item.Hourly);

    /// <summary>What a second one beside it costs, while a full update has both.</summary>
    public decimal Overlap => Items.Where(item => !item.IsShared).Sum(item => item.Hourly);
}

/// <param name="What">What costs: <c>3 × m7g.large (spot)</c>.</param>
/// <param name="Hourly">For an hour; null-priced things are left out and told.</param>
/// <param name="IsShared">Whether all clusters of an owner have it together.</param>
internal sealed record ClusterCostItem(string What, decimal Hourly, bool IsShared = false);

/// <summary>Something of an app's cluster that is still there although the cluster is not.</summary>
/// <param name="Kind">What it is: <c>LoadBalancer</c>, <c>Volume</c>.</param>
/// <param name="Id">The provider's name of it.</param>
/// <param name="Cluster">The cluster it was of; for what all of an owner's clusters share, the beginning of their names.</param>
internal sealed record ClusterLeftover(string Kind, string Id, string Cluster)
{
    /// <summary>Whose it was, where that is written on it.</summary>
    public ClusterOwner? Owner { get; init; }

    /// <summary>Why it is not simply deleted; null where it can be.</summary>
    public string? Reason { get; init; }

    /// <summary>When it was made, of what a cluster needs before it is there; else null, or where the provider does not say it.</summary>
    public DateTimeOffset? MadeAt { get; init; }

    /// <summary>How long it may be that something of a cluster in the making was made.</summary>
    public static readonly TimeSpan NewFor = TimeSpan.FromHours(1);

    /// <summary>Those of which nobody would expect a cluster any more. Pure.</summary>
    public static IReadOnlyList<ClusterLeftover> WithoutNew(IReadOnlyList<ClusterLeftover> found, DateTimeOffset now) => [.. SpareNew(found, now, NewFor).Where(found.Contains)];

    /// <summary>
    /// The same, with a reason for all that belongs to an owner of whom something was made only now: a cluster that is being made elsewhere has its network and
    /// its roles before anybody sees it, and they look like those of one that is gone. Pure.
    /// </summary>
    public static IReadOnlyList<ClusterLeftover> SpareNew(IReadOnlyList<ClusterLeftover> found, DateTimeOffset now, TimeSpan age)
    {
        var newest = found.Where(item => item.Owner is not null && now - item.MadeAt < age).GroupBy(item => item.Owner!).ToDictionary(group => group.Key, group => group.Max(item => item.MadeAt!.Value));
        return
        [
            .. found.Select(item => item is { Owner: { } owner, Reason: null } && newest.TryGetValue(owner, out var madeAt)
                ? item with { Reason = string.Create(CultureInfo.InvariantCulture, $"a cluster of {owner.App} ({owner.Environment}) may be in the making: the last of this was made at {madeAt.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC") }
                : item),
        ];
    }
}
