using System.Text.Json.Nodes;
using KubeApps.Deploy.Api;
using KubeApps.Deploy.Planning;

namespace KubeApps.Deploy.Tests;

public class ReleasePlannerTests
{
    private static readonly ReleaseObject Migration = Objects.Of("batch/v1", "Job", "migrate-1", "before");
    private static readonly ReleaseObject Web = Objects.Of("apps/v1", "Deployment", "web");
    private static readonly ReleaseObject Service = Objects.Of("v1", "Service", "web");
    private static readonly ReleaseObject Config = Objects.Of("v1", "ConfigMap", "settings-1");
    private static readonly ReleaseObject Ingress = Objects.Of("networking.k8s.io/v1", "Ingress", "web");
    private static readonly ReleaseObject Namespace = Objects.Of("v1", "Namespace", "shop", ns: null);

    [Fact]
    public void Plan_IntoNothing_CreatesInTheOrderOfNeed()
    {
        var plan = Plan([Web, Ingress, Migration, Service, Config, Namespace], Live(observe: New));

        Assert.Equal(
            """
            namespaces: Namespace shop created
            lock: at most 60 s
            check: ConfigMap shop/settings-1, Deployment shop/web, Ingress shop/web, Job shop/migrate-1, Service shop/web
            intend: 6 objects, incomplete
            configuration: ConfigMap shop/settings-1 created
            before: Job shop/migrate-1
            services: Service shop/web created
            workloads: Deployment shop/web created
            rest: Ingress shop/web created
            rollout: Deployment shop/web, Ingress shop/web
            record: 6 objects, complete
            """.ReplaceLineEndings("\n"),
            Text(plan));
    }

    [Fact]
    public void Plan_SecretsThatOperatorsMake_StandBeforeThePodsThatNameThem()
    {
        var store = Objects.Of("external-secrets.io/v1", "SecretStore", "vault");
        var asked = Objects.Of("external-secrets.io/v1", "ExternalSecret", "db");
        var sealed_ = Objects.Of("bitnami.com/v1alpha1", "SealedSecret", "licence");
        var optional = Objects.Of("external-secrets.io/v1", "ExternalSecret", "flags");
        var certificate = Objects.Parse("""{"apiVersion":"cert-manager.io/v1","kind":"Certificate","metadata":{"name":"web","namespace":"shop"},"spec":{"secretName":"web-tls"} }""");
        var ingress = Objects.Parse("""{"apiVersion":"networking.k8s.io/v1","kind":"Ingress","metadata":{"name":"web","namespace":"shop"},"spec":{"tls":[{"secretName":"web-tls"}]} }""");
        var migration = Objects.Parse("""
            {"apiVersion":"batch/v1","kind":"Job","metadata":{"name":"migrate-1","namespace":"shop"},
             "spec":{"template":{"spec":{"containers":[{"name":"c","envFrom":[{"secretRef":{"name":"db"} }]}]} } } }
            """, "before");
        var web = Objects.Parse("""
            {"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web","namespace":"shop"},
             "spec":{"template":{"spec":{"containers":[{"name":"c","envFrom":[{"secretRef":{"name":"flags","optional":true} }]}],"volumes":[{"name":"l","secret":{"secretName":"licence"} }]} } } }
            """);
        ReleaseObject[] all = [web, ingress, migration, certificate, optional, sealed_, asked, store];

        Assert.Equal(
            """
            lock: at most 60 s
            intend: 8 objects, incomplete
            configuration: Certificate shop/web created, ExternalSecret shop/flags created, SealedSecret shop/licence created, ExternalSecret shop/db created, SecretStore shop/vault created
            secrets: SealedSecret shop/licence, ExternalSecret shop/db
            before: Job shop/migrate-1
            workloads: Deployment shop/web created
            rest: Ingress shop/web created
            rollout: Deployment shop/web, Ingress shop/web, Certificate shop/web, ExternalSecret shop/flags, SealedSecret shop/licence, ExternalSecret shop/db, SecretStore shop/vault
            record: 8 objects, complete
            """.ReplaceLineEndings("\n"),
            string.Join('\n', Text(Plan(all, Live(all, New))).Split('\n').Where(line => !line.StartsWith("check:", StringComparison.Ordinal))));
    }

    [Theory]
    [InlineData("""{"conditions":[{"type":"Ready","status":"True"}]}""", false)]
    [InlineData("""{"conditions":[{"type":"Ready","status":"False"}]}""", true)]
    [InlineData("{}", true)]
    // It was made; that its store is away for the moment holds up no deploy, least of all one that returns.
    [InlineData("""{"refreshTime":"2026-01-01T00:00:00Z","syncedResourceVersion":"0-abc","conditions":[{"type":"Ready","status":"False"}]}""", false)]
    public void Plan_SecretOfAStoreIsUnchanged_IsWaitedForWhereItDoesNotStandYet(string status, bool waits)
    {
        var asked = Objects.Of("external-secrets.io/v1", "ExternalSecret", "db");
        var web = Objects.Parse("""
            {"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web","namespace":"shop"},
             "spec":{"template":{"spec":{"containers":[{"name":"c","envFrom":[{"secretRef":{"name":"db"} }]}]} } } }
            """);

        var plan = Plan([asked, web], Live([asked, web], item => item == asked ? new ObservedObject(item, LiveOf(item, status), LiveOf(item, status)) : New(item)));

        Assert.Equal(waits, plan.Steps.Any(step => step.Id == "secrets"));
    }

    [Fact]
    public void Plan_NothingChanged_HasNoSteps()
    {
        var live = Live([Namespace, Config, Service, Web], Same);

        Assert.True(Plan([Namespace, Config, Service, Web], live with { Inventory = InventoryOf([Namespace, Config, Service, Web]) }).IsNoOp);
    }

    [Fact]
    public void Plan_NothingChangedButLastDeployWasCut_WaitsAndRecords()
    {
        var live = Live([Web], Same);

        var plan = Plan([Web], live with { Inventory = InventoryOf([Web]) with { IsComplete = false } });

        Assert.Equal(["lock", "intend", "rollout", "record"], plan.Steps.Select(step => step.Id));
    }

    [Fact]
    public void Plan_ObjectThatIsBeingDeleted_IsWaitedForAsLongAsOneThatIsReplaced()
    {
        var live = Live([Web], item => new ObservedObject(item, LiveOf(item, "{}"), null));
        live.Objects[0].Live!["metadata"]!["deletionTimestamp"] = "2026-07-01T00:00:00Z";

        var plan = Plan([Web], live with { Inventory = InventoryOf([Web]) });

        Assert.Equal(TimeSpan.FromMinutes(10), plan.Steps.OfType<ReleaseStep.Apply>().Single().Timeout);
    }

    [Fact]
    public void Plan_ImageChanged_TouchesOnlyTheWorkload()
    {
        var live = Live([Config, Service, Web], item => item == Web ? Changed(item) : Same(item));

        var plan = Plan([Config, Service, Web], live with { Inventory = InventoryOf([Config, Service, Web], hash: "old") });

        Assert.Equal(["lock", "intend", "workloads", "rollout", "record"], plan.Steps.Select(step => step.Id));
    }

    [Fact]
    public void Plan_FormerObjects_PrunesWhatNobodyNamesAndNeverData()
    {
        FormerObject Former(string kind, string name, bool isReferenced = false, string? uid = "u") => new(new ObjectId("v1", kind, "shop", name), uid, isReferenced);
        var live = Live([Web], Same) with
        {
            Inventory = InventoryOf([Web], hash: "old"),
            Former =
            [
                Former("Service", "old"), Former("ConfigMap", "settings-0", isReferenced: true), Former("ConfigMap", "settings-00"),
                Former("PersistentVolumeClaim", "data"), Former("Service", "gone", uid: null),
            ],
        };

        var plan = Plan([Web], live);

        Assert.Equal(["Service shop/old", "ConfigMap shop/settings-00"], plan.Steps.OfType<ReleaseStep.Prune>().Single().Objects.Select(item => item.Id.ToString()));
        var recorded = plan.Steps.OfType<ReleaseStep.Record>().Single().Inventory.Items.Select(item => item.Id.Name);
        Assert.Equal(["web", "settings-0", "data"], recorded);
    }

    [Fact]
    public void Plan_FinishedMigrationThatWasCleanedAway_IsNotRunAgain()
    {
        var live = Live([Migration, Web], item => item == Migration ? New(item) : Same(item));

        var plan = Plan([Migration, Web], live with { Inventory = InventoryOf([Migration, Web]) with { FinishedJobs = ["migrate-1"] } });

        Assert.True(plan.IsNoOp);
    }

    [Fact]
    public void Plan_FailedMigration_IsReplacedByUid()
    {
        var failed = new ObservedObject(Migration, LiveOf(Migration, """{"conditions":[{"type":"Failed","status":"True"}]}"""), LiveOf(Migration, "{}"));
        var live = Live([Migration, Web], item => item == Migration ? failed : Same(item));

        var plan = Plan([Migration, Web], live with { Inventory = InventoryOf([Migration, Web], hash: "old") });

        Assert.Equal("uid-migrate-1", plan.Steps.OfType<ReleaseStep.RunJobs>().Single().Jobs[0].Replacement?.Uid);
    }

    [Fact]
    public void Plan_NewDefinition_WaitsForItBeforeTheObjectsOfItsKind()
    {
        var definition = Objects.Of("apiextensions.k8s.io/v1", "CustomResourceDefinition", "widgets.example.com", ns: null);
        var widget = Objects.Of("example.com/v1", "Widget", "w");

        var plan = Plan([widget, definition], Live([widget, definition], New));

        Assert.Equal(["lock", "definitions", "establish", "check", "intend", "rest", "rollout", "record"], plan.Steps.Select(step => step.Id));
    }

    [Fact]
    public void Plan_AnyInput_NeverAppliesBeforeItWroteDownWhatItCreates()
    {
        ReleaseObject[] all = [Namespace, Config, Migration, Service, Web, Ingress];
        for (var pick = 1; pick < 1 << all.Length; pick++)
        {
            var objects = all.Where((_, index) => (pick & (1 << index)) != 0).ToList();
            var ids = Plan(objects, Live(objects, New)).Steps.Select(step => step.Id).ToList();
            var intend = ids.IndexOf("intend");
            Assert.All(new[] { "configuration", "before", "services", "workloads", "rest" }, id => Assert.True(ids.IndexOf(id) == -1 || ids.IndexOf(id) > intend));
            Assert.Equal("record", ids[^1]);
        }
    }

    private static ReleasePlan Plan(IReadOnlyList<ReleaseObject> objects, LiveState live) => ReleasePlanner.Plan(
        new Release("shop", "local", "shop", null, objects, "hash", false, TimeSpan.FromMinutes(5)), live);

    private static LiveState Live(Func<ReleaseObject, ObservedObject> observe) => Live([Namespace, Config, Web, Ingress, Migration, Service], observe);

    private static LiveState Live(IEnumerable<ReleaseObject> objects, Func<ReleaseObject, ObservedObject> observe) =>
        new([.. objects.Select(observe)], [], null, [], false);

    private static ObservedObject New(ReleaseObject item) => new(item, null, null);

    private static ObservedObject Same(ReleaseObject item) => new(item, LiveOf(item, "{}"), LiveOf(item, "{}"));

    private static ObservedObject Changed(ReleaseObject item)
    {
        var dryRun = LiveOf(item, "{}");
        dryRun["spec"]!["changed"] = true;
        return new ObservedObject(item, LiveOf(item, "{}"), dryRun);
    }

    private static JsonObject LiveOf(ReleaseObject item, string status)
    {
        var live = (JsonObject)item.Content.DeepClone();
        live["metadata"]!["uid"] = $"uid-{item.Id.Name}";
        live["status"] = JsonNode.Parse(status);
        return live;
    }

    private static Inventory InventoryOf(IEnumerable<ReleaseObject> objects, string hash = "hash") => new(
        "shop", "local", "shop", null, hash, true, null, [.. objects.Select(item => new InventoryItem(item.Id, $"uid-{item.Id.Name}"))], []);

    private static string Text(ReleasePlan plan) => string.Join('\n', plan.Steps.Select(step => $"{step.Id}: " + step switch
    {
        ReleaseStep.Lock taken => $"at most {taken.Timeout.TotalSeconds} s",
        ReleaseStep.Apply apply => string.Join(", ", apply.Objects.Select(item => $"{item.Object.Id} {item.Change.ToString().ToLowerInvariant()}")),
        ReleaseStep.Check check => string.Join(", ", check.Objects.Select(item => item.Id.ToString()).Order(StringComparer.Ordinal)),
        ReleaseStep.Intend intend => $"{intend.Inventory.Items.Count} objects, incomplete",
        ReleaseStep.RunJobs jobs => string.Join(", ", jobs.Jobs.Select(job => job.Object.Id)),
        ReleaseStep.AwaitRollouts rollouts => string.Join(", ", rollouts.Workloads),
        ReleaseStep.Record record => $"{record.Inventory.Items.Count} objects, complete",
        _ => "",
    }));
}

public class LiveComparisonTests
{
    [Theory]
    [InlineData("""{"spec":{"a":1},"status":{"x":1}}""", """{"spec":{"a":1},"status":{"x":2}}""", true)]
    [InlineData("""{"spec":{"a":1}}""", """{"spec":{"a":2}}""", false)]
    [InlineData("""{"metadata":{"resourceVersion":"1","generation":1}}""", """{"metadata":{"resourceVersion":"2","generation":2}}""", true)]
    [InlineData("""{"metadata":{"annotations":{"deployment.kubernetes.io/revision":"1"}}}""", """{"metadata":{}}""", true)]
    public void IsEqual_ComparesWhatIsDecidedNotWhatIsReported(string live, string dryRun, bool expected) =>
        Assert.Equal(expected, LiveComparison.IsEqual((JsonObject)JsonNode.Parse(live)!, (JsonObject)JsonNode.Parse(dryRun)!));

    [Fact]
    public void IsEqual_SameContentThatWeNeverApplied_IsNotOursYet()
    {
        var live = (JsonObject)JsonNode.Parse("""{"metadata":{"managedFields":[{"manager":"kubectl","operation":"Apply","fieldsV1":{}}]}}""")!;
        var dryRun = (JsonObject)JsonNode.Parse("""{"metadata":{"managedFields":[{"manager":"kubeapp","operation":"Apply","fieldsV1":{"f:data":{}}}]}}""")!;

        Assert.False(LiveComparison.IsEqual(live, dryRun));
    }
}

public class InventoryTests
{
    [Fact]
    public void FromObject_OfWhatWasWritten_IsTheSame()
    {
        var inventory = new Inventory(
            "shop", "prod", "shop-prod", "abc", "hash", true, new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero),
            [new InventoryItem(new ObjectId("apps/v1", "Deployment", "shop-prod", "web"), "u1"), new InventoryItem(new ObjectId("v1", "Namespace", null, "shop-prod"), null)],
            ["migrate-1"])
        {
            Bundle = "oci://registry.example.com/shop@sha256:11",
            EntryService = "web",
        };

        var read = Inventory.FromObject(inventory.ToObject());

        Assert.Equivalent(inventory, read, strict: true);
    }

    [Fact]
    public void FromObject_OfAnotherVersion_KnowsNothing() =>
        Assert.Null(Inventory.FromObject((JsonObject)JsonNode.Parse("""{"metadata":{"name":"x"},"data":{"schemaVersion":"2"}}""")!));
}
