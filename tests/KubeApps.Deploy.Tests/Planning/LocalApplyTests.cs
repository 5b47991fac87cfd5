using System.Text.Json.Nodes;
using KubeApps.Deploy.Planning.Fields;

namespace KubeApps.Deploy.Tests.Planning;

public class LocalApplyTests
{
    private const string Ours = """
        "managedFields":[{"manager":"kubeapp","operation":"Apply","fieldsV1":{"f:metadata":{"f:labels":{"f:a":{},"f:b":{}}},"f:spec":{"f:selector":{},"f:replicas":{},
          "f:containers":{"k:{\"name\":\"web\"}":{".":{},"f:name":{},"f:image":{},"f:env":{"k:{\"name\":\"A\"}":{".":{},"f:name":{},"f:value":{}}}},"k:{\"name\":\"old\"}":{".":{},"f:name":{},"f:image":{}}}}}}]
        """;

    private const string Live = $$$$$"""
        {"kind":"X","metadata":{"labels":{"a":"1","b":"1","theirs":"1"},{{{{{Ours}}}}}},"spec":{"replicas":2,"selector":{"x":"1"},"strategy":"default",
         "containers":[{"name":"web","image":"i:1","pullPolicy":"default","env":[{"name":"A","value":"1"},{"name":"T","value":"theirs"}]},{"name":"old","image":"o"}]}}
        """;

    [Theory]
    // The same again changes nothing, whatever the server and others have added.
    [InlineData("""{"metadata":{"labels":{"a":"1","b":"1"}},"spec":{"replicas":2,"selector":{"x":"1"},"containers":[{"name":"web","image":"i:1","env":[{"name":"A","value":"1"}]},{"name":"old","image":"o"}]}}""", "")]
    // What we set, what we do not set any more, what we set for the first time.
    [InlineData(
        """{"metadata":{"labels":{"a":"2"}},"spec":{"selector":{"x":"1"},"containers":[{"name":"web","image":"i:2"},{"name":"new","image":"n"}]}}""",
        "metadata.labels.a Changed, metadata.labels.b Removed, spec.replicas Removed, spec.containers[web].image Changed, spec.containers[web].env[A] Removed, spec.containers[old] Removed, spec.containers[new] Added")]
    // What the API treats as a whole is replaced as a whole.
    [InlineData("""{"metadata":{"labels":{"a":"1","b":"1"}},"spec":{"replicas":2,"selector":{"y":"1"},"containers":[{"name":"web","image":"i:1","env":[{"name":"A","value":"1"}]},{"name":"old","image":"o"}]}}""", "spec.selector.x Removed, spec.selector.y Added")]
    public void Estimate_OfContent_ChangesWhatIsOurs(string content, string expected)
    {
        var live = (JsonObject)JsonNode.Parse(Live)!;

        var estimate = LocalApply.Estimate(live, (JsonObject)JsonNode.Parse(content)!);

        Assert.Equal(expected, string.Join(", ", FieldDiff.Of(live, estimate).Select(change => $"{change.Path} {change.Kind}")));
    }

    [Fact]
    public void Estimate_OfNothing_IsTheContent() => Assert.Equal("""{"kind":"X"}""", LocalApply.Estimate(null, (JsonObject)JsonNode.Parse("""{"kind":"X"}""")!).ToJsonString());

    [Theory]
    [InlineData("""{"requests":{"cpu":"1000m","memory":"65536Ki"}}""", "")]
    [InlineData("""{"requests":{"cpu":"1500m","memory":"64Mi"}}""", "spec.resources.requests.cpu Changed")]
    [InlineData("""{"requests":{"memory":"64Mi"}}""", "spec.resources.requests.cpu Removed")]
    [InlineData("null", "spec.resources.requests Removed")]
    public void Estimate_OfAmounts_ComparesWhatTheyComeTo(string resources, string expected)
    {
        var live = (JsonObject)JsonNode.Parse("""
            {"kind":"X","metadata":{"managedFields":[{"manager":"kubeapp","operation":"Apply","fieldsV1":{"f:spec":{"f:resources":{"f:requests":{"f:cpu":{},"f:memory":{}}}}}}]},
             "spec":{"a":1,"resources":{"requests":{"cpu":"1","memory":"64Mi"}}}}
            """)!;

        var estimate = LocalApply.Estimate(live, (JsonObject)JsonNode.Parse("{\"spec\":{\"resources\":" + resources + "}}")!);

        Assert.Equal(expected, string.Join(", ", FieldDiff.Of(live, estimate).Select(change => $"{change.Path} {change.Kind}")));
    }
}
