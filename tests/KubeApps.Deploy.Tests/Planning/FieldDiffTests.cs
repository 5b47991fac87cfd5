using System.Text.Json.Nodes;
using KubeApps.Deploy.Planning.Fields;

namespace KubeApps.Deploy.Tests.Planning;

public class FieldDiffTests
{
    [Theory]
    // Scalars, and maps whose keys are no plain words.
    [InlineData("""{"spec":{"replicas":2}}""", """{"spec":{"replicas":3}}""", "spec.replicas: 2 → 3")]
    [InlineData("""{"metadata":{"labels":{"app.kubernetes.io/name":"a"}}}""", """{"metadata":{"labels":{"app.kubernetes.io/name":"b"}}}""", """metadata.labels["app.kubernetes.io/name"]: "a" → "b" """)]
    [InlineData("""{"spec":{}}""", """{"spec":{"paused":true}}""", "+ spec.paused: true")]
    [InlineData("""{"spec":{"a":{"b":1}}}""", """{"spec":{}}""", """- spec.a: {"b":1}""")]
    // Containers by name, whatever their place.
    [InlineData(
        """{"spec":{"template":{"spec":{"containers":[{"name":"web","image":"a"}]}}}}""",
        """{"spec":{"template":{"spec":{"containers":[{"name":"sidecar"},{"name":"web","image":"b"}]}}}}""",
        """spec.template.spec.containers[web].image: "a" → "b"; + spec.template.spec.containers[sidecar]: {"name":"sidecar"}""")]
    [InlineData("""{"env":[{"name":"A","value":"1"},{"name":"B","value":"1"}]}""", """{"env":[{"name":"A","value":"1"},{"name":"B","value":"2"}]}""", """env[B].value: "1" → "2" """)]
    [InlineData("""{"ports":[{"containerPort":80,"protocol":"TCP"}]}""", """{"ports":[{"containerPort":80,"protocol":"TCP","name":"http"}]}""", """+ ports[80/TCP].name: "http" """)]
    [InlineData("""{"ports":[{"port":80,"targetPort":1},{"port":80,"protocol":"UDP"}]}""", """{"ports":[{"port":80,"targetPort":2},{"port":80,"protocol":"UDP"}]}""", "ports[80/TCP].targetPort: 1 → 2")]
    [InlineData("""{"volumeMounts":[{"name":"x","mountPath":"/a"},{"name":"x","mountPath":"/b"}]}""", """{"volumeMounts":[{"name":"x","mountPath":"/a"}]}""", """- volumeMounts[/b]: {"name":"x","mountPath":"/b"}""")]
    // The order of variables counts.
    [InlineData("""{"env":[{"name":"A"},{"name":"B"}]}""", """{"env":[{"name":"B"},{"name":"A"}]}""", """env (order): ["A","B"] → ["B","A"]""")]
    // Lists without keys: as a whole where they hold plain values, else only what lies between what stayed.
    [InlineData("""{"args":["serve","-v"]}""", """{"args":["serve"]}""", """args: ["serve","-v"] → ["serve"]""")]
    [InlineData("""{"rules":[{"host":"a"},{"host":"c"}]}""", """{"rules":[{"host":"a"},{"host":"b"},{"host":"c"}]}""", """+ rules[1]: {"host":"b"}""")]
    [InlineData("""{"rules":[{"host":"a"}]}""", """{"rules":[{"host":"b"}]}""", """rules[0].host: "a" → "b" """)]
    // What nobody decides.
    [InlineData(
        """{"metadata":{"uid":"1","resourceVersion":"1","generation":1,"creationTimestamp":"x","managedFields":[{"manager":"a"}],"annotations":{"deployment.kubernetes.io/revision":"1"}},"status":{"a":1}}""",
        """{"metadata":{"resourceVersion":"2","generation":2},"status":{"a":2}}""", "")]
    public void Of_TwoVersions_TellsWhatAPersonDecides(string live, string wanted, string expected) => Assert.Equal(expected.Trim(), Text(FieldDiff.Of(Parse(live), Parse(wanted))));

    [Fact]
    public void Of_ASecret_TellsKeysAndNothingElse()
    {
        var changes = FieldDiff.Of(
            Parse("""{"kind":"Secret","metadata":{"annotations":{"last-applied":"hunter2"}},"data":{"password":"aHVudGVyMg==","old":"eA=="}}"""),
            Parse("""{"kind":"Secret","metadata":{"annotations":{"last-applied":"hunter3"}},"data":{"password":"aHVudGVyMw=="},"stringData":{"new":"hunter4"}}"""));

        Assert.Equal(
            ["metadata.annotations.last-applied Changed", "data.password Changed", "data.old Removed", "stringData.new Added"],
            changes.Select(change => $"{change.Path} {change.Kind}"));
        Assert.All(changes, change => Assert.Equal((true, null, null), (change.IsHidden, change.Old, change.New)));
    }

    [Fact]
    public void Of_AnyDeployment_WithItselfIsEmpty()
    {
        var live = (JsonObject)Recording.Read("failures.json")["crash-loop"]!["deployment"]!;

        Assert.Empty(FieldDiff.Of(live, (JsonObject)live.DeepClone()));
    }

    [Theory]
    [InlineData("a\nb\nc", "a\nx\nc", "-b +x")]
    [InlineData("a\nb", "a\nb\nc", "+c")]
    [InlineData("a\nb\nc\nd", "b\nc\nd\ne", "-a +e")]
    [InlineData("", "a", "- +a")]
    public void LineDiff_OfTexts_TellsOnlyLinesThatDiffer(string old, string wanted, string expected) =>
        Assert.Equal(expected, string.Join(' ', LineDiff.Of(old, wanted).Select(line => $"{line.Sign}{line.Line}")));

    private static JsonObject Parse(string json) => (JsonObject)JsonNode.Parse(json)!;

    private static string Text(IEnumerable<FieldChange> changes) => string.Join("; ", changes.Select(change => change.Kind switch
    {
        FieldChangeKind.Added => $"+ {change.Path}: {change.New!.ToJsonString()}",
        FieldChangeKind.Removed => $"- {change.Path}: {change.Old!.ToJsonString()}",
        _ => $"{change.Path}{(change.IsOrder ? " (order)" : "")}: {change.Old!.ToJsonString()} → {change.New!.ToJsonString()}",
    }));
}
