using System.Text.Json.Nodes;
using KubeApps.Bundles;
using KubeApps.Diagnostics;

namespace KubeApps.Deploy.Planning;

/// <summary>What is asked of a deploy that may use two slots.</summary>
/// <param name="IsBlueGreen">False: the app is to be updated in place from now on.</param>
/// <param name="Holds">End before the switch.</param>
/// <param name="Soaks">Stay until the old slot may go.</param>
/// <param name="KeepOld">How long the old slot stays after the switch.</param>
/// <param name="Now">For what is written down.</param>
internal sealed record SlotOrder(bool IsBlueGreen, bool Holds, bool Soaks, TimeSpan KeepOld, DateTimeOffset Now)
{
    private static readonly TimeSpan DefaultKeepOld = TimeSpan.FromMinutes(10);

    public static SlotOrder Of(DeployRequest request, BundleEnvironment environment, DateTimeOffset now) => new(
        string.Equals(environment.Strategy.Kind, "blueGreen", StringComparison.OrdinalIgnoreCase),
        request.Hold ?? environment.Strategy.AutoPromote == false, request.Soak, environment.Strategy.KeepOld ?? DefaultKeepOld, now);

    /// <summary>Whoever asks to resume means a deploy that was cut, not a new one.</summary>
    public static void RefuseUnlessUnderWay(DeployRequest request, Release release, Inventory? inventory)
    {
        if (!request.Resume)
            return;
        if (inventory is null or { IsComplete: true })
            throw new DiagnosticException(DiagnosticDescriptors.NothingToResume.Because($"No deploy of {release.App} is under way in the namespace {release.Namespace}."));
        if (inventory.Hash != release.Hash)
            throw new DiagnosticException(DiagnosticDescriptors.NothingToResume.Because(
                $"The deploy of {release.App} that is under way is of another version{(inventory.Commit is { } commit ? $" (commit {Events.Printable.Commit(commit)})" : "")}."));
    }
}

/// <summary>
/// Where a release goes, as far as the inventory tells. Pure. What stands afterwards depends on the strategy that was asked for, not on how the
/// app came to where it is; only that an app gets slots waits for its next version, since a second copy of what serves already is of no use.
/// </summary>
/// <param name="Live">The slot that serves; null where nothing does.</param>
/// <param name="Next">Where another version goes.</param>
/// <param name="IsInPlace">The slot that serves is updated, whatever it holds.</param>
/// <param name="ComparesLive">The slot that serves is updated if it holds the release's pod templates already.</param>
internal sealed record SlotChoice(Slot? Live, Slot Next, bool IsInPlace, bool ComparesLive)
{
    public static SlotChoice Of(Release release, SlotOrder order, Inventory? inventory)
    {
        var rollout = inventory?.Rollout;
        var live = rollout is not null ? rollout.Serving : inventory?.Items.Any(item => item.Id.Kind == "Deployment") == true ? Slot.Plain : (Slot?)null;
        if (rollout is null && (!order.IsBlueGreen || !release.Objects.Any(item => item.Id.Kind == "Deployment")))
            return new SlotChoice(live, Slot.Plain, IsInPlace: true, ComparesLive: false);
        // A deploy that was cut, or waits, goes on where it is.
        if (rollout is { Phase: RolloutPhase.Preparing or RolloutPhase.Held, Next: { } begun } && inventory!.Hash == release.Hash && order.IsBlueGreen == (begun != Slot.Plain))
            return new SlotChoice(live, begun, IsInPlace: false, ComparesLive: false);
        // What is left of the last slot may still stand in for what serves without one has not got yet.
        var beside = live == Slot.Plain ? rollout?.Live ?? live : live;
        return new SlotChoice(
            live, order.IsBlueGreen ? Slots.IdleBeside(beside) : Slot.Plain, IsInPlace: live == Slot.Plain && !order.IsBlueGreen, ComparesLive: live is not null && order.IsBlueGreen);
    }
}

/// <summary>A Deployment that serves under its own name.</summary>
/// <param name="Name">Its name.</param>
/// <param name="PodLabels">The labels of its pods.</param>
/// <param name="Hash">What tells its current pods from all others; null where it has none yet.</param>
/// <param name="IsSettled">Whether all its pods are of the current version.</param>
internal sealed record PlainDeployment(string Name, JsonNode? PodLabels, string? Hash, bool IsSettled);

/// <summary>All that decides how a release gets into which slot, besides the live state.</summary>
/// <param name="Release">What is to stand: <see cref="Release.Objects"/> is <see cref="SlotObjects.All"/> of the target.</param>
/// <param name="Order">What was asked.</param>
/// <param name="Target">The release in the slot that it goes to.</param>
/// <param name="Live">The slot that serves; null where nothing does.</param>
/// <param name="IsNewVersion">False: the slot that serves holds these pod templates already, and only what stands around them changes.</param>
/// <param name="Plain">The Deployments that serve, where <paramref name="Live"/> is the plain slot.</param>
/// <param name="Sizes">How many replicas the Deployments that serve have, by their names as rendered.</param>
internal sealed record SlotRequest(
    Release Release, SlotOrder Order, SlotObjects Target, Slot? Live, bool IsNewVersion, IReadOnlyList<PlainDeployment> Plain, IReadOnlyDictionary<string, int> Sizes)
{
    /// <summary>False: what is held is not what was checked, since somebody changed it.</summary>
    public bool IsAsChecked { get; init; } = true;

    /// <summary>The Services as they were rendered, selectors included: for the way back to rolling updates.</summary>
    public IReadOnlyList<ReleaseObject> RenderedServices { get; init; } = [];
}
