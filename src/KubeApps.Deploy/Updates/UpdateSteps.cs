namespace KubeApps.Deploy.Updates;

/// <summary>One step of a full update. It can be cut anywhere and done again: it looks first.</summary>
/// <param name="Id">What events name it by.</param>
/// <param name="Title">For people.</param>
/// <param name="Timeout">How long it may take.</param>
internal abstract record UpdateStep(string Id, string Title, TimeSpan Timeout)
{
    private static readonly TimeSpan Write = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Cluster = TimeSpan.FromHours(1);

    /// <summary>Writes down in a cluster how far the update is.</summary>
    internal sealed record Mark(string Id, string Title, string Where, FullUpdate Update) : UpdateStep(Id, Title, Write);

    /// <summary>Sets the shares of all clusters in one write. A balancer may have to come up first, and DNS to know of it.</summary>
    /// <param name="Id">What events name it by.</param>
    /// <param name="Title">For people.</param>
    /// <param name="Shares">In percent.</param>
    /// <param name="Newcomer">The cluster that load is moved to; null where it goes back.</param>
    internal sealed record Share(string Id, string Title, IReadOnlyDictionary<string, int> Shares, string? Newcomer = null) : UpdateStep(Id, Title, TimeSpan.FromMinutes(15));

    /// <summary>Makes a cluster, as far as it does not stand.</summary>
    internal sealed record Create(string Name) : UpdateStep("create", $"Make the cluster {Name}", Cluster);

    /// <summary>Waits for what a cluster itself needs: its add-ons.</summary>
    internal sealed record Prepare(string Name) : UpdateStep("add-ons", $"Wait for the add-ons of {Name}", TimeSpan.FromMinutes(20));

    /// <summary>Takes along what must be the same in both clusters: the key from which secrets are made.</summary>
    internal sealed record Carry(string Old, string Name) : UpdateStep("carry", $"Take the key of secrets along to {Name}", Write);

    /// <summary>Brings the version into a cluster, checks included.</summary>
    internal sealed record Deploy(string Name) : UpdateStep("deploy", $"Deploy to {Name}", TimeSpan.FromHours(2));

    /// <summary>Watches a cluster with a part of the load.</summary>
    internal sealed record Watch(string Name, string Old, int Percent, TimeSpan Time)
        : UpdateStep($"watch-{Percent}", $"Watch {Name} with {Percent} % of the load", Time + WatchGrace);

    /// <summary>Watches it with all load, for as long as the old one stands by.</summary>
    internal sealed record Soak(string Name, string Old, TimeSpan Time) : UpdateStep("soak", $"Watch {Name} with all load, {Old} beside it", Time + WatchGrace);

    /// <summary>Waits until nothing arrives at a cluster any more. Where that is not insisted on, it is enough to have waited.</summary>
    internal sealed record Drain(string Name, TimeSpan Silence, TimeSpan Patience, bool Insists)
        : UpdateStep("drain", $"Wait until nothing arrives at {Name} any more", Patience + Grace);

    /// <summary>The new cluster takes the old one's place for good.</summary>
    internal sealed record Succeed(string Name, FullUpdate Update) : UpdateStep("succeed", $"Let {Name} take the place of {Update.From}", Write);

    /// <summary>Deletes a cluster with all that belongs to it.</summary>
    internal sealed record Delete(string Name) : UpdateStep("delete", $"Delete the cluster {Name}", Cluster);

    /// <summary>Looks for what a cluster that is gone has left.</summary>
    internal sealed record Audit(string Name) : UpdateStep("audit", $"Look for what {Name} has left", TimeSpan.FromMinutes(10));

    /// <summary>The last write: the cluster is the only one again.</summary>
    internal sealed record Forget(string Name) : UpdateStep("finish", $"{Name} is the only cluster", Write);

    private static readonly TimeSpan Grace = TimeSpan.FromMinutes(5);

    // What is not measured when the time is over, is waited for.
    private static readonly TimeSpan WatchGrace = Grace + ClusterWatch.Patience;
}

/// <summary>What will be done.</summary>
/// <param name="Update">What is under way when it is done, or was.</param>
/// <param name="Outcome">What it comes to when all steps end well.</param>
/// <param name="Steps">One after the other.</param>
internal sealed record UpdatePlan(FullUpdate Update, DeployOutcome Outcome, IReadOnlyList<UpdateStep> Steps)
{
    /// <summary>Whether it only ends what was begun before: what was asked for is planned anew then.</summary>
    public bool IsOfFormer { get; init; }
}

/// <summary>What is asked for.</summary>
internal abstract record UpdateOrder
{
    private UpdateOrder()
    {
    }

    /// <summary>A version, in a cluster of its own.</summary>
    /// <param name="Terms">Which version, and how.</param>
    /// <param name="Holds">End before load moves.</param>
    /// <param name="Soaks">Stay until the old cluster is gone.</param>
    internal sealed record Deploy(UpdateTerms Terms, bool Holds, bool Soaks) : UpdateOrder;

    /// <summary>Go on from where it is held, or end the soak.</summary>
    /// <param name="Holds">Only to the next share.</param>
    /// <param name="Soaks">Stay until the old cluster is gone.</param>
    internal sealed record Promote(bool Holds, bool Soaks) : UpdateOrder;

    /// <summary>All load back to the old cluster, and the new one away.</summary>
    internal sealed record Abort : UpdateOrder;
}
