using KubeApps.Deploy.Artifacts;

namespace KubeApps.Deploy.Tests.Artifacts;

public class OciReferenceTests
{
    private const string Digest = "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

    [Theory]
    [InlineData("localhost:5000/shop:bundle-1", "localhost:5000", "shop", "bundle-1", null)]
    [InlineData("registry.example.com/team/my-shop__web@" + Digest, "registry.example.com", "team/my-shop__web", null, Digest)]
    [InlineData("registry.example.com/shop:v1@" + Digest, "registry.example.com", "shop", "v1", Digest)]
    [InlineData("123456789012.dkr.ecr.eu-central-1.amazonaws.com/a.b/c:V_1.0", "123456789012.dkr.ecr.eu-central-1.amazonaws.com", "a.b/c", "V_1.0", null)]
    public void TryParse_OfAReference_GivesItsParts(string text, string host, string repository, string? tag, string? digest)
    {
        var reference = OciReference.TryParse("oci://" + text);

        Assert.Equal(new OciReference(host, repository, tag, digest), reference);
        Assert.Equal(digest ?? tag, reference!.Wanted);
    }

    [Theory]
    [InlineData("shop:1")]
    [InlineData("localhost:5000/shop")]
    [InlineData("localhost:5000/shop@sha256:abc")]
    [InlineData("localhost:5000/shop@sha512:" + "aa")]
    [InlineData("localhost:5000/Shop:1")]
    [InlineData("localhost:5000/../shop:1")]
    [InlineData("localhost:5000/shop/:1")]
    [InlineData("localhost:5000//shop:1")]
    [InlineData("user:password@example.com/shop:1")]
    [InlineData("example.com/shop:1?x=y")]
    [InlineData("example.com/shop:1/../../x")]
    [InlineData("example.com/shop:-1")]
    [InlineData("example.com/shop:1\n")]
    [InlineData("")]
    public void TryParse_OfSomethingElse_IsNull(string text) => Assert.Null(OciReference.TryParse("oci://" + text));

    [Fact]
    public void IsOne_OfAFolder_IsFalse() => Assert.All(["out", "./oci", "/oci://x", "oci:/x"], text => Assert.False(OciReference.IsOne(text)));
}
