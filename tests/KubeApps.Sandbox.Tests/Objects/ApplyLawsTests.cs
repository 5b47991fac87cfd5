using System.Text;
using System.Text.Json.Nodes;
using KubeApps.Sandbox.Objects;
using static KubeApps.Sandbox.Tests.Objects.RecordedApi;

namespace KubeApps.Sandbox.Tests.Objects;

/// <summary>What must hold of server-side apply whatever is applied, tried on many made-up Deployments.</summary>
public class ApplyLawsTests
{
    private readonly ObjectSemantics _semantics = new(new SchemaCatalog());

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 25)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Apply_Twice_ChangesNothing(int seed)
    {
        var random = new Random(seed);
        var applied = Configuration(random);
        var once = Apply(null, applied, "one", 0);

        AssertSame(once, Apply(once, applied, "one", 60));
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Apply_MoreAndThenNoMore_ReturnsToBefore(int seed)
    {
        var random = new Random(seed);
        var applied = Configuration(random);
        var before = Apply(null, applied, "one", 0);
        var more = (JsonObject)applied.DeepClone();
        Add(random, more);

        var after = Apply(Apply(before, more, "one", 0), applied, "one", 0);

        AssertSame(before, after);
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Apply_MoreBySomebodyElse_LeavesTheFirstOnesFieldsAlone(int seed)
    {
        var random = new Random(seed);
        var applied = Configuration(random);
        var before = Apply(null, applied, "one", 0);
        var extra = Extra(random);

        var both = Apply(before, extra, "two", 0);
        var again = Apply(both, applied, "one", 0);

        AssertSame(both, again);
        AssertSame(ManagedFields(before)[0]!["fieldsV1"], ManagedFields(both)[0]!["fieldsV1"]);
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Apply_ForcedOrNot_NeverLosesWhatOthersManage(int seed)
    {
        var random = new Random(seed);
        var before = Apply(Apply(null, Configuration(random), "one", 0), Extra(random), "two", 0);
        var bare = Parse("""{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"d"}}""");

        // The first one gives up everything: what the second one manages stays, with what was only defaulted.
        var after = Apply(before, bare, "one", 0);

        Assert.Equal(["two"], ManagedFields(after).Select(entry => (string)entry!["manager"]!));
        Assert.Equal("1", (string)after["metadata"]!["annotations"]!["two"]!);
        Assert.Contains(after["spec"]!["template"]!["spec"]!["containers"]!.AsArray(), container => (string?)container!["name"] == "two");
        Assert.DoesNotContain(after["spec"]!["template"]!["spec"]!["containers"]!.AsArray(), container => (string?)container!["name"] == "c0");
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void FieldsV1_ReadAndWritten_IsTheSame(int seed)
    {
        var value = Apply(null, Configuration(new Random(seed)), "one", 0);
        var fields = ManagedFields(value)[0]!["fieldsV1"]!.AsObject();

        AssertSame(fields, KubeApps.Sandbox.Objects.Ownership.FieldSet.FromFieldsV1(fields).ToFieldsV1());
    }

    private JsonObject Apply(JsonObject? live, JsonObject applied, string manager, int seconds)
    {
        var result = _semantics.Apply(
            Deployment, live, Encoding.UTF8.GetBytes(applied.ToJsonString()), new Writer(manager, Start.AddSeconds(seconds)), false, FieldValidation.Strict).Object;
        result["metadata"]!["uid"] = "1";
        return result;
    }

    private static JsonObject Configuration(Random random)
    {
        var containers = new JsonArray();
        for (var index = 0; index <= random.Next(3); index++)
        {
            var container = new JsonObject { ["name"] = $"c{index}", ["image"] = $"i:{random.Next(9)}" };
            if (random.Next(2) == 0)
                container["ports"] = new JsonArray([.. Enumerable.Range(0, random.Next(1, 4)).Select(port => new JsonObject { ["containerPort"] = 8000 + port })]);
            if (random.Next(2) == 0)
                container["env"] = new JsonArray([.. Enumerable.Range(0, random.Next(1, 4)).Select(name => new JsonObject { ["name"] = $"E{name}", ["value"] = "v" })]);
            if (random.Next(2) == 0)
                container["resources"] = new JsonObject { ["requests"] = new JsonObject { ["cpu"] = "0.5" } };
            containers.Add(container);
        }

        var spec = new JsonObject
        {
            ["selector"] = Parse("""{"matchLabels":{"app":"d"}}"""),
            ["template"] = new JsonObject
            {
                ["metadata"] = Parse("""{"labels":{"app":"d"}}"""),
                ["spec"] = new JsonObject { ["containers"] = containers },
            },
        };
        if (random.Next(2) == 0)
            spec["replicas"] = random.Next(4);
        if (random.Next(2) == 0)
            spec["strategy"] = Parse("""{"type":"RollingUpdate","rollingUpdate":{"maxSurge":1}}""");
        return new JsonObject { ["apiVersion"] = "apps/v1", ["kind"] = "Deployment", ["metadata"] = Parse("""{"name":"d"}"""), ["spec"] = spec };
    }

    /// <summary>Fields that the configuration did not have, in maps, in lists and in their items.</summary>
    private static void Add(Random random, JsonObject value)
    {
        var pod = value["spec"]!["template"]!["spec"]!.AsObject();
        if (random.Next(2) == 0)
            value["metadata"]!["annotations"] = Parse("""{"a":"1","b":"2"}""");
        if (random.Next(2) == 0)
            value["metadata"]!["finalizers"] = new JsonArray("example.com/x");
        if (random.Next(2) == 0)
            pod["nodeSelector"] = Parse("""{"disk":"ssd"}""");
        if (random.Next(2) == 0)
            pod["volumes"] = new JsonArray(Parse("""{"name":"v","configMap":{"name":"m"}}"""));
        pod["containers"]!.AsArray().Add(Parse("""{"name":"late","image":"late:1","env":[{"name":"L","value":"1"}]}"""));
        pod["containers"]![0]!["workingDir"] = "/work";
    }

    private static JsonObject Extra(Random random)
    {
        var value = Parse("""
            {"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"d","annotations":{"two":"1"}},
             "spec":{"template":{"spec":{"containers":[{"name":"two","image":"two:1"}]}}}}
            """);
        if (random.Next(2) == 0)
            value["spec"]!["minReadySeconds"] = 5;
        if (random.Next(2) == 0)
            value["spec"]!["template"]!["spec"]!["containers"]![0]!["env"] = new JsonArray(Parse("""{"name":"T","value":"1"}"""));
        return value;
    }
}
