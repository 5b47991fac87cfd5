using System.Text.Json.Nodes;
using KubeApps.Bundles;
using KubeApps.Deploy.Api;
using KubeApps.Deploy.Planning.Saved;
using static KubeApps.Deploy.Tests.SandboxCluster;

namespace KubeApps.Deploy.Tests.Planning;

/// <summary>Plans of real live state, and deploys that are held to them.</summary>
public sealed class PlannedDeployTests(SandboxCluster cluster) : IClassFixture<SandboxCluster>
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Plan_OfAChange_TellsFieldsImagesAndReplacedConfiguration()
    {
        await DeployAsync(Bundle("changing", Patience, Settings("settings-00000000aa", "hello"), cluster.Web(1, "settings-00000000aa"), WebService, Settings("former", "x")));
        var (phase, web) = cluster.Web(2, "settings-00000000bb", cluster.Image + "-new");

        var plan = await PlanAsync(Bundle("changing", Patience, Settings("settings-00000000bb", "good day"), (phase, web), WebService));

        Assert.Equal(
            [
                "ConfigMap changing/settings-00000000bb Created settings-00000000aa: data.greeting hello → good day",
                $"Deployment changing/web Changed : spec.replicas 1 → 2, spec.template.spec.containers[web].image {cluster.Image} → {cluster.Image}-new, "
                    + "spec.template.spec.containers[web].env[GREETING].valueFrom.configMapKeyRef.name settings-00000000aa → settings-00000000bb",
                "Service changing/web Unchanged : ",
                "ConfigMap changing/former Deleted : ",
            ],
            plan.Plan!.Objects.Select(item => $"{item.Id} {item.Change} {item.Replaces}: {string.Join(", ", item.Fields.Select(field => $"{field.Path} {field.Old} → {field.New}"))}"));
        Assert.Equal(
            (cluster.Image, $"{cluster.Image}-new"),
            plan.Plan.Images.Select(image => (image.Old, image.New)).Single());
    }

    [Fact]
    public async Task Plan_OfASecret_HoldsNoValueInAnyForm()
    {
        var secret = ("main", Parse("""{"apiVersion":"v1","kind":"Secret","metadata":{"name":"raw"},"stringData":{"password":"hunter-old"}}"""));
        await DeployAsync(Bundle("masked", Patience, secret, DatabaseSecret, Settings("settings", "x")), "variable-old");
        var changed = ("main", Parse("""{"apiVersion":"v1","kind":"Secret","metadata":{"name":"raw"},"stringData":{"password":"hunter-new"}}"""));

        var plan = await PlanAsync(Bundle("masked", Patience, changed, DatabaseSecret, Settings("settings", "x")), "variable-new");

        var fields = plan.Plan!.Objects.Where(item => item.Id.Kind == "Secret").SelectMany(item => item.Fields).ToList();
        Assert.Contains(fields, field => field.Path == "data.password");
        Assert.All(fields, field => Assert.True(field.IsHidden));
        var text = SavedPlanFile.Text(plan.SavedPlan!);
        foreach (var value in (string[])["hunter-old", "hunter-new", "variable-old", "variable-new"])
        {
            Assert.DoesNotContain(value, text, StringComparison.Ordinal);
            Assert.DoesNotContain(Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(value)), text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Deploy_PlanThatHolds_DoesItAndCanBeRepeated()
    {
        var bundle = Bundle("held", Patience, DatabaseSecret, Settings("settings", "x"), cluster.Web(1), WebService);
        var plan = await SaveAsync(bundle, "one");

        Assert.Equal(DeployOutcome.Deployed, (await DeployAsync(bundle, "one", plan)).Outcome);
        // As after a run that was killed: what the plan wanted is there.
        Assert.Equal(DeployOutcome.Unchanged, (await DeployAsync(bundle, "one", plan)).Outcome);
    }

    [Fact]
    public async Task Deploy_PlanThatChangesASecretOfTheBundle_Holds()
    {
        static (string, JsonObject) Raw(string value) => ("main", Parse($$"""{"apiVersion":"v1","kind":"Secret","metadata":{"name":"raw"},"stringData":{"password":"{{value}}"} }"""));
        await DeployAsync(Bundle("rawsecret", Patience, Raw("one")));
        var bundle = Bundle("rawsecret", Patience, Raw("two"));

        Assert.Equal(DeployOutcome.Deployed, (await DeployAsync(bundle, plan: await SaveAsync(bundle))).Outcome);
    }

    [Fact]
    public async Task Deploy_FieldOfOursWasChangedSince_StopsAndSaysWhoDidIt()
    {
        var bundle = Bundle("drifted", Patience, Settings("settings", "one"), Settings("other", "one"));
        await DeployAsync(bundle);
        var plan = await SaveAsync(Bundle("drifted", Patience, Settings("settings", "two"), Settings("other", "one")));
        await ApplyAsync("drifted", Settings("other", "theirs").Content, "somebody");
        var versions = await VersionAsync("drifted", "settings");

        var result = await DeployAsync(Bundle("drifted", Patience, Settings("settings", "two"), Settings("other", "one")), plan: plan);

        var diagnostic = Assert.Single(result.Diagnostics);
        Assert.Equal("KUBEAPP2023", diagnostic.Code);
        Assert.Matches("""\AConfigMap drifted/other: data\.greeting was "one", is "theirs" \(by somebody at [0-9T:-]+Z\)\.\z""", diagnostic.Cause);
        Assert.Equal(versions, await VersionAsync("drifted", "settings"));
    }

    [Fact]
    public async Task Deploy_WhatThePlanDeletesWasChangedSince_StopsAndSaysWhoDidIt()
    {
        await DeployAsync(Bundle("needed", Patience, Settings("settings", "one"), Settings("other", "one")));
        var wanted = Bundle("needed", Patience, Settings("settings", "two"));
        var plan = await SaveAsync(wanted);
        await ApplyAsync("needed", Settings("other", "theirs").Content, "somebody");

        var diagnostic = Assert.Single((await DeployAsync(wanted, plan: plan)).Diagnostics);

        Assert.Equal("KUBEAPP2023", diagnostic.Code);
        Assert.Matches("""\AConfigMap needed/other: data\.greeting was "one", is "theirs" \(by somebody at [0-9T:-]+Z\)\.\z""", diagnostic.Cause);
        Assert.NotNull(await cluster.Client.GetAsync(ResourceType.ConfigMap, "needed", "other", Token));
        Assert.Equal(DeployOutcome.Deployed, (await DeployAsync(wanted, plan: await SaveAsync(wanted))).Outcome);
        Assert.Null(await cluster.Client.GetAsync(ResourceType.ConfigMap, "needed", "other", Token));
    }

    [Fact]
    public async Task Deploy_FieldsChangedSince_NamesEachWithOldAndNewValueAndTheManager()
    {
        var bundle = Bundle("patched", Patience, Settings("settings", "one"), Settings("other", "one"));
        await DeployAsync(bundle);
        var wanted = Bundle("patched", Patience, Settings("settings", "two"), Settings("other", "one"));
        var plan = await SaveAsync(wanted);
        // Another run of the same tool, with another version.
        await ApplyAsync("patched", Settings("settings", "three").Content, KubeClient.FieldManager);
        await cluster.Client.DeleteAsync(ResourceType.ConfigMap, "patched", "other", await UidAsync("patched", "other"), "Background", Token);

        var diagnostic = Assert.Single((await DeployAsync(wanted, plan: plan)).Diagnostics);

        Assert.Equal("KUBEAPP2023", diagnostic.Code);
        Assert.Matches("""\AConfigMap patched/settings: data\.greeting was "one", is "three" \(by kubeapp at [0-9T:-]+Z\); """, diagnostic.Cause);
        Assert.EndsWith("; ConfigMap patched/other was there, and is gone.", diagnostic.Cause, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Deploy_FieldsOfOthersChangedSince_GoesOn()
    {
        await DeployAsync(Bundle("busy", Patience, Settings("settings", "one")));
        var wanted = Bundle("busy", Patience, Settings("settings", "two"));
        var plan = await SaveAsync(wanted);
        await ApplyAsync("busy", Parse("""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"settings","annotations":{"seen":"yes"}},"data":{"theirs":"1"}}"""), "somebody");

        Assert.Equal(DeployOutcome.Deployed, (await DeployAsync(wanted, plan: plan)).Outcome);
    }

    [Fact]
    public async Task Deploy_AnObjectAppearedSince_StopsAndSaysWhoMadeIt()
    {
        await DeployAsync(Bundle("appeared", Patience, Settings("settings", "one")));
        var wanted = Bundle("appeared", Patience, Settings("settings", "one"), Settings("more", "one"));
        var plan = await SaveAsync(wanted);
        await ApplyAsync("appeared", Parse("""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"more"},"data":{"theirs":"1"}}"""), "somebody");

        var diagnostic = Assert.Single((await DeployAsync(wanted, plan: plan)).Diagnostics);

        Assert.Equal("KUBEAPP2023", diagnostic.Code);
        Assert.StartsWith("ConfigMap appeared/more was not there, and is now (by somebody at ", diagnostic.Cause, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Deploy_AnotherBundleSecretOrTarget_StopsWithTheCodeOfEach()
    {
        var bundle = Bundle("bound", Patience, DatabaseSecret, Settings("settings", "one")) with
        {
            Images = new Dictionary<string, BundleImage> { ["web"] = new("repo", null, "sha256:1", []) },
        };
        await DeployAsync(bundle, "one");
        var plan = await SaveAsync(bundle, "one");

        var image = await DeployAsync(bundle with { Images = new Dictionary<string, BundleImage> { ["web"] = new("repo", null, "sha256:2", []) } }, "one", plan);
        var content = await DeployAsync(Bundle("bound", Patience, DatabaseSecret, Settings("settings", "two"), Settings("more", "x")) with { Images = bundle.Images }, "one", plan);
        var secret = await DeployAsync(bundle, "two", plan);
        var target = await DeployAsync(bundle, "one", plan with { Target = plan.Target with { ClusterUid = "another" } });
        var app = await DeployAsync(bundle with { App = "other" }, "one", plan);

        Assert.Equal(
            ["KUBEAPP2022", "KUBEAPP2022", "KUBEAPP2023", "KUBEAPP2021", "KUBEAPP2021"],
            new[] { image, content, secret, target, app }.Select(result => Assert.Single(result.Diagnostics).Code));
        Assert.Contains("the image web was repo@sha256:1, is repo@sha256:2", image.Diagnostics[0].Cause, StringComparison.Ordinal);
        Assert.Equal(
            "The bundle of bound is not the one that was planned: ConfigMap bound/settings: data.greeting was planned to stay \"one\", and would become \"two\"; "
                + "ConfigMap bound/more was not in it.",
            content.Diagnostics[0].Cause);
        Assert.Contains("a secret has another value", secret.Diagnostics[0].Cause, StringComparison.Ordinal);
        Assert.All(new[] { image, content, secret, target, app }, result => Assert.Equal((4, false), (result.ExitCode, result.HasApplied)));
    }

    [Fact]
    public async Task Plan_OfADraft_CannotBeSaved()
    {
        var draft = Bundle("draft", Patience, Settings("settings", "one")) with { IsDraft = true, Images = new Dictionary<string, BundleImage> { ["web"] = new("repo", "content-1", null, []) } };

        var result = await PlanAsync(draft);

        Assert.Equal("KUBEAPP2024", Assert.Single(result.Diagnostics).Code);
    }

    private static (string Phase, JsonObject Content) Settings(string name, string greeting) => ("main", Parse(
        $$"""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"{{name}}"},"data":{"greeting":"{{greeting}}"} }"""));

    private async Task<SavedPlan> SaveAsync(Bundle bundle, string? secret = null)
    {
        var saved = (await PlanAsync(bundle, secret)).SavedPlan!;
        return SavedPlanFile.Parse(SavedPlanFile.Text(saved), "plan.json");
    }

    private Task<DeployResult> PlanAsync(Bundle bundle, string? secret = null) => new Deployer(cluster.Connection, _ => secret).RunAsync(
        new DeployRequest(bundle, "local", DryRun: true) { SavesPlan = true }, new EventLog(), Token);

    private Task<DeployResult> DeployAsync(Bundle bundle, string? secret = null, SavedPlan? plan = null) => new Deployer(cluster.Connection, _ => secret).RunAsync(
        new DeployRequest(bundle, "local") { SavedPlan = plan }, new EventLog(), Token);

    private Task ApplyAsync(string ns, JsonObject content, string manager) => cluster.Client.SendAsync(
        HttpMethod.Patch, $"/api/v1/namespaces/{ns}/configmaps/{content["metadata"]!["name"]}?fieldManager={manager}&force=true", content, Token, "application/apply-patch+yaml");

    private async Task<string> VersionAsync(string ns, string name) => (string)(await cluster.Client.GetAsync(ResourceType.ConfigMap, ns, name, Token))!["metadata"]!["resourceVersion"]!;

    private async Task<string> UidAsync(string ns, string name) => (string)(await cluster.Client.GetAsync(ResourceType.ConfigMap, ns, name, Token))!["metadata"]!["uid"]!;
}
