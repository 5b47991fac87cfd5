using System.Text.Json.Nodes;
using KubeApps.Deploy.Api;
using KubeApps.Deploy.Planning;
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

    // What its operator does not make anew is not waited for.
    [Theory]
    [InlineData("""{}""", true)]
    [InlineData("""{"refreshInterval":"1h"}""", true)]
    [InlineData("""{"refreshInterval":"0"}""", false)]
    [InlineData("""{"refreshInterval":"0s"}""", false)]
    [InlineData("""{"target":{"immutable":true}}""", false)]
    [InlineData("""{"refreshPolicy":"CreatedOnce"}""", false)]
    public void IsBehind_SpecificationIsNewerThanWhatWasMade_IsSoWhereItWillBeMadeAnew(string spec, bool expected)
    {
        var content = new JsonObject
        {
            ["apiVersion"] = "external-secrets.io/v1",
            ["kind"] = "ExternalSecret",
            ["metadata"] = new JsonObject { ["name"] = "own", ["generation"] = 2L },
            ["spec"] = JsonNode.Parse(spec),
            ["status"] = JsonNode.Parse("""{"syncedResourceVersion":"1-abc"}"""),
        };

        Assert.Equal(expected, SecretOperators.IsBehind(content));
    }

    // They need the app's accounts and keys to clean up after what they made.
    [Fact]
    public void RemovalWaveOf_WhatIsForAnOperator_GoesBeforeTheAccountsThatItNeeds()
    {
        var (asked, account) = (new ObjectId("external-secrets.io/v1", "PushSecret", "shop", "a"), new ObjectId("v1", "ServiceAccount", "shop", "a"));

        Assert.Equal(ApplyOrder.WaveOf(account), ApplyOrder.WaveOf(asked));
        Assert.True(ApplyOrder.RemovalWaveOf(asked) > ApplyOrder.RemovalWaveOf(account));
    }
}
