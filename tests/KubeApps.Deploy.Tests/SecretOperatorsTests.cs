using System.Text.Json.Nodes;
using KubeApps.Deploy.Secrets;

namespace KubeApps.Deploy.Tests;

public class SecretOperatorsTests
{
    [Theory]
    [InlineData("external-secrets.io/v1", "ExternalSecret", """{"target":{"name":"db"}}""", "db")]
    [InlineData("external-secrets.io/v1beta1", "ExternalSecret", """{}""", "own")]
    [InlineData("external-secrets.io/v1", "ExternalSecret", """{"target":{"name":"db","creationPolicy":"Merge"}}""", "")]
    [InlineData("external-secrets.io/v1", "SecretStore", """{"target":{"name":"db"}}""", "")]
    [InlineData("cert-manager.io/v1", "Certificate", """{"secretName":"tls"}""", "tls")]
    [InlineData("bitnami.com/v1alpha1", "SealedSecret", """{"template":{"metadata":{"name":"own"}}}""", "own")]
    [InlineData("secrets-store.csi.x-k8s.io/v1", "SecretProviderClass", """{"secretObjects":[{"secretName":"a"},{"secretName":"b"}]}""", "a b")]
    [InlineData("secrets-store.csi.x-k8s.io/v1", "SecretProviderClass", """{"provider":"aws"}""", "")]
    [InlineData("secrets.hashicorp.com/v1beta1", "VaultStaticSecret", """{"destination":{"name":"db","create":true}}""", "db")]
    [InlineData("secrets.hashicorp.com/v1beta1", "VaultDynamicSecret", """{"destination":{"name":"db"}}""", "")]
    [InlineData("example.com/v1", "ExternalSecret", """{"target":{"name":"db"}}""", "")]
    [InlineData("v1", "Secret", """{}""", "")]
    [InlineData("cert-manager.io/v1", "Certificate", """ "nonsense" """, "")]
    public void SecretsOf_AnObject_AreThoseThatItsOperatorMakes(string apiVersion, string kind, string spec, string expected)
    {
        var content = new JsonObject { ["apiVersion"] = apiVersion, ["kind"] = kind, ["metadata"] = new JsonObject { ["name"] = "own" }, ["spec"] = JsonNode.Parse(spec) };

        Assert.Equal(expected, string.Join(' ', SecretOperators.SecretsOf(content)));
    }
}
