using System.Text.Json.Nodes;

namespace KubeApps.Sandbox.Tests.Recorded;

/// <summary>A difference that is meant: in which case, where (a prefix of the path), and why.</summary>
internal sealed record KnownDifference(string What, string Path, string Why);

/// <summary>The reviewed list of differences between the sandbox and the recording, and the slips of the recording itself.</summary>
internal static class KnownDifferences
{
    private const string NotServed = "not served by the sandbox (501 where it is asked for), so not listed";
    private const string OwnIdentity = "the sandbox says what it is";
    private const string OneMore = "the recorded namespace held one object more than the recorded requests account for";

    public static readonly IReadOnlyList<KnownDifference> All =
    [
        new("list, limit 1", ".metadata.remainingItemCount: 5 → 4", OneMore),
        new("list, continue", ".metadata.remainingItemCount: 4 → 3", OneMore),
        new("deployments as table", ".rows[0].object.metadata.managedFields[kube-controller-manager Update status].fieldsV1.f:status.f:unavailableReplicas",
            "recorded in the moment between two writes of the controllers"),
        new("self subject access review", ".metadata.managedFields", "a review is not stored: nobody can own its fields"),
        new("version", ".gitVersion", OwnIdentity),
        new("version", ".gitCommit", OwnIdentity),
        new("version", ".goVersion", OwnIdentity),
        new("version", ".compiler", OwnIdentity),
        .. Unserved("api groups, aggregated", ".items[apiregistration.k8s.io]", ".items[events.k8s.io]", ".items[certificates.k8s.io]",
            ".items[admissionregistration.k8s.io]", ".items[scheduling.k8s.io]", ".items[node.k8s.io]", ".items[resource.k8s.io]",
            ".items[flowcontrol.apiserver.k8s.io]", ".items[authentication.k8s.io].versions[0].resources[tokenreviews]",
            ".items[authorization.k8s.io].versions[0].resources[localsubjectaccessreviews]",
            ".items[authorization.k8s.io].versions[0].resources[subjectaccessreviews]", ".items[autoscaling].versions[1]"),
        new("api groups, aggregated", ".items[example.com]: missing", "the real server lists a new group a moment later"),
        .. Unserved("core, aggregated", ".items[0].versions[0].resources[bindings]", ".items[0].versions[0].resources[componentstatuses]",
            ".items[0].versions[0].resources[nodes].subresources[proxy]", ".items[0].versions[0].resources[pods].subresources[attach]",
            ".items[0].versions[0].resources[pods].subresources[binding]", ".items[0].versions[0].resources[pods].subresources[ephemeralcontainers]",
            ".items[0].versions[0].resources[pods].subresources[exec]", ".items[0].versions[0].resources[pods].subresources[proxy]", ".items[0].versions[0].resources[pods].subresources[resize]",
            ".items[0].versions[0].resources[serviceaccounts].subresources", ".items[0].versions[0].resources[services].subresources[proxy]"),
    ];

    public static KnownDifference? Find(string what, string difference) =>
        All.FirstOrDefault(known => known.What == what && difference.StartsWith(known.Path, StringComparison.Ordinal));

    private static IEnumerable<KnownDifference> Unserved(string what, params string[] paths) => paths.Select(path => new KnownDifference(what, path, NotServed));

    /// <summary>The recorder kept references to bodies that it changed later; this is what was really sent and answered.</summary>
    public static void Amend(string what, JsonObject recorded)
    {
        switch (what)
        {
            case "create":
                recorded["response"]!["body"]!["data"]!["k"] = "v";
                break;
            case "update":
                recorded["request"]!["body"]!["data"]!["k"] = "v2";
                break;
            case "job":
                recorded["request"]!["body"]!["spec"]!["template"]!["spec"]!["containers"]![0]!["image"] = "registry.local:5000/team/web:1";
                break;
        }
    }
}
