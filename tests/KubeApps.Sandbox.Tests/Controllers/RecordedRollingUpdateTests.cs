using System.Text.Json.Nodes;
using KubeApps.Sandbox.Api;
using KubeApps.Sandbox.Controllers;

namespace KubeApps.Sandbox.Tests.Controllers;

/// <summary>A Deployment of three pods from nothing to v1, and from v1 to v2, as a real cluster did it.</summary>
public sealed class RecordedRollingUpdateTests
{
    private static readonly List<JsonObject> Recording =
        [.. JsonNode.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Recorded", "rolling-update.json")))!.AsArray()
            .Select(item => item!.AsObject()).Where(item => item.Text("type") != "BOOKMARK").Select(item => item.Part("object"))];

    [Fact]
    public async Task RollingUpdate_TakesTheRecordedSteps()
    {
        await using var running = await RollAsync();

        Assert.Equal(ScaleSteps(Recording), ScaleSteps(Written(running, ResourceTypes.ReplicaSet)));
    }

    [Fact]
    public async Task RollingUpdate_ReportsTheRecordedEvents()
    {
        await using var running = await RollAsync();

        Assert.Equal(Messages(Recording, "ScalingReplicaSet"), Messages(Written(running, ResourceTypes.Event), "ScalingReplicaSet"));
        Assert.Equal(Messages(Recording, "SuccessfulCreate").Count, Messages(Written(running, ResourceTypes.Event), "SuccessfulCreate").Count);
        Assert.Equal(Messages(Recording, "SuccessfulDelete").Count, Messages(Written(running, ResourceTypes.Event), "SuccessfulDelete").Count);
    }

    [Fact]
    public async Task RollingUpdate_PassesThroughTheRecordedConditions()
    {
        await using var running = await RollAsync();

        foreach (var type in new[] { "Available", "Progressing" })
            Assert.Equal(Conditions(Recording, type), Conditions(Written(running, ResourceTypes.Deployment), type));
    }

    [Fact]
    public async Task RollingUpdate_LeavesTheRecordedObjects()
    {
        await using var running = await RollAsync();

        var names = Names(Written(running, ResourceTypes.ReplicaSet));
        Assert.Equal(Last(Recording, "Deployment", Names(Recording)), Last(Written(running, ResourceTypes.Deployment), "Deployment", names));
        Assert.Equal(Last(Recording, "ReplicaSet", Names(Recording)), Last(Written(running, ResourceTypes.ReplicaSet), "ReplicaSet", names));
    }

    /// <summary>The recorded Deployment, with pods that become ready one after the other when nothing else moves.</summary>
    private static async Task<RunningControllers> RollAsync()
    {
        var running = DeploymentFixture.Start(kubelet => kubelet.BecomesReady = FakeKubelet.IsLetBecomeReady);
        var first = Recording.First(item => item.Text("kind") == "Deployment");
        running.Apply(ResourceTypes.Deployment, new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = "web" },
            ["spec"] = first.Spec.DeepClone(),
        }.ToJsonString());
        await LetAllBecomeReadyAsync(running);
        running.SetImage("web", "registry.local:5000/team/web:2");
        await LetAllBecomeReadyAsync(running);
        Assert.True(DeploymentFixture.IsComplete(running, "web"));
        return running;
    }

    private static async Task LetAllBecomeReadyAsync(RunningControllers running)
    {
        while (true)
        {
            await running.UntilQuietAsync();
            if (running.List(ResourceTypes.Pod).FirstOrDefault(pod => pod.IsActive && !pod.IsReady) is not { } waiting)
                return;
            running.LetBecomeReady(waiting);
        }
    }

    private static List<JsonObject> Written(RunningControllers running, ResourceType type) =>
        [.. running.Changes(type).Where(change => change.Type != WatchEventType.Deleted).Select(change => change.Object)];

    /// <summary>The names of the ReplicaSets in order of their appearance.</summary>
    private static List<string> Names(List<JsonObject> objects) => [.. objects.Where(item => item.Text("kind") == "ReplicaSet").Select(item => item.Name).Distinct()];

    private static List<string> ScaleSteps(List<JsonObject> objects)
    {
        var names = Names(objects);
        var sizes = new Dictionary<string, int>();
        var steps = new List<string>();
        foreach (var set in objects.Where(item => item.Text("kind") == "ReplicaSet"))
        {
            var size = set.Spec.Count("replicas");
            if (!sizes.TryGetValue(set.Name, out var before) || before != size)
                steps.Add($"v{names.IndexOf(set.Name) + 1} → {size}");
            sizes[set.Name] = size;
        }

        return steps;
    }

    private static List<string> Messages(List<JsonObject> objects, string reason) =>
        [.. objects.Where(item => item.Text("kind") == "Event" && item.Text("reason") == reason)
            .Select(item => string.Join(' ', item.Text("message")!.Split(' ').Select(word => word.StartsWith("web-", StringComparison.Ordinal) ? "NAME" : word)))];

    private static List<string> Conditions(List<JsonObject> objects, string type)
    {
        var seen = new List<string>();
        foreach (var condition in objects.Where(item => item.Text("kind") == "Deployment").SelectMany(item => item.Status.Items("conditions")))
        {
            var text = $"{condition.Text("status")} {condition.Text("reason")} {string.Join(' ', condition.Text("message")!.Split('"').Where((_, i) => i % 2 == 0))}";
            if (condition.Text("type") == type && (seen.Count == 0 || seen[^1] != text))
                seen.Add(text);
        }

        return seen;
    }

    /// <summary>The last state of each object of a kind, without what differs from run to run.</summary>
    private static string Last(List<JsonObject> objects, string kind, List<string> names)
    {
        var last = objects.Where(item => item.Text("kind") == kind).GroupBy(item => item.Name).OrderBy(versions => names.IndexOf(versions.Key))
            .Select(versions => (JsonObject)versions.Last().DeepClone());
        var text = new List<string>();
        foreach (var item in last)
        {
            foreach (var field in new[] { "uid", "resourceVersion", "creationTimestamp", "namespace", "managedFields" })
                item.Metadata.Remove(field);
            foreach (var owner in item.Metadata.Items("ownerReferences"))
                owner.Remove("uid");
            foreach (var condition in item.Status.Items("conditions"))
            {
                condition.Remove("lastUpdateTime");
                condition.Remove("lastTransitionTime");
            }

            var json = Sorted(item)!.ToJsonString();
            for (var i = 0; i < names.Count; i++)
                json = json.Replace(names[i], $"v{i + 1}", StringComparison.Ordinal).Replace(names[i]["web-".Length..], $"v{i + 1}", StringComparison.Ordinal);
            text.Add(json);
        }

        return string.Join('\n', text);
    }

    private static JsonNode? Sorted(JsonNode? node) => node switch
    {
        JsonObject members => new JsonObject(members.OrderBy(member => member.Key, StringComparer.Ordinal).Select(member => KeyValuePair.Create(member.Key, Sorted(member.Value)))),
        JsonArray items => new JsonArray([.. items.Select(Sorted)]),
        _ => node?.DeepClone(),
    };
}
