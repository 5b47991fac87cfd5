using System.Text;
using System.Text.Json.Nodes;
using KubeApps.Bundles;
using KubeApps.Deploy.Planning;
using KubeApps.Deploy.Secrets;

namespace KubeApps.Deploy.Tests;

public class GeneratedSecretTests
{
    private static readonly byte[] Key = [.. Enumerable.Range(0, 32).Select(number => (byte)number)];

    [Fact]
    public void Resolve_WithTheSameKey_GivesTheSameValuesAtEveryDeploy()
    {
        Assert.Equal(ValuesOf(Resolve(Key)), ValuesOf(Resolve(Key)));
    }

    [Fact]
    public void Resolve_WithAnotherNamespacesKey_GivesOtherValues()
    {
        var other = Key.Reverse().ToArray();

        Assert.Empty(ValuesOf(Resolve(Key)).Intersect(ValuesOf(Resolve(other))));
    }

    [Fact]
    public void Resolve_WithTwoKeys_GivesEachAValueOfItsOwnOf256Bits()
    {
        var values = ValuesOf(Resolve(Key));

        Assert.Equal(2, values.Distinct().Count());
        Assert.All(values, value => Assert.Matches("^[0-9a-f]{64}$", value));
    }

    [Fact]
    public void Resolve_Always_LeavesNoTraceOfTheAnnotation()
    {
        Assert.DoesNotContain("kubeapps.dev/generated", Resolve(Key).Content.ToJsonString(), StringComparison.Ordinal);
    }

    private static ReleaseObject Resolve(byte[] key)
    {
        var secret = new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Secret",
            ["metadata"] = new JsonObject
            {
                ["name"] = "signing",
                ["namespace"] = "shop",
                ["annotations"] = new JsonObject { [BundleConventions.Generated] = """["key","salt"]""" },
            },
        };
        var rendered = ReleaseObject.Of(new BundleObject("env/local/secret-signing.yaml", BundleConventions.MainPhase, secret));
        return Assert.Single(FilledSecrets.Resolve([rendered], new Dictionary<string, string>(), key));
    }

    private static string[] ValuesOf(ReleaseObject secret) =>
        [.. secret.Content["data"]!.AsObject().Select(pair => Encoding.UTF8.GetString(Convert.FromBase64String((string)pair.Value!)))];
}
