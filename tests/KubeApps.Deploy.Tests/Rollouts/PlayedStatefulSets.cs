using System.Text.Json.Nodes;
using KubeApps.Deploy.Api;
using KubeApps.Deploy.Rollouts;

namespace KubeApps.Deploy.Tests.Rollouts;

/// <summary>
/// Plays Kubernetes' StatefulSet controller in one namespace of the sandbox, which has none: as it is in version 1.34, for sets that make their pods in order and
/// replace them from the last to the first. The pods really run.
/// </summary>
internal sealed class PlayedStatefulSets : IAsyncDisposable
{
    private readonly KubeClient _client;
    private readonly string _ns;
    private readonly CancellationTokenSource _stop = new();
    private readonly List<(string Set, JsonNode Template)> _revisions = [];
    private readonly Task _playing;

    public PlayedStatefulSets(KubeClient client, string ns)
    {
        (_client, _ns) = (client, ns);
        _playing = PlayAsync(_stop.Token);
    }

    /// <summary>The sandbox says of each StatefulSet that nothing will come of it; of one that says so itself it does not.</summary>
    public static JsonObject Annotations => new()
    {
        ["sandbox.kubeapps.dev/not-run"] = "The sandbox does not run StatefulSets: it has stored this one, and nothing else will happen.",
    };

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _playing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private async Task PlayAsync(CancellationToken token)
    {
        while (true)
        {
            foreach (var set in (await _client.ListAsync(ResourceType.StatefulSet, _ns, null, token)).Items)
            {
                var pods = await PodsOfAsync(set, token);
                var revision = RevisionOf(set);
                await GoOnAsync(set, pods, revision, token);
                await TellAsync(set, await PodsOfAsync(set, token), revision, token);
            }

            await Task.Delay(100, token);
        }
    }

    // The order of https://github.com/kubernetes/kubernetes/blob/v1.34.0/pkg/controller/statefulset/stateful_set_control.go : one thing at a time.
    private async Task GoOnAsync(JsonObject set, Dictionary<string, JsonObject> pods, string revision, CancellationToken token)
    {
        List<string> names = [.. Enumerable.Range(0, (int)set["spec"]!["replicas"]!).Select(ordinal => $"{set["metadata"]!["name"]}-{ordinal}")];
        foreach (var name in names)
            if (!pods.TryGetValue(name, out var pod))
            {
                await _client.CreateAsync(ResourceType.Pod, PodOf(set, name, revision), token);
                return;
            }
            else if (pod["metadata"]!["deletionTimestamp"] is not null || !IsReady(pod))
            {
                return;
            }

        if (names.AsEnumerable().Reverse().Select(name => pods[name]).FirstOrDefault(pod => HashOf(pod) != revision) is { } old)
            await _client.DeleteAsync(ResourceType.Pod, _ns, (string)old["metadata"]!["name"]!, (string)old["metadata"]!["uid"]!, "Background", token);
    }

    private async Task TellAsync(JsonObject set, Dictionary<string, JsonObject> pods, string revision, CancellationToken token)
    {
        var isUpdated = pods.Values.All(pod => IsReady(pod) && HashOf(pod) == revision);
        var status = new JsonObject
        {
            ["observedGeneration"] = set["metadata"]!["generation"]!.DeepClone(),
            ["replicas"] = pods.Count,
            ["readyReplicas"] = pods.Values.Count(IsReady),
            ["updatedReplicas"] = pods.Values.Count(pod => HashOf(pod) == revision),
            ["updateRevision"] = revision,
            ["currentRevision"] = isUpdated ? revision : set["status"]?["currentRevision"]?.DeepClone() ?? revision,
        };
        if (!JsonNode.DeepEquals(status, set["status"]))
            await _client.SendAsync(
                HttpMethod.Patch, $"{ResourceType.StatefulSet.ObjectPath(_ns, (string)set["metadata"]!["name"]!)}/status", new JsonObject { ["status"] = status }, token,
                "application/merge-patch+json");
    }

    private async Task<Dictionary<string, JsonObject>> PodsOfAsync(JsonObject set, CancellationToken token) =>
        (await _client.ListAsync(ResourceType.Pod, _ns, null, token)).Items
            .Where(pod => (string?)pod["metadata"]!["ownerReferences"]?[0]?["uid"] == (string?)set["metadata"]!["uid"])
            .ToDictionary(pod => (string)pod["metadata"]!["name"]!);

    private JsonObject PodOf(JsonObject set, string name, string revision)
    {
        var template = set["spec"]!["template"]!;
        var labels = template["metadata"]!["labels"]!.DeepClone();
        labels["controller-revision-hash"] = revision;
        return new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Pod",
            ["metadata"] = new JsonObject
            {
                ["name"] = name,
                ["namespace"] = _ns,
                ["labels"] = labels,
                ["ownerReferences"] = new JsonArray(new JsonObject
                {
                    ["apiVersion"] = "apps/v1",
                    ["kind"] = "StatefulSet",
                    ["name"] = set["metadata"]!["name"]!.DeepClone(),
                    ["uid"] = set["metadata"]!["uid"]!.DeepClone(),
                    ["controller"] = true,
                }),
            },
            ["spec"] = template["spec"]!.DeepClone(),
        };
    }

    // A template that was there before is that revision again.
    private string RevisionOf(JsonObject set)
    {
        var (name, template) = ((string)set["metadata"]!["name"]!, set["spec"]!["template"]!);
        var known = _revisions.FindIndex(item => item.Set == name && JsonNode.DeepEquals(item.Template, template));
        if (known < 0)
        {
            known = _revisions.Count;
            _revisions.Add((name, template));
        }

        return $"{name}-{known + 1}";
    }

    private static bool IsReady(JsonObject pod) => WorkloadStatus.HasCondition(pod, "Ready");

    private static string? HashOf(JsonObject pod) => (string?)pod["metadata"]!["labels"]!["controller-revision-hash"];
}
