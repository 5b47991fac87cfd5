using KubeApps.Sandbox.Objects;

namespace KubeApps.Sandbox.Api.Http;

/// <summary>What Kubernetes has and the sandbox does not: a refusal that says so, instead of a 404 that looks like a mistake.</summary>
internal static class Unserved
{
    private const string EventsGroup = "events.k8s.io";
    private const string UseCluster = "use a cluster for it (an environment with a kubeconfig context)";

    private static readonly HashSet<string> Groups =
    [
        "admissionregistration.k8s.io", "apiregistration.k8s.io", "certificates.k8s.io", "flowcontrol.apiserver.k8s.io", "metrics.k8s.io",
        "node.k8s.io", "resource.k8s.io", "scheduling.k8s.io",
    ];

    private static readonly Dictionary<string, string> Subresources = new()
    {
        ["pods/attach"] = "read the output with 'kubectl logs -f'",
        ["pods/exec"] = "the containers are processes on this machine: use a shell here",
        ["pods/proxy"] = "the pod already listens on 127.0.0.1, at the port in its annotation sandbox.kubeapps.dev/ports",
        ["pods/binding"] = "the sandbox has one node and assigns pods itself",
        ["pods/ephemeralcontainers"] = "the containers are processes on this machine: debug them here",
        ["pods/resize"] = "change the resources in the workload's pod template",
        ["services/proxy"] = "the Service already listens on 127.0.0.1, at the address in its annotation kubeapps.dev/url",
        ["nodes/proxy"] = "the node of the sandbox is this machine",
        ["serviceaccounts/token"] = "pods of the sandbox do not call the API with tokens of their own",
    };

    public static ApiStatusException Resource(ResourcePath path) => path switch
    {
        { Group: "", Plural: "bindings" } => ApiErrors.NotServed("bindings", "the sandbox has one node and assigns pods itself"),
        { Group: "", Plural: "componentstatuses" } => ApiErrors.NotServed("componentstatuses", "ask /readyz"),
        { Group: EventsGroup } => EventsNotServed(),
        _ when Groups.Contains(path.Group) => ApiErrors.NotServed($"{path.Plural}.{path.Group}", UseCluster),
        { Group: "autoscaling", Version: not "v2" } => ApiErrors.NotServed($"autoscaling/{path.Version}", "use autoscaling/v2"),
        _ => ApiErrors.UnknownPath(),
    };

    public static ApiStatusException Subresource(ResourcePath path, string subresource)
    {
        var name = $"{path.Plural}/{subresource.Split('/')[0]}";
        return Subresources.TryGetValue(name, out var next) && path.Group.Length == 0 ? ApiErrors.NotServed(name, next) : ApiErrors.UnknownPath();
    }

    public static ApiStatusException? Group(string group, string version) => group == EventsGroup ? EventsNotServed()
        : Groups.Contains(group) ? ApiErrors.NotServed($"{group}/{version}", UseCluster)
        : null;

    /// <summary>What will not come of an object that was stored, said with the answer: nobody shall wait for it.</summary>
    public static IEnumerable<string> Warnings(ResourceType type, WriteResult result)
    {
        if (result.Created && ResourceTypes.WhyNotRun(type, result.Object) is { } why)
            yield return why;
        if (type != ResourceTypes.CustomResourceDefinition)
            yield break;
        var others = result.Object["spec"]!["versions"]!.AsArray()
            .Where(version => (bool?)version!["served"] == true && (bool?)version["storage"] != true).Select(version => (string?)version!["name"]).ToList();
        if (others.Count > 0)
            yield return $"The sandbox converts between no versions: of {result.Object["metadata"]!["name"]} it serves the storage version alone, not {string.Join(", ", others)}.";
    }

    private static ApiStatusException EventsNotServed() => ApiErrors.NotServed(EventsGroup, "the same events are served as events of v1");
}
