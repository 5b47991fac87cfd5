using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using KubeApps.Deploy.Api;
using KubeApps.Deploy.Planning;
using KubeApps.Events;

namespace KubeApps.Deploy.Tests.Planning;

/// <summary>
/// A cluster that only stores, in which Services find pods by their labels and two managers write them. A plan is taken apart into single
/// writes, so that it can be cut between any two.
/// </summary>
internal sealed class SlotModel
{
    public const string Namespace = "shop";

    public static readonly DateTimeOffset Now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    private readonly Dictionary<string, JsonObject> _objects = new(StringComparer.Ordinal);
    private int _uids;

    public Inventory? Inventory { get; private set; }

    /// <summary>Whether Deployments without a slot have pods of one version only.</summary>
    public bool IsSettled { get; set; } = true;

    public IEnumerable<JsonObject> Objects => _objects.Values;

    public JsonObject? Find(ObjectId id) => _objects.GetValueOrDefault($"{id.Group} {id}");

    public static Release ReleaseOf(IReadOnlyList<ReleaseObject> objects, params IReadOnlyList<Bundles.BundleCheck> checks) =>
        new("shop", "local", Namespace, null, objects, ReleaseObjects.Hash(objects), false, TimeSpan.FromMinutes(5)) { Checks = checks };

    /// <summary>As <see cref="Switching.SlotPlanning"/> does it.</summary>
    public ReleasePlan Plan(Release release, SlotOrder order)
    {
        var choice = SlotChoice.Of(release, order, Inventory);
        var isInPlace = choice.IsInPlace || (choice.ComparesLive && SlotObjects.Of(release.Objects, choice.Live!.Value).InSlot
            .Where(item => item.Id.Kind == "Deployment").All(item => JsonNode.DeepEquals(Find(item.Id)?["spec"]!["template"], item.Content["spec"]!["template"])));
        if (isInPlace && Inventory?.Rollout is null)
            return ReleasePlanner.Plan(release, Observe(release));
        var target = SlotObjects.Of(release.Objects, isInPlace ? choice.Live!.Value : choice.Next);
        var slotted = release with { Objects = target.All };
        var request = new SlotRequest(slotted, order, target, choice.Live, !isInPlace, choice.Live == Slot.Plain && !isInPlace ? [.. Plain()] : [], Sizes(release, choice.Live))
        {
            RenderedServices = [.. release.Objects.Where(item => target.Services.Any(service => service.Id == item.Id))],
        };
        return BlueGreenPlanner.Plan(request, Observe(slotted));
    }

    /// <summary>Which pods a Service finds: the names of their Deployments, with what tells their versions apart.</summary>
    public IReadOnlyList<string> Behind(string service) => Find(new ObjectId("v1", "Service", Namespace, service))?["spec"]?["selector"] is { } selector && Selector.Of(selector) is { } labels
        ? [.. Objects.Where(IsDeployment).Where(item => labels.Matches(PodLabels(item))).Select(item => $"{Name(item)} {HashOf(item)}").Order(StringComparer.Ordinal)]
        : [];

    public IEnumerable<string> Services => Objects.Where(item => Kind(item) == "Service").Select(Name);

    public IEnumerable<JsonObject> Deployments => Objects.Where(IsDeployment);

    /// <summary>The writes of a plan, one after the other; each is done when it is reached.</summary>
    public IEnumerable<string> Run(ReleasePlan plan)
    {
        if (plan.Start is { } start)
            Inventory = start;
        foreach (var step in plan.Steps)
            foreach (var _ in Run(step))
                yield return step.Id;
    }

    public void RunAll(ReleasePlan plan) => Assert.True(plan.IsNoOp || Run(plan).Count() > 0);

    /// <summary>Everything, whichever of the two slots it is in; what is never deleted, and Jobs, which run once, do not count.</summary>
    public string Text()
    {
        var serving = Inventory?.Rollout?.Serving;
        var lines = Objects.Where(item => !IsLeftOut(Kind(item), Name(item))).Select(item => $"{Kind(item)} {Name(item)} {Sorted(item["spec"])!.ToJsonString()} {(ServiceSwitches.IsOurs(item) ? "traffic" : "")}")
            .Append($"inventory {Inventory?.IsComplete} {Inventory?.Hash} {Inventory?.Rollout?.Phase} "
                + string.Join(' ', (Inventory?.Items ?? []).Where(item => !IsLeftOut(item.Id.Kind, item.Id.Name)).Select(item => $"{item.Id.Kind}/{item.Id.Name}").Order(StringComparer.Ordinal)));
        var text = string.Join('\n', lines.Select(line => serving == Slot.Green ? line.Replace("green", "\u0001", StringComparison.Ordinal).Replace("blue", "green", StringComparison.Ordinal).Replace("\u0001", "blue", StringComparison.Ordinal) : line)
            .Select(line => line.StartsWith("inventory ", StringComparison.Ordinal) ? string.Join(' ', line.Split(' ').Order(StringComparer.Ordinal)) : line).Order(StringComparer.Ordinal));
        return text;
    }

    private IEnumerable<bool> Run(ReleaseStep step)
    {
        switch (step)
        {
            case ReleaseStep.Apply apply:
                foreach (var item in apply.Objects.Where(item => item.Change != ResourceChange.Unchanged && item.Object.Id.Kind != "Namespace"))
                    yield return Apply(item.Object);
                break;
            case ReleaseStep.RunJobs jobs:
                foreach (var job in jobs.Jobs)
                    yield return Apply(job.Object);
                break;
            case ReleaseStep.Intend intend:
                yield return Write(intend.Inventory);
                break;
            case ReleaseStep.Prune prune:
                foreach (var former in prune.Objects)
                    yield return Delete(former.Id);
                break;
            case ReleaseStep.Record record:
                yield return Write(record.Inventory with { Items = [.. record.Inventory.Items.Select(entry => entry with { Uid = UidOf(entry.Id) })] });
                break;
            case SlotStep.Point point:
                foreach (var service in point.Services)
                    yield return Point(service.Id, service.Selector);
                break;
            case SlotStep.Examine examine:
                yield return Write(Inventory! with { FinishedJobs = [.. Inventory.FinishedJobs.Union(examine.FinishedJobs)] });
                break;
            case SlotStep.Hold:
                yield return Enter(RolloutPhase.Held);
                break;
            case SlotStep.Switch:
                if (Rollout.Phase != RolloutPhase.Switching)
                    yield return Write(Inventory! with
                    {
                        Rollout = Rollout with
                        {
                            Phase = RolloutPhase.Switching,
                            Services = [.. Rollout.Services.Select(item => item.PinnedTo is { } name
                                ? item with { To = item.After.With(Slots.HashLabel, HashOf(Find(new ObjectId("apps/v1", "Deployment", Namespace, name))!)) }
                                : item)],
                        },
                    });
                foreach (var service in Rollout.Services)
                    yield return Point(service.Id, service.To);
                yield return Enter(RolloutPhase.Soaking);
                break;
            case SlotStep.Return:
                yield return Enter(RolloutPhase.Aborting);
                foreach (var service in Rollout.Services.Where(item => item.From is not null))
                    yield return Point(service.Id, service.From!);
                break;
            case SlotStep.Retire retire:
                if (Rollout.Phase is RolloutPhase.Switching or RolloutPhase.Soaking)
                    yield return Enter(RolloutPhase.Retiring);
                foreach (var id in retire.Objects)
                    yield return Delete(id);
                break;
            case SlotStep.Remove remove:
                foreach (var id in remove.Objects)
                    yield return Delete(id);
                break;
            case SlotStep.HandBack back:
                foreach (var service in back.Services)
                    yield return Apply(service);
                foreach (var service in back.Services)
                    yield return Own(Find(service.Id)!, false);
                break;
        }
    }

    private static JsonNode? Sorted(JsonNode? node) => node is JsonObject content
        ? new JsonObject(content.OrderBy(field => field.Key, StringComparer.Ordinal).Select(field => KeyValuePair.Create(field.Key, Sorted(field.Value))))
        : node?.DeepClone();

    private static bool IsLeftOut(string kind, string name) => kind == "Job" || IsKept(kind, name);

    // The claims of a slot alone go with it.
    private static bool IsKept(string kind, string name) => ApplyOrder.IsKept(kind) && name is not ("pages-blue" or "pages-green");

    private Rollout Rollout => Inventory!.Rollout!;

    private bool Enter(RolloutPhase phase) => Write(Inventory! with { Rollout = Rollout with { Phase = phase, Since = Now } });

    private bool Write(Inventory inventory)
    {
        // What is stored is what is read: also through its text.
        Inventory = Inventory.FromObject(inventory.ToObject());
        return true;
    }

    private bool Apply(ReleaseObject item)
    {
        _objects[$"{item.Id.Group} {item.Id}"] = Stored(item) ?? throw new InvalidOperationException($"{item.Id} says another selector than the manager of traffic.");
        return true;
    }

    private bool Delete(ObjectId id)
    {
        Assert.False(IsKept(id.Kind, id.Name), $"{id} must never be deleted.");
        _objects.Remove($"{id.Group} {id}");
        return true;
    }

    private bool Point(ObjectId id, Selector selector)
    {
        if (Find(id) is not { } service)
            return true;
        service["spec"]!["selector"] = selector.ToJson();
        return Own(service, true);
    }

    private static bool Own(JsonObject service, bool isOurs)
    {
        service["metadata"]!["managedFields"] = isOurs
            ? JsonNode.Parse("""[{"manager":"kubeapp-traffic","operation":"Apply","fieldsV1":{"f:spec":{"f:selector":{}}}}]""")
            : new JsonArray();
        return true;
    }

    // Null: a conflict.
    private JsonObject? Stored(ReleaseObject item)
    {
        var live = Find(item.Id);
        var stored = (JsonObject)item.Content.DeepClone();
        stored["metadata"]!["uid"] = (string?)live?["metadata"]!["uid"] ?? $"uid-{_uids++}";
        stored["metadata"]!["managedFields"] = live?["metadata"]!["managedFields"]?.DeepClone() ?? new JsonArray();
        if (item.Id.Kind == "Job")
            stored["status"] = JsonNode.Parse("""{"conditions":[{"type":"Complete","status":"True"}]}""");
        if (item.Id.Kind != "Service" || live is null || !ServiceSwitches.IsOurs(live))
            return stored;
        var selector = live["spec"]!["selector"];
        if (stored["spec"]!["selector"] is { } said && !JsonNode.DeepEquals(said, selector))
            return null;
        stored["spec"]!["selector"] = selector?.DeepClone();
        return stored;
    }

    private LiveState Observe(Release release) => new(
        [.. release.Objects.Select(item => new ObservedObject(item, Find(item.Id), Stored(item) ?? throw new InvalidOperationException($"{item.Id} conflicts with the manager of traffic.")))],
        [
            .. (Inventory?.Items ?? []).Where(entry => !release.Objects.Any(wanted => wanted.Id.IsSameObject(entry.Id)))
                .Select(entry => new FormerObject(entry.Id, UidOf(entry.Id) is { } uid && (entry.Uid is null || uid == entry.Uid) ? uid : null, false) { Live = Find(entry.Id) }),
        ],
        Inventory, [], false);

    private IEnumerable<PlainDeployment> Plain() => Deployments.Where(item => item["metadata"]!["labels"]?[Slots.Label] is null)
        .Select(item => new PlainDeployment(Name(item), PodLabelsWithoutHash(item), HashOf(item), IsSettled));

    private Dictionary<string, int> Sizes(Release release, Slot? live) => release.Objects.Where(item => item.Id.Kind == "Deployment" && live is not null)
        .Select(item => (item.Id.Name, Live: Find(new ObjectId("apps/v1", "Deployment", Namespace, live!.Value.NameIn(item.Id.Name)))))
        .Where(item => item.Live is not null).ToDictionary(item => item.Name, item => (int?)item.Live!["spec"]!["replicas"] ?? 1);

    private string? UidOf(ObjectId id) => (string?)Find(id)?["metadata"]!["uid"];

    private static bool IsDeployment(JsonObject item) => Kind(item) == "Deployment";

    private static string Kind(JsonObject item) => (string)item["kind"]!;

    private static string Name(JsonObject item) => (string)item["metadata"]!["name"]!;

    private static JsonNode? PodLabelsWithoutHash(JsonObject deployment) => deployment["spec"]!["template"]!["metadata"]!["labels"];

    private static JsonNode PodLabels(JsonObject deployment)
    {
        var labels = PodLabelsWithoutHash(deployment)!.DeepClone();
        labels[Slots.HashLabel] = HashOf(deployment);
        return labels;
    }

    private static string HashOf(JsonObject deployment) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(deployment["spec"]!["template"]!.ToJsonString())))[..6];
}
