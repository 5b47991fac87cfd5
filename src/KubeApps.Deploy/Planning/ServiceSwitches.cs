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
        [.. request.Target.Services.Select(service => Of(service, request, live))];

    /// <summary>Whether we say what a Service selects already.</summary>
    public static bool IsOurs(JsonObject service) => (service["metadata"]?["managedFields"] as JsonArray ?? []).OfType<JsonObject>().Any(entry =>
        (string?)entry["manager"] == FieldManager && (string?)entry["operation"] == "Apply" && entry["fieldsV1"]?["f:spec"]?["f:selector"] is not null);

    /// <summary>The Service as it stands, null where it does not.</summary>
    public static JsonObject? LiveOf(ObjectId id, LiveState live) =>
        live.Objects.FirstOrDefault(item => item.Object.Id.IsSameObject(id)) is { IsTerminating: false } observed ? observed.Live : null;

    private static ServiceSwitch Of(SlottedService service, SlotRequest request, LiveState live)
    {
        var next = request.Target.Slot;
        if (service.IsPreview)
        {
            var idle = service.Plain.With(Slots.Label, next.Word());
            var other = service.Plain.With(Slots.Label, Slots.IdleBeside(next).Word());
            return new ServiceSwitch(service.Id, idle, idle, other, other);
        }

        var after = next == Slot.Plain ? service.Plain : service.Plain.With(Slots.Label, next.Word());
        var pinnedTo = next == Slot.Plain && request.IsNewVersion ? OnlyOne(service.Id, [.. service.Deployments]) : null;
        var (before, from) = Current(service, request, live);
        return new ServiceSwitch(service.Id, before, from ?? after, after, after, pinnedTo);
    }

    // Where a deploy was cut, its own record says what the Services selected; what stands may be half of a switch.
    private static (Selector? Before, Selector? From) Current(SlottedService service, SlotRequest request, LiveState live)
    {
        if (LiveOf(service.Id, live) is not { } standing)
            return (null, null);
        if (live.Inventory?.Rollout is { IsUnderWay: true } rollout && rollout.Services.FirstOrDefault(item => item.Id.IsSameObject(service.Id)) is { Before: not null } known)
            return request.Live == rollout.Live ? (known.Before, known.From) : (known.After, known.To);
        var selector = Selector.Of(standing["spec"]?["selector"]);
        return (selector, request.Live == Slot.Plain && selector is not null ? Pinned(service.Id, selector, request.Plain) : selector);
    }

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
