using KubeApps.Sandbox.Registry;

namespace KubeApps.Sandbox.Tests.Registry;

public class RegistryGrammarTests
{
    [Theory]
    [InlineData("app")]
    [InlineData("team/app")]
    [InlineData("a/b/c/d/e")]
    [InlineData("a.b_c__d-e---f/0")]
    public void IsRepository_NameOfTheSpecification_IsTaken(string name) => Assert.True(RegistryGrammar.IsRepository(name));

    [Theory]
    [InlineData("")]
    [InlineData("/")]
    [InlineData("/app")]
    [InlineData("app/")]
    [InlineData("a//b")]
    [InlineData("..")]
    [InlineData("a/../b")]
    [InlineData("a/./b")]
    [InlineData("App")]
    [InlineData("a___b")]
    [InlineData("a..b")]
    [InlineData("a._b")]
    [InlineData("-a")]
    [InlineData("a-")]
    [InlineData("_uploads")]
    [InlineData("a\\b")]
    [InlineData("c:\\windows")]
    [InlineData("a b")]
    [InlineData("a\0b")]
    [InlineData("ä")]
    [InlineData("a%2fb")]
    public void IsRepository_AnythingElse_IsRefused(string name) => Assert.False(RegistryGrammar.IsRepository(name));

    [Fact]
    public void IsRepository_LongerThan255_IsRefused()
    {
        Assert.True(RegistryGrammar.IsRepository(new string('a', 255)));
        Assert.False(RegistryGrammar.IsRepository(new string('a', 256)));
    }

    [Theory]
    [InlineData("latest", true)]
    [InlineData("_V1.0-rc.1", true)]
    [InlineData("", false)]
    [InlineData(".hidden", false)]
    [InlineData("-flag", false)]
    [InlineData("a/b", false)]
    [InlineData("a:b", false)]
    [InlineData("..", false)]
    public void IsTag_ByTheSpecification(string tag, bool expected) => Assert.Equal(expected, RegistryGrammar.IsTag(tag));

    [Fact]
    public void IsTag_LongerThan128_IsRefused()
    {
        Assert.True(RegistryGrammar.IsTag(new string('a', 128)));
        Assert.False(RegistryGrammar.IsTag(new string('a', 129)));
    }

    [Theory]
    [InlineData("sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", true)]
    [InlineData("sha256:E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855", false)]
    [InlineData("sha256:e3b0", false)]
    [InlineData("sha256:../../../../../../etc/passwdaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false)]
    [InlineData("sha512:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", false)]
    [InlineData("latest", false)]
    public void IsDigest_OnlyWhatTheStoreIsNamedBy(string digest, bool expected) =>
        Assert.Equal(expected, RegistryGrammar.IsDigest(digest));
}
