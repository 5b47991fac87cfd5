using KubeApps.Deploy.Api;

namespace KubeApps.Deploy.Planning;

/// <summary>What one Service is to select.</summary>
internal sealed record ServiceSelector(ObjectId Id, Selector Selector);

/// <summary>
/// The steps that a deploy with two slots has besides those of every deploy. Each writes down what it is about to do, and can be done again:
/// whoever finds it half done goes on or goes back.
/// </summary>
internal abstract record SlotStep(string Id, string Title, TimeSpan Timeout) : ReleaseStep(Id, Title, Timeout)
{
    /// <summary>Says what Services select, outside of the switch: equal or narrower sets of pods than before, and what is new.</summary>
    internal sealed record Point(string Id, string Title, TimeSpan Timeout, IReadOnlyList<ServiceSelector> Services) : SlotStep(Id, Title, Timeout);

    /// <summary>Gives Deployments that are scaled by an autoscaler the size of those that serve.</summary>
    internal sealed record Size(string Id, string Title, TimeSpan Timeout, IReadOnlyList<(ObjectId Deployment, int Replicas)> Sizes) : SlotStep(Id, Title, Timeout);

    /// <summary>Makes Deployments that are sized by others as large as those that serve are by now, if there is room for that.</summary>
    internal sealed record Grow(string Id, string Title, TimeSpan Timeout, IReadOnlyList<(ObjectId Deployment, int From, int To)> Sizes) : SlotStep(Id, Title, Timeout);

    /// <summary>Keeps autoscalers from shrinking what has no traffic yet; the switch ends that.</summary>
    internal sealed record KeepSize(string Id, string Title, TimeSpan Timeout, IReadOnlyList<ObjectId> Autoscalers) : SlotStep(Id, Title, Timeout);

    /// <summary>Lets autoscalers decide again.</summary>
    internal sealed record LetScale(string Id, string Title, TimeSpan Timeout, IReadOnlyList<ObjectId> Autoscalers) : SlotStep(Id, Title, Timeout);

    /// <summary>Writes down which pods of the next slot are going to be checked.</summary>
    internal sealed record Examine(string Id, string Title, TimeSpan Timeout, IReadOnlyList<string> FinishedJobs) : SlotStep(Id, Title, Timeout);

    /// <summary>Ends the deploy before the switch: somebody else decides.</summary>
    internal sealed record Hold(string Id, string Title, TimeSpan Timeout) : SlotStep(Id, Title, Timeout);

    /// <summary>Moves all Services of the app to the next slot.</summary>
    internal sealed record Switch(string Id, string Title, TimeSpan Timeout) : SlotStep(Id, Title, Timeout);

    /// <summary>Watches the new version for a time, with the old one beside it: its pods, and its checks, which must keep passing.</summary>
    internal sealed record Soak(string Id, string Title, TimeSpan Timeout, IReadOnlyList<PlannedCheck> Checks) : SlotStep(Id, Title, Timeout);

    /// <summary>Deletes the old slot, and whatever else the release does not have any more.</summary>
    internal sealed record Retire(string Id, string Title, TimeSpan Timeout, IReadOnlyList<ObjectId> Objects) : SlotStep(Id, Title, Timeout);

    /// <summary>Moves all Services back to the live slot.</summary>
    internal sealed record Return(string Id, string Title, TimeSpan Timeout) : SlotStep(Id, Title, Timeout);

    /// <summary>Deletes the next slot, and whatever else the deploy has brought.</summary>
    internal sealed record Remove(string Id, string Title, TimeSpan Timeout, IReadOnlyList<ObjectId> Objects) : SlotStep(Id, Title, Timeout);

    /// <summary>Gives the selectors back to the normal apply, for rolling updates.</summary>
    internal sealed record HandBack(string Id, string Title, TimeSpan Timeout, IReadOnlyList<ReleaseObject> Services) : SlotStep(Id, Title, Timeout);
}
