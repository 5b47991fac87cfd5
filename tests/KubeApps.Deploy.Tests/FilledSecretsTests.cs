using System.Text;
using System.Text.Json.Nodes;
using KubeApps.Deploy.Planning;
using KubeApps.Deploy.Secrets;
using KubeApps.Diagnostics;

namespace KubeApps.Deploy.Tests;

public class FilledSecretsTests
{
    private static readonly byte[] Key = Encoding.UTF8.GetBytes("a key that only the cluster knows");

    [Fact]
    public void Resolve_NamesTheSecretByContentAndRewritesEveryReference()
    {
        List<ReleaseObject> objects = [Objects.Secret("db", """{"password":"DB_PASSWORD"}"""), Objects.Parse(Deployment), Objects.Parse(Ingress)];

        var resolved = FilledSecrets.Resolve(objects, Variables("s3cret"), Key);

        var name = resolved[0].Id.Name;
        Assert.Matches("^db-[0-9a-f]{10}$", name);
        Assert.Equal("s3cret", Encoding.UTF8.GetString(Convert.FromBase64String((string)resolved[0].Content["data"]!["password"]!)));
        Assert.Null(resolved[0].Content["metadata"]!["annotations"]);
        var pod = resolved[1].Content["spec"]!["template"]!["spec"]!;
        var container = pod["containers"]![0]!;
        Assert.Equal(name, (string?)container["env"]![0]!["valueFrom"]!["secretKeyRef"]!["name"]);
        Assert.Equal(name, (string?)container["envFrom"]![0]!["secretRef"]!["name"]);
        Assert.Equal(name, (string?)pod["volumes"]![0]!["secret"]!["secretName"]);
        Assert.Equal(name, (string?)pod["volumes"]![1]!["projected"]!["sources"]![0]!["secret"]!["name"]);
        Assert.Equal("other", (string?)pod["volumes"]![2]!["secret"]!["secretName"]);
        Assert.Equal(name, (string?)resolved[2].Content["spec"]!["tls"]![0]!["secretName"]);
    }

    [Theory]
    [InlineData("""{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"a"},"spec":"web"}""")]
    [InlineData("""{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"a"},"spec":{"template":[1]}}""")]
    [InlineData("""{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"a"},"spec":{"template":{"spec":{"containers":[{"envFrom":[{"secretRef":{"name":12}}],"env":[{"valueFrom":"x"}]}],"volumes":[{"projected":7}]}}}}""")]
    [InlineData("""{"apiVersion":"networking.k8s.io/v1","kind":"Ingress","metadata":{"name":"a"},"spec":["tls"]}""")]
    public void Resolve_ObjectOfAWrongShape_IsLeftForTheServerToRefuse(string json)
    {
        List<ReleaseObject> objects = [Objects.Secret("db", """{"password":"DB_PASSWORD"}"""), Objects.Parse(json)];

        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(json), FilledSecrets.Resolve(objects, Variables("s3cret"), Key)[1].Content));
    }

    [Fact]
    public void Resolve_SameValueAndKey_GivesTheSameName()
    {
        List<ReleaseObject> objects = [Objects.Secret("db", """{"password":"DB_PASSWORD"}""")];
        string Name(string value, byte[] key) => FilledSecrets.Resolve(objects, Variables(value), key)[0].Id.Name;

        Assert.Equal(Name("a", Key), Name("a", Key));
        Assert.NotEqual(Name("a", Key), Name("b", Key));
        Assert.NotEqual(Name("a", Key), Name("a", [1, 2, 3]));
    }

    [Fact]
    public void Resolve_JobThatUsesTheSecret_GetsAnotherNameWithIt()
    {
        List<ReleaseObject> objects = [Objects.Secret("db", """{"password":"DB_PASSWORD"}"""), Objects.Parse(Deployment.Replace("Deployment", "Job", StringComparison.Ordinal))];

        var first = FilledSecrets.Resolve(objects, Variables("a"), Key)[1].Id.Name;
        var second = FilledSecrets.Resolve(objects, Variables("b"), Key)[1].Id.Name;

        Assert.StartsWith("web-", first, StringComparison.Ordinal);
        Assert.NotEqual(first, second);
    }

    [Fact]
    public void ReadVariables_SeveralMissing_NamesAllAtOnce()
    {
        List<ReleaseObject> objects = [Objects.Secret("db", """{"user":"DB_USER","password":"DB_PASSWORD","host":"DB_HOST"}""")];

        var failure = Assert.Throws<DiagnosticException>(() => FilledSecrets.ReadVariables(objects, name => name == "DB_HOST" ? "h" : null));

        Assert.Equal(2, failure.Diagnostics.Count);
        Assert.All(failure.Diagnostics, diagnostic => Assert.Equal("KUBEAPP0015", diagnostic.Code));
        Assert.Contains("DB_USER", failure.Diagnostics[0].Cause, StringComparison.Ordinal);
    }

    [Fact]
    public void ReadVariables_AnnotationIsNoMap_IsADiagnostic()
    {
        var failure = Assert.Throws<DiagnosticException>(() => FilledSecrets.ReadVariables([Objects.Secret("db", "DB_PASSWORD")], _ => "x"));

        Assert.Equal("KUBEAPP2005", failure.Diagnostics[0].Code);
    }

    [Fact]
    public void Hash_OfRelease_DoesNotDependOnSecretValuesButOnTheirNames()
    {
        var one = Objects.Parse("""{"apiVersion":"v1","kind":"Secret","metadata":{"name":"a","namespace":"shop"},"data":{"k":"MQ=="}}""");
        var other = Objects.Parse("""{"apiVersion":"v1","kind":"Secret","metadata":{"name":"a","namespace":"shop"},"data":{"k":"Mg=="}}""");

        Assert.Equal(ReleaseObjects.Hash([one]), ReleaseObjects.Hash([other]));
    }

    private static Dictionary<string, string> Variables(string value) => new() { ["DB_PASSWORD"] = value };

    private const string Deployment = """
        {"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web","namespace":"shop"},"spec":{"template":{"spec":{
          "containers":[{"name":"web","env":[{"name":"P","valueFrom":{"secretKeyRef":{"name":"db","key":"password"}}}],"envFrom":[{"secretRef":{"name":"db"}}]}],
          "volumes":[{"name":"a","secret":{"secretName":"db"}},{"name":"b","projected":{"sources":[{"secret":{"name":"db"}}]}},{"name":"c","secret":{"secretName":"other"}}]}}}}
        """;

    private const string Ingress = """
        {"apiVersion":"networking.k8s.io/v1","kind":"Ingress","metadata":{"name":"web","namespace":"shop"},"spec":{"tls":[{"secretName":"db","hosts":["a.example"]}]}}
        """;
}

/// <summary>Objects for tests.</summary>
internal static class Objects
{
    public static ReleaseObject Parse(string json, string phase = "main")
    {
        var content = (JsonObject)JsonNode.Parse(json)!;
        return new ReleaseObject(Api.ObjectId.Of(content), phase, $"env/local/{((string)content["kind"]!).ToLowerInvariant()}-{content["metadata"]!["name"]}.yaml", content);
    }

    public static ReleaseObject Of(string apiVersion, string kind, string name, string phase = "main", string? ns = "shop")
    {
        var metadata = new JsonObject { ["name"] = name };
        if (ns is not null)
            metadata["namespace"] = ns;
        var content = new JsonObject { ["apiVersion"] = apiVersion, ["kind"] = kind, ["metadata"] = metadata, ["spec"] = new JsonObject() };
        return Parse(content.ToJsonString(), phase);
    }

    public static ReleaseObject Secret(string name, string source)
    {
        var content = new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Secret",
            ["metadata"] = new JsonObject
            {
                ["name"] = name,
                ["namespace"] = "shop",
                ["annotations"] = new JsonObject { ["kubeapps.dev/from-environment"] = source },
            },
        };
        return new ReleaseObject(Api.ObjectId.Of(content), "main", $"env/local/secret-{name}.yaml", content);
    }
}
