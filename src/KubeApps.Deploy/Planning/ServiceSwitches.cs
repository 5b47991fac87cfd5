using System.Text.Json.Nodes;
using KubeApps.Deploy.Api;
using KubeApps.Diagnostics;

namespace KubeApps.Deploy.Planning;

/// <summary>What each Service selects at each point of a deploy into another slot. Pure.</summary>
internal static class ServiceSwitches
{
    /// <summary>The field manager that says which slot serves. The normal apply never writes a selector that is switched.</summary>
    public const string FieldManager = "kubeapp-traffic";

    public static IReadOnlyList<ServiceSwitch> Of(SlotRequest request, LiveState live) =>
        [.. request.Target.Services.Select(service => Of(service, request, live)), .. Leaving(request, live)];

    /// <summary>What a Service selects where one slot serves and nothing is under way.</summary>
    public static Selector Settled(SlottedService service, Slot serving) =>
        service.IsPreview ? service.Plain.With(Slots.Label, Slots.IdleBeside(serving).Word())
        : serving == Slot.Plain || service.Deployments.Count == 0 ? service.Plain
        : service.Plain.With(Slots.Label, serving.Word());

    /// <summary>Whether we say what a Service selects already.</summary>
    public static bool IsOurs(JsonObject service) => Ownership.Entries(service).Any(entry =>
        (string?)entry["manager"] == FieldManager && (string?)entry["operation"] == "Apply" && entry["fieldsV1"]?["f:spec"]?["f:selector"] is not null);

    /// <summary>The Service as it stands, null where it does not.</summary>
    public static JsonObject? LiveOf(ObjectId id, LiveState live) =>
        live.Objects.FirstOrDefault(item => item.Object.Id.IsSameObject(id)) is { } observed ? observed.IsTerminating ? null : observed.Live
        : live.Former.FirstOrDefault(item => item.Id.IsSameObject(id))?.Live;

    /// <summary>A Service leads to what has slots, or to what has none: pods of both it would find together in neither.</summary>
    public static void RefuseMixed(SlotObjects target, LiveState live)
    {
        var others = target.App.Select(item => item.Content).Concat(live.Former.Select(item => item.Live).OfType<JsonObject>())
            .Where(item => (string?)item["kind"] is "StatefulSet" or "DaemonSet")
            .ToList();
        var mixed = (
            from service in target.Services
            where !service.IsPreview && service.Deployments.Count > 0
            from other in others
            where service.Id.Namespace == (string?)other["metadata"]!["namespace"] && service.Plain.Matches(other["spec"]?["template"]?["metadata"]?["labels"])
            select DiagnosticDescriptors.MixedService.Because($"{service.Id} leads to the pods of {ObjectId.Of(other)}, too, which has no slots.")).ToList();
        if (mixed.Count > 0)
            throw new DiagnosticException(mixed);
    }

    private static ServiceSwitch Of(SlottedService service, SlotRequest request, LiveState live)
    {
        var next = request.Target.Slot;
        var after = Settled(service, next);
        if (service.IsPreview)
        {
            var idle = service.Plain.With(Slots.Label, next.Word());
            return new ServiceSwitch(service.Id, idle, idle, after, after);
        }

        var pinnedTo = next == Slot.Plain && request.IsNewVersion && service.Deployments.Count > 0 ? OnlyOne(service.Id, [.. service.Deployments]) : null;
        var (before, from) = Current(service, request, live);
        return new ServiceSwitch(service.Id, before, from ?? Beginning(), after, after, pinnedTo);

        // A new Service leads to the new version from the beginning: its pods may need it. Where no label tells those from the old ones, to the old ones.
        Selector Beginning() => pinnedTo is not null && request.Live is Slot.Blue or Slot.Green && service.Deployments.Any(request.Sizes.ContainsKey)
            ? service.Plain.With(Slots.Label, request.Live.Value.Word())
            : after;
    }

    // A Service that the new version does not have leads to the old one until both are gone.
    private static IEnumerable<ServiceSwitch> Leaving(SlotRequest request, LiveState live) =>
        from former in request.Live == Slot.Plain ? live.Former : []
        where former is { Uid: not null, Live: not null, Id: { Kind: "Service", Group: "" } }
        let before = Selector.Of(former.Live!["spec"]?["selector"])
        where before is not null
        let held = Pinned(former.Id, before, request.Plain)
        select new ServiceSwitch(former.Id, Recorded(former.Id, request, live)?.Before ?? before, held, held, held);

    private static (Selector? Before, Selector? From) Current(SlottedService service, SlotRequest request, LiveState live)
    {
        if (LiveOf(service.Id, live) is not { } standing)
            return (null, null);
        var selector = Selector.Of(standing["spec"]?["selector"]);
        var (before, from) = Recorded(service.Id, request, live) is { } recorded
            ? recorded
            : (selector, selector is not null && request.Live == Slot.Plain ? Pinned(service.Id, selector, request.Plain) : selector);
        // Nothing with a slot was behind it: it must not find the next slot's pods before they are checked.
        return from is not null && request.Live is Slot.Blue or Slot.Green && service.Deployments.Count > 0 && !from.Labels.ContainsKey(Slots.Label)
            ? (before, from.With(Slots.Label, request.Live.Value.Word()))
            : (before, from);
    }

    // Where a deploy was cut, its own record says what the Services selected; what stands may be half of a switch.
    private static (Selector? Before, Selector? From)? Recorded(ObjectId service, SlotRequest request, LiveState live) =>
        live.Inventory?.Rollout is { IsUnderWay: true } rollout && rollout.Services.FirstOrDefault(item => item.Id.IsSameObject(service)) is { Before: not null } known
            ? request.Live == rollout.Live ? (known.Before, known.From) : (known.After, known.To)
            : null;

    // The pods of the plain slot have no label of their own that the next slot's do not have: only the hash tells them apart.
    private static Selector Pinned(ObjectId service, Selector selector, IReadOnlyList<PlainDeployment> deployments)
    {
        var plain = selector.Without(Slots.HashLabel);
        var selected = deployments.Where(deployment => plain.Matches(deployment.PodLabels)).ToList();
        if (selected.Count == 0)
            return selector;
        OnlyOne(service, [.. selected.Select(deployment => deployment.Name)]);
        return selected[0] is { IsSettled: true, Hash: { } hash }
            ? plain.With(Slots.HashLabel, hash)
            : throw new DiagnosticException(DiagnosticDescriptors.SlotNotSettled.Because(
                $"Deployment {service.Namespace}/{selected[0].Name}, which {service} leads to, is in the middle of a rolling update."));
    }

    private static string OnlyOne(ObjectId service, IReadOnlyList<string> deployments) => deployments.Count == 1
        ? deployments[0]
        : throw new DiagnosticException(DiagnosticDescriptors.SlotsNotApart.Because(
            $"{service} leads to the pods of several Deployments ({string.Join(", ", deployments)}): between rolling and blue/green, it cannot be held on one version of all of them."));
}
