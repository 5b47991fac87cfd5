using System.Text.Json.Nodes;
using KubeApps.Bundles;
using KubeApps.Deploy.Api;
using KubeApps.Deploy.Planning;
using KubeApps.Deploy.Planning.Fields;
using KubeApps.Deploy.Revisions;
using KubeApps.Events;
using static KubeApps.Deploy.Tests.SandboxCluster;

namespace KubeApps.Deploy.Tests.Applying;

/// <summary>Objects and fields that others have a hand in, on a real server.</summary>
public sealed class ForeignObjectTests(SandboxCluster cluster) : IClassFixture<SandboxCluster>
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Deploy_ObjectsOfSomebodyElse_NamesThemAllAndTouchesNone()
    {
        await NamespaceAsync("foreign");
        await WriteAsync("foreign", "one", "kubectl-create");
        await WriteAsync("foreign", "two", "helm");

        var result = await DeployAsync(Bundle("foreign", Patience, Config("one"), Config("two"), Config("three")));

        Assert.Equal(1, result.ExitCode);
        Assert.Equal(["KUBEAPP5012", "KUBEAPP5012"], result.Diagnostics.Select(item => item.Code));
        Assert.Matches(@"^ConfigMap foreign/one exists and was not made by this app \(managed by kubectl-create, created \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC\)\.$", result.Diagnostics[0].Cause);
        Assert.Contains("managed by helm", result.Diagnostics[1].Cause, StringComparison.Ordinal);
        Assert.False(result.HasApplied);
        Assert.Null(await GetAsync("foreign", "three"));
    }

    [Fact]
    public async Task Deploy_ObjectOfAnotherApp_IsNotTaken()
    {
        await DeployAsync(Bundle("neighbours", Patience, Config("shared")));
        var other = Bundle("other", Patience, Config("shared"));

        var result = await new Deployer(cluster.Connection, _ => null).RunAsync(new DeployRequest(other, "local", "neighbours"), new EventLog(), Token);

        Assert.Contains("ConfigMap neighbours/shared exists and belongs to another app", Assert.Single(result.Diagnostics).Cause, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Deploy_InventoryWasLost_KnowsItsOwnObjects()
    {
        var bundle = Bundle("forgotten", Patience, Config("settings"));
        await DeployAsync(bundle);
        var inventory = await GetAsync("forgotten", Inventory.NameOf("forgotten"));
        await cluster.Client.DeleteAsync(ResourceType.ConfigMap, "forgotten", Inventory.NameOf("forgotten"), (string)inventory!["metadata"]!["uid"]!, "Background", Token);

        Assert.Equal(DeployOutcome.Deployed, (await DeployAsync(bundle)).Outcome);
    }

    [Fact]
    public async Task Deploy_ObjectWasMadeAnewByHand_IsForeign()
    {
        var bundle = Bundle("remade", Patience, Config("settings"));
        await DeployAsync(bundle);
        await cluster.Client.DeleteAsync(
            ResourceType.ConfigMap, "remade", "settings", (string)(await GetAsync("remade", "settings"))!["metadata"]!["uid"]!, "Background", Token);
        await WriteAsync("remade", "settings", "kubectl-create");

        Assert.Equal("KUBEAPP5012", Assert.Single((await DeployAsync(bundle)).Diagnostics).Code);
        Assert.Equal(DeployOutcome.Deployed, (await DeployAsync(bundle, new ApplyPolicy(Adopt: true))).Outcome);
        Assert.Equal(DeployOutcome.Unchanged, (await DeployAsync(bundle)).Outcome);
    }

    [Fact]
    public async Task Deploy_AdoptsWhatKubectlApplied_RemovesWhatItDoesNotHaveAndDoublesNothing()
    {
        await NamespaceAsync("kubectl");
        var (_, theirs) = cluster.Web(1, "settings");
        theirs["metadata"]!["namespace"] = "kubectl";
        theirs["metadata"]!["labels"] = new JsonObject { ["team"] = "old" };
        var container = theirs["spec"]!["template"]!["spec"]!["containers"]![0]!;
        container["env"]!.AsArray().Add(new JsonObject { ["name"] = "OLD", ["value"] = "1" });
        container["ports"]!.AsArray().Add(new JsonObject { ["name"] = "admin", ["containerPort"] = 9000 });
        theirs["spec"]!["progressDeadlineSeconds"] = 77;
        await cluster.KubectlAsync("apply -f -", theirs.ToJsonString());
        var (phase, ours) = cluster.Web(1, "settings");
        ours["spec"]!.AsObject().Remove("progressDeadlineSeconds");
        var bundle = Bundle("kubectl", Patience, Config("settings"), (phase, ours));
        var log = new EventLog();

        // Defaults that the server fills in again are no loss; a default in the place of a value is a change.
        var plan = (await PlanAsync(bundle, new ApplyPolicy(Adopt: true))).Plan!.Objects.Single(item => item.Id.Kind == "Deployment");
        const string Web = "spec.template.spec.containers[web]";
        Assert.Equal(
            ["metadata.labels", "spec.progressDeadlineSeconds", $"{Web}.env[OLD]", $"{Web}.ports[9000/TCP]"],
            plan.Fields.Select(field => field.Path.StartsWith("metadata.labels", StringComparison.Ordinal) ? "metadata.labels" : field.Path).Distinct().Order(StringComparer.Ordinal));
        Assert.Equal("takes over what kubectl-client-side-apply wrote", plan.Note);

        var result = await DeployAsync(bundle, new ApplyPolicy(Adopt: true), log);

        Assert.Equal(DeployOutcome.Deployed, result.Outcome);
        Assert.Contains(log.Events, item => item is DeployEvent.Note note && note.Text == "Took over what kubectl-client-side-apply wrote to Deployment kubectl/web.");
        var stored = (await cluster.Client.GetAsync(ResourceType.Deployment, "kubectl", "web", Token))!;
        Assert.Null(stored["metadata"]!["labels"]!["team"]);
        Assert.Null(stored["metadata"]!["annotations"]?["kubectl.kubernetes.io/last-applied-configuration"]);
        container = stored["spec"]!["template"]!["spec"]!["containers"]![0]!;
        Assert.Equal(["GREETING"], container["env"]!.AsArray().Select(item => (string?)item!["name"]));
        Assert.Equal(["http"], container["ports"]!.AsArray().Select(item => (string?)item!["name"]));
        Assert.Equal("kubeapp", Ownership.ManagersOf(stored));
        Assert.Equal(600, (int?)stored["spec"]!["progressDeadlineSeconds"]);
        Assert.Equal(DeployOutcome.Unchanged, (await DeployAsync(bundle)).Outcome);
    }

    [Fact]
    public async Task Rollback_ToBeforeTheAdoption_LeavesWhatWasAdopted()
    {
        await DeployAsync(Bundle("returned", Patience, Config("own")));
        await WriteAsync("returned", "theirs", "kubectl-create");
        var adopted = await DeployAsync(Bundle("returned", Patience, Config("own"), Config("more"), Config("theirs")), new ApplyPolicy(Adopt: true));
        Assert.Equal(DeployOutcome.Deployed, adopted.Outcome);
        var inventory = Inventory.FromObject(await GetAsync("returned", Inventory.NameOf("returned")))!;
        var target = await Rollback.FindTargetAsync(cluster.Client, inventory, null, Token);

        var back = await new Deployer(cluster.Connection, _ => null).RunAsync(Rollback.To(target, new Author("jane", null)), new EventLog(), Token);

        Assert.Equal(DeployOutcome.Deployed, back.Outcome);
        Assert.Null(await GetAsync("returned", "more"));
        Assert.NotNull(await GetAsync("returned", "theirs"));
    }

    [Fact]
    public async Task Deploy_AdoptsWhatHelmInstalled_TakesItsLabelsAndAnnotationsAway()
    {
        await NamespaceAsync("helmed");
        await WriteAsync("helmed", "settings", "helm", """{"labels":{"app.kubernetes.io/managed-by":"Helm"},"annotations":{"meta.helm.sh/release-name":"shop"} }""");

        await DeployAsync(Bundle("helmed", Patience, Config("settings")), new ApplyPolicy(Adopt: true));

        var stored = (await GetAsync("helmed", "settings"))!;
        Assert.Null(stored["metadata"]!["annotations"]);
        Assert.Equal([ApplySet.PartOf], stored["metadata"]!["labels"]!.AsObject().Select(label => label.Key));
        Assert.Equal("""{"greeting":"hello"}""", stored["data"]!.ToJsonString());
    }

    [Theory]
    // Helm 3 writes as a client does, Helm 4 has the server apply.
    [InlineData("helm-three", false)]
    [InlineData("helm-four", true)]
    public async Task Deploy_AdoptsAServiceOfHelm_KeepsItsPortAndLeavesNothingOfHelm(string ns, bool appliesOnServer)
    {
        await NamespaceAsync(ns);
        var port = appliesOnServer ? 31877 : 31876;
        var theirs = Parse($$"""
            {"apiVersion":"v1","kind":"Service","metadata":{"name":"web","namespace":"{{ns}}","labels":{"app.kubernetes.io/managed-by":"Helm","chart":"shop-1"},
              "annotations":{"meta.helm.sh/release-name":"shop","meta.helm.sh/release-namespace":"{{ns}}"} },
             "spec":{"type":"NodePort","selector":{"app":"web","old":"1"},"ports":[{"name":"http","port":80,"nodePort":{{port}} },{"name":"admin","port":9000}]} }
            """);
        await (appliesOnServer
            ? cluster.Client.ApplyAsync(ResourceType.Service, theirs, false, Token, manager: "helm")
            : cluster.Client.SendAsync(HttpMethod.Post, $"/api/v1/namespaces/{ns}/services?fieldManager=helm", theirs, Token));
        var uid = (string?)(await cluster.Client.GetAsync(ResourceType.Service, ns, "web", Token))!["metadata"]!["uid"];
        var ours = ("main", Parse($$"""
            {"apiVersion":"v1","kind":"Service","metadata":{"name":"web"},"spec":{"type":"NodePort","selector":{"app":"web"},"ports":[{"name":"http","port":80,"nodePort":{{port}} }]} }
            """));

        // The server cannot try it beside the one that has the port.
        var plan = await PlanAsync(Bundle(ns, Patience, ours), new ApplyPolicy(Adopt: true));
        Assert.True(plan.ExitCode == 0, string.Join("\n", plan.Diagnostics));
        Assert.Equal("takes over what helm wrote", Assert.Single(plan.Plan!.Objects).Note);
        Assert.Equal(DeployOutcome.Deployed, (await DeployAsync(Bundle(ns, Patience, ours), new ApplyPolicy(Adopt: true))).Outcome);

        var stored = (await cluster.Client.GetAsync(ResourceType.Service, ns, "web", Token))!;
        Assert.Equal(uid, (string?)stored["metadata"]!["uid"]);
        // The sandbox writes its address there.
        Assert.DoesNotContain("meta.helm.sh", stored["metadata"]!["annotations"]?.ToJsonString() ?? "", StringComparison.Ordinal);
        Assert.Equal([ApplySet.PartOf], stored["metadata"]!["labels"]!.AsObject().Select(label => label.Key));
        Assert.Equal([(80, port)], stored["spec"]!["ports"]!.AsArray().Select(item => ((int)item!["port"]!, (int)item["nodePort"]!)));
        Assert.Equal("""{"app":"web"}""", stored["spec"]!["selector"]!.ToJsonString());
        Assert.DoesNotContain("helm", Ownership.ManagersOf(stored), StringComparison.Ordinal);
        Assert.Equal(DeployOutcome.Unchanged, (await DeployAsync(Bundle(ns, Patience, ours))).Outcome);
    }

    [Fact]
    public async Task Deploy_ForcesConflicts_TakesTheFieldsAndSaysFromWhom()
    {
        var bundle = Bundle("forced", Patience, Config("one"), Config("two"));
        await DeployAsync(bundle);
        foreach (var name in (string[])["one", "two"])
            await cluster.Client.SendAsync(
                HttpMethod.Patch, $"/api/v1/namespaces/forced/configmaps/{name}?fieldManager=somebody&force=true",
                Parse($$"""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"{{name}}","namespace":"forced"},"data":{"greeting":"theirs"} }"""), Token, "application/apply-patch+yaml");

        var refused = await DeployAsync(bundle);
        Assert.Equal(["KUBEAPP5002", "KUBEAPP5002"], refused.Diagnostics.Select(item => item.Code));
        Assert.Equal("ConfigMap forced/one: data.greeting belongs to somebody, is \"theirs\" and would become \"hello\".", refused.Diagnostics[0].Cause);
        Assert.False(refused.HasApplied);
        var log = new EventLog();
        var forced = await DeployAsync(bundle, new ApplyPolicy(ForceConflicts: true), log);

        Assert.Equal(DeployOutcome.Deployed, forced.Outcome);
        Assert.Contains(log.Events, item => item is DeployEvent.Note note && note.Text == "Took data.greeting of ConfigMap forced/one from somebody.");
        Assert.Equal("hello", (string?)(await GetAsync("forced", "two"))!["data"]!["greeting"]);
        Assert.Equal(DeployOutcome.Unchanged, (await DeployAsync(bundle)).Outcome);
    }

    [Fact]
    public async Task Plan_OfWhatOthersHaveAHandIn_ShowsTheDifferencesAndWhyItStops()
    {
        static (string, JsonObject) Fixed(string value) =>
            ("main", Parse($$"""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"fixed"},"immutable":true,"data":{"a":"{{value}}"} }"""));
        await DeployAsync(Bundle("barred", Patience, Fixed("1"), cluster.Web(1)));
        await cluster.KubectlAsync("scale deployment web -n barred --replicas=3");
        await WriteAsync("barred", "theirs", "helm");

        var plan = await PlanAsync(Bundle("barred", Patience, Fixed("2"), cluster.Web(2), Config("theirs")), ApplyPolicy.Careful);

        Assert.Equal((DeployOutcome.Planned, 1), (plan.Outcome, plan.ExitCode));
        Assert.Equal(["KUBEAPP5003", "KUBEAPP5002", "KUBEAPP5012"], plan.Diagnostics.Select(item => item.Code));
        Assert.Equal(plan.Diagnostics.Select(item => item.Cause), plan.Plan!.Obstacles.Select(item => item.Cause));
        Assert.Equal(
            [
                "ConfigMap barred/fixed Changed data.a 1 → 2 (cannot be changed, needs --replace)",
                "Deployment barred/web Changed spec.replicas 3 → 2 ()",
                "ConfigMap barred/theirs Changed metadata.labels  → {}, data.old 1 →  (was not made by this app, needs --adopt)",
            ],
            plan.Plan.Objects.Select(item => $"{item.Id} {item.Change} {string.Join(", ", item.Fields.Select(field => $"{field.Path} {field.Old} → {(field.New is JsonObject ? "{}" : field.New)}"))} ({item.Note})"));
        Assert.Equal(new FieldConflict("spec.replicas", "kubectl", 3, 2, false, false).ToString(), Assert.Single(plan.Plan.Objects[1].Conflicts).ToString());

        var forced = await PlanAsync(Bundle("barred", Patience, Fixed("2"), cluster.Web(2), Config("theirs")), new ApplyPolicy(true, true, true));
        Assert.Equal((DeployOutcome.Planned, 0), (forced.Outcome, forced.ExitCode));
        Assert.True(Assert.Single(forced.Plan!.Objects[1].Conflicts).IsTaken);
        Assert.Equal("theirs", (await DeployAsync(Bundle("barred", Patience, Fixed("2"), cluster.Web(2), Config("theirs")), new ApplyPolicy(true, true, true))).Changes[^1].Name);
    }

    [Fact]
    public async Task Deploy_ImmutableData_NamesReplaceAndReplacesOnlyWhenAsked()
    {
        static (string, JsonObject) Immutable(string value) =>
            ("main", Parse($$"""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"fixed"},"immutable":true,"data":{"a":"{{value}}"} }"""));
        await DeployAsync(Bundle("fixed", Patience, Immutable("1")));
        var before = (string?)(await GetAsync("fixed", "fixed"))!["metadata"]!["uid"];

        var refused = await DeployAsync(Bundle("fixed", Patience, Immutable("2")));
        Assert.Equal("KUBEAPP5003", Assert.Single(refused.Diagnostics).Code);
        Assert.Contains("--replace", refused.Diagnostics[0].NextStep, StringComparison.Ordinal);
        var replaced = await DeployAsync(Bundle("fixed", Patience, Immutable("2")), new ApplyPolicy(Replace: true));

        Assert.Equal(DeployOutcome.Deployed, replaced.Outcome);
        Assert.Contains(replaced.Changes, change => change is { Name: "fixed", Change: ResourceChange.Replaced });
        var after = (await GetAsync("fixed", "fixed"))!;
        Assert.Equal("2", (string?)after["data"]!["a"]);
        Assert.NotEqual(before, (string?)after["metadata"]!["uid"]);
    }

    [Fact]
    public async Task Deploy_ReplacementThatTheServerRefuses_DeletesNothing()
    {
        await DeployAsync(Bundle("kept", Patience, cluster.Web(1)));
        var (phase, changed) = cluster.Web(1);
        changed["spec"]!["selector"]!["matchLabels"]!["app"] = "other";

        // The template's labels do not match the new selector.
        var result = await DeployAsync(Bundle("kept", Patience, (phase, changed)), new ApplyPolicy(Replace: true));

        Assert.Equal("KUBEAPP5001", Assert.Single(result.Diagnostics).Code);
        Assert.NotNull(await cluster.Client.GetAsync(ResourceType.Deployment, "kept", "web", Token));
    }

    [Fact]
    public async Task Deploy_SelectorChangesWithReplace_MakesTheDeploymentAnew()
    {
        await DeployAsync(Bundle("reselected", Patience, cluster.Web(1)));
        var (phase, changed) = cluster.Web(1);
        changed["spec"]!["selector"]!["matchLabels"]!["app"] = "other";
        changed["spec"]!["template"]!["metadata"]!["labels"]!["app"] = "other";

        var result = await DeployAsync(Bundle("reselected", Patience, (phase, changed)), new ApplyPolicy(Replace: true));

        Assert.Equal(DeployOutcome.Deployed, result.Outcome);
        var (pods, _) = await cluster.Client.ListAsync(ResourceType.Pod, "reselected", null, Token);
        Assert.Equal("other", (string?)Assert.Single(pods)["metadata"]!["labels"]!["app"]);
    }

    [Fact]
    public async Task Deploy_ByAVersionWithoutSets_ChangesLabelsAloneWhenDeployedAgain()
    {
        var bundle = Bundle("older", Patience, cluster.Web(1));
        await DeployAsync(bundle);
        var older = (await cluster.Client.GetAsync(ResourceType.Deployment, "older", "web", Token))!;
        var content = (JsonObject)bundle.Environments[0].Objects[0].Content.DeepClone();
        content["metadata"]!["namespace"] = "older";
        await cluster.Client.ApplyAsync(ResourceType.Deployment, content, false, Token);

        var result = await DeployAsync(bundle);

        Assert.Equal(DeployOutcome.Deployed, result.Outcome);
        var newer = (await cluster.Client.GetAsync(ResourceType.Deployment, "older", "web", Token))!;
        Assert.Equal(ApplySet.IdOf("older", "older"), (string?)newer["metadata"]!["labels"]![ApplySet.PartOf]);
        Assert.Equal((int)older["metadata"]!["generation"]!, (int)newer["metadata"]!["generation"]!);
        Assert.Contains("web", await cluster.KubectlAsync($"get deployments -n older -o name -l {ApplySet.PartOf}={ApplySet.IdOf("older", "older")}"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Inventory_AsKubectlSeesIt_IsASetOfOursThatAnotherToolCanTakeAndTheNextDeployTakesBack()
    {
        const string Apply = "apply -n sets --applyset configmap/kubeapp-inventory-sets --prune --dry-run=server -f -";
        const string Other = """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"other","namespace":"sets"}}""";
        await DeployAsync(Bundle("sets", Patience, Config("one"), Config("two"), WebService));

        var refused = await Assert.ThrowsAsync<Xunit.Sdk.TrueException>(() => cluster.KubectlAsync(Apply, Other));
        Assert.Contains("is managed by tooling \"kubeapp\" instead of \"kubectl\"", refused.Message, StringComparison.Ordinal);

        // Whoever insists finds the very members, and the parent of a set with the right name.
        await cluster.KubectlAsync("annotate configmap kubeapp-inventory-sets -n sets applyset.kubernetes.io/tooling=kubectl/v1.34.0 --overwrite");
        var pruned = (await cluster.KubectlAsync(Apply, Other)).Split('\n').Where(line => line.Contains(" pruned", StringComparison.Ordinal)).Order(StringComparer.Ordinal);
        Assert.Equal(["configmap/one pruned (server dry run)", "configmap/two pruned (server dry run)", "service/web pruned (server dry run)"], pruned);
        Assert.Equal(DeployOutcome.Deployed, (await DeployAsync(Bundle("sets", Patience, Config("one"), WebService))).Outcome);
        Assert.StartsWith(
            "kubeapp/", (string?)(await GetAsync("sets", Inventory.NameOf("sets")))!["metadata"]!["annotations"]!["applyset.kubernetes.io/tooling"], StringComparison.Ordinal);
    }

    private Task<DeployResult> DeployAsync(Bundle bundle, ApplyPolicy? policy = null, EventLog? log = null) => new Deployer(cluster.Connection, _ => null).RunAsync(
        new DeployRequest(bundle, "local") { Policy = policy ?? ApplyPolicy.Careful }, log ?? new EventLog(), Token);

    private Task<DeployResult> PlanAsync(Bundle bundle, ApplyPolicy policy) => new Deployer(cluster.Connection, _ => null).RunAsync(
        new DeployRequest(bundle, "local", DryRun: true) { Policy = policy }, new EventLog(), Token);

    private Task<JsonObject?> GetAsync(string ns, string name) => cluster.Client.GetAsync(ResourceType.ConfigMap, ns, name, Token);

    private async Task WriteAsync(string ns, string name, string manager, string metadata = "{}")
    {
        var content = Parse($$"""{"apiVersion":"v1","kind":"ConfigMap","metadata":{{metadata}},"data":{"greeting":"hello","old":"1"} }""");
        content["metadata"]!["name"] = name;
        await cluster.Client.SendAsync(HttpMethod.Post, $"/api/v1/namespaces/{ns}/configmaps?fieldManager={manager}", content, Token);
    }

    private async Task NamespaceAsync(string name) => await cluster.Client.ApplyAsync(
        ResourceType.Namespace, Parse($$"""{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"{{name}}"} }"""), false, Token);
}
