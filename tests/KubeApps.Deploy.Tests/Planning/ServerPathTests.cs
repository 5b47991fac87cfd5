using System.Text.Json.Nodes;
using KubeApps.Deploy.Planning.Fields;

namespace KubeApps.Deploy.Tests.Planning;

public class ServerPathTests
{
    private static readonly JsonObject Content = SandboxCluster.Parse(
        """
        {"metadata":{"labels":{"app.kubernetes.io/name":"web","app":"x"},"finalizers":["a/b","c"]},"data":{"a.b":"1","a":"2"},
         "spec":{"replicas":2,"template":{"spec":{"containers":[
          {"name":"side","image":"s"},
          {"name":"web [1]","image":"w","ports":[{"containerPort":80},{"containerPort":80,"protocol":"UDP","name":"quic"}]}]} } } }
        """);

    [Theory]
    [InlineData(".spec.replicas", "spec.replicas")]
    [InlineData(".data.a.b", "data[\"a.b\"]")]
    [InlineData(".data.a", "data.a")]
    [InlineData(".metadata.labels.app.kubernetes.io/name", "metadata.labels[\"app.kubernetes.io/name\"]")]
    [InlineData(".metadata.labels.app", "metadata.labels.app")]
    [InlineData(".spec.template.spec.containers[name=\"web [1]\"].image", "spec.template.spec.containers[web [1]].image")]
    [InlineData(".spec.template.spec.containers[name=\"web [1]\"].ports[containerPort=80,protocol=\"UDP\"].name", "spec.template.spec.containers[web [1]].ports[80/UDP].name")]
    [InlineData(".spec.template.spec.containers[name=\"web [1]\"].ports[containerPort=80,protocol=\"TCP\"]", "spec.template.spec.containers[web [1]].ports[80/TCP]")]
    [InlineData(".metadata.finalizers[=\"c\"]", "metadata.finalizers[1]")]
    [InlineData(".spec.template.spec.containers[0].image", "spec.template.spec.containers[side].image")]
    public void ToFieldPath_OfAPlaceInTheObject_IsWhatAPlanWrites(string field, string path)
    {
        Assert.Equal(path, ServerPath.ToFieldPath(field, Content));
        Assert.Contains(path, FieldTree.Of(Content).Keys);
    }

    [Theory]
    [InlineData(".spec.paused", "spec.paused")]
    [InlineData(".spec.template.spec.containers[name=\"gone\"].image", "spec.template.spec.containers[name=\"gone\"].image")]
    [InlineData(".spec.template.spec.containers[name=\"broken", "spec.template.spec.containers[name=\"broken")]
    [InlineData(".spec.template.spec.containers[name=nothing]", "spec.template.spec.containers[name=nothing]")]
    [InlineData("", "")]
    public void ToFieldPath_OfAPlaceThatIsNotThere_KeepsTheServersWords(string field, string path) => Assert.Equal(path, ServerPath.ToFieldPath(field, Content));
}
