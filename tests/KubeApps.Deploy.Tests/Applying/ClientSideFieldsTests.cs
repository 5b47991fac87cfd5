using System.Text.Json.Nodes;
using KubeApps.Deploy.Api;
using KubeApps.Deploy.Planning;
using static KubeApps.Deploy.Tests.SandboxCluster;

namespace KubeApps.Deploy.Tests.Applying;

public class ClientSideFieldsTests
{
    private static readonly JsonObject Desired = Parse("""{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web"},"spec":{"paused":true} }""");

    [Fact]
    public void Patch_NobodyWroteAsAClient_IsNone() => Assert.Null(ClientSideFields.Patch(Live(Entry("argocd", "Apply", "f:paused"), Entry("status-writer", "Update", "f:a")), Desired));

    [Fact]
    public void Patch_KubectlApplied_MakesItsFieldsOursForThisVersionAlone()
    {
        var patch = ClientSideFields.Patch(Live(Entry("kubectl-client-side-apply", "Update", "f:paused"), Entry("kube-controller-manager", "Update", "f:b")), Desired)!;

        Assert.Equal("kubeapp Apply f:paused; kube-controller-manager Update f:b", Text(patch));
        Assert.Equal("""{"op":"replace","path":"/metadata/resourceVersion","value":"7"}""", patch[1]!.ToJsonString());
    }

    [Fact]
    public void Patch_SeveralClients_AreUnitedWithWhatWeApplied()
    {
        var patch = ClientSideFields.Patch(
            Live(Entry("kubeapp", "Apply", "f:paused"), Entry("kubectl-client-side-apply", "Update", "f:paused", "f:a"), Entry("helm", "Update", "f:b")), Desired)!;

        Assert.Equal("kubeapp Apply f:paused,f:a,f:b", Text(patch));
    }

    [Fact]
    public void Patch_SubresourceAndOtherVersions_AreLeftOut()
    {
        var scale = Entry("kubectl", "Update", "f:replicas");
        scale["subresource"] = "scale";
        var old = Entry("kubectl-client-side-apply", "Update", "f:old");
        old["apiVersion"] = "extensions/v1beta1";

        var patch = ClientSideFields.Patch(Live(scale, old, Entry("kubectl-client-side-apply", "Update", "f:paused")), Desired)!;

        Assert.Equal("kubeapp Apply f:paused; kubectl Update f:replicas", Text(patch));
    }

    [Fact]
    public void Patch_ReplicasThatTheManifestLeavesToAnAutoscaler_StayWithWhoSetThem()
    {
        var patch = ClientSideFields.Patch(Live(Entry("kubectl-client-side-apply", "Update", "f:paused", "f:replicas")), Desired)!;

        Assert.Equal("kubeapp Apply f:paused; kubectl-client-side-apply Update f:replicas", Text(patch));
    }

    [Fact]
    public void ManagersOf_WhatWeApplied_IsLeftAloneUnlessForced()
    {
        var live = Live(Entry("kubeapp", "Apply", "f:paused"), Entry("kubectl-edit", "Update", "f:a"));

        Assert.Empty(ClientSideFields.ManagersOf(live, ApplyPolicy.Careful));
        Assert.Equal(["kubectl-edit"], ClientSideFields.ManagersOf(live, new ApplyPolicy(ForceConflicts: true)));
    }

    // What a person did with kubectl is a client's write too; the time of a restart alone stays with kubectl, or pods would restart once more.
    [Fact]
    public void ManagersOf_WhatPeopleWroteWithKubectl_IsTakenAlongExceptRestarts()
    {
        var live = Live([.. new[] { "set", "patch", "label", "annotate", "rollout" }.Select(verb => Entry($"kubectl-{verb}", "Update", "f:a"))]);

        Assert.Equal(["kubectl-set", "kubectl-patch", "kubectl-label", "kubectl-annotate"], ClientSideFields.ManagersOf(live, ApplyPolicy.Careful));
    }

    [Theory]
    [InlineData("Deployment", "{}", "Foreground")]
    [InlineData("Job", "{}", "Background")]
    [InlineData("StatefulSet", """{"selector":{"matchLabels":{"app":"a"} },"serviceName":"old"}""", "Orphan")]
    [InlineData("StatefulSet", """{"selector":{"matchLabels":{"app":"b"} } }""", "Foreground")]
    [InlineData("StatefulSet", """{"selector":{"matchLabels":{"app":"b"} },"persistentVolumeClaimRetentionPolicy":{"whenDeleted":"Delete"} }""", null)]
    [InlineData("Service", """{"type":"ClusterIP"}""", "Background")]
    [InlineData("Service", """{"type":"LoadBalancer"}""", null)]
    [InlineData("StorageClass", "{}", "Background")]
    [InlineData("PriorityClass", "{}", "Background")]
    [InlineData("RoleBinding", "{}", "Background")]
    [InlineData("ClusterRoleBinding", "{}", "Background")]
    [InlineData("ConfigMap", "{}", "Background")]
    [InlineData("PersistentVolumeClaim", "{}", null)]
    [InlineData("Namespace", "{}", null)]
    [InlineData("CustomResourceDefinition", "{}", null)]
    public void Replacement_OfAKind_LosesNoData(string kind, string spec, string? propagation)
    {
        var live = Parse($$"""{"kind":"{{kind}}","metadata":{"uid":"u"},"spec":{{spec}} }""");
        var desired = Parse("""{"spec":{"selector":{"matchLabels":{"app":"a"} } } }""");

        Assert.Equal(propagation, Replacement.Of(live, desired)?.Propagation);
    }

    [Fact]
    public void ApplySet_OfAnApp_HasTheIdThatTheSpecificationWants()
    {
        var inventory = new Inventory("shop", "prod", "shop", null, "hash", true, null,
            [
                new InventoryItem(new ObjectId("apps/v1", "Deployment", "shop", "web"), "u"), new InventoryItem(new ObjectId("v1", "Service", "other", "web"), "u"),
                new InventoryItem(new ObjectId("v1", "Namespace", null, "shop"), "u"),
            ],
            []);

        var metadata = inventory.ToObject()["metadata"]!;

        // base64url(sha256("kubeapp-inventory-shop.shop.ConfigMap.")), without padding.
        Assert.Equal("applyset-M6pukfywIjJW_-shDtAq-duEzCsuPpBzosjry1EqL_U-v1", (string?)metadata["labels"]!["applyset.kubernetes.io/id"]);
        Assert.Equal("Deployment.apps,Service", (string?)metadata["annotations"]!["applyset.kubernetes.io/contains-group-kinds"]);
        Assert.Equal("other", (string?)metadata["annotations"]!["applyset.kubernetes.io/additional-namespaces"]);
        Assert.Matches(@"^kubeapp/v\d+\.\d+\.\d+", (string?)metadata["annotations"]!["applyset.kubernetes.io/tooling"]);
    }

    private static JsonObject Live(params JsonObject[] entries) =>
        new() { ["metadata"] = new JsonObject { ["resourceVersion"] = "7", ["managedFields"] = new JsonArray([.. entries]) } };

    private static JsonObject Entry(string manager, string operation, params string[] fields) => new()
    {
        ["manager"] = manager,
        ["operation"] = operation,
        ["apiVersion"] = "apps/v1",
        ["fieldsV1"] = new JsonObject { ["f:spec"] = new JsonObject(fields.Select(field => KeyValuePair.Create(field, (JsonNode?)new JsonObject()))) },
    };

    private static string Text(JsonArray patch) => string.Join("; ", patch[0]!["value"]!.AsArray().Select(entry =>
        $"{entry!["manager"]} {entry["operation"]} {string.Join(',', entry["fieldsV1"]!["f:spec"]!.AsObject().Select(field => field.Key))}"));
}
