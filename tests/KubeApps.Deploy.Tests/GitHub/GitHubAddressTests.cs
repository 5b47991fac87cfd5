using KubeApps.Deploy.GitHub;

namespace KubeApps.Deploy.Tests.GitHub;

public sealed class GitHubAddressTests
{
    [Theory]
    [InlineData("https://github.com/acme/shop.git", "github.com", "acme/shop")]
    [InlineData("https://github.com/acme/shop", "github.com", "acme/shop")]
    [InlineData("https://x-access-token:secret@github.com/acme/shop.git/", "github.com", "acme/shop")]
    [InlineData("git@github.com:acme/shop.git", "github.com", "acme/shop")]
    [InlineData("github.com:acme/shop", "github.com", "acme/shop")]
    [InlineData("ssh://git@GHE.example.com:2222/acme/shop.app.git", "ghe.example.com", "acme/shop.app")]
    [InlineData("https://ghe.example.com:8443/acme/shop", "ghe.example.com:8443", "acme/shop")]
    [InlineData("ssh://git@ssh.github.com:443/acme/shop.git", "github.com", "acme/shop")]
    [InlineData("git@ssh.github.com:acme/shop.git", "github.com", "acme/shop")]
    [InlineData("https://www.github.com:443/acme/shop", "github.com", "acme/shop")]
    [InlineData("git@acme.ghe.com:acme/shop.git", "acme.ghe.com", "acme/shop")]
    public void Remote_AsGitWritesThem_NamesHostAndRepository(string url, string host, string name) => Assert.Equal((host, name), GitHubAddress.OfRemote(url));

    [Theory]
    [InlineData("")]
    [InlineData("/srv/git/shop.git")]
    [InlineData("../shop")]
    [InlineData("file:///srv/git/shop.git")]
    [InlineData("C:\\git\\shop")]
    [InlineData("https://github.com/acme")]
    [InlineData("https://github.com/acme/team/shop.git")]
    [InlineData("https://github.com/acme/shop?x=1")]
    [InlineData("https://github.com/acme/..")]
    [InlineData("https://github.com@evil.example.com:x/acme/shop")]
    [InlineData("git@github.com:/srv/acme/shop")]
    [InlineData("https://[::1]/acme/shop")]
    [InlineData("https://ghe.example.com:70000/acme/shop")]
    [InlineData("https://ghe..example.com/acme/shop")]
    [InlineData("git@-:acme/shop")]
    [InlineData("https://github.com/acme/shop\nhttps://evil.example.com/a/b")]
    public void Remote_ThatNamesNoRepository_IsNone(string url) => Assert.Null(GitHubAddress.OfRemote(url));

    [Theory]
    [InlineData("acme/shop", true)]
    [InlineData("acme/.github", true)]
    [InlineData("acme", false)]
    [InlineData("acme/..", false)]
    [InlineData("acme/shop/x", false)]
    [InlineData("ac me/shop", false)]
    [InlineData("acme/shop\n", false)]
    public void Name_OfARepository_IsOwnerAndName(string text, bool expected) =>
        Assert.Equal(expected, GitHubAddress.Named(text, GitHubAddress.ApiOf("github.com")) is not null);

    [Theory]
    [InlineData("https://api.github.com", "https://api.github.com/")]
    [InlineData("https://ghe.example.com/api/v3/", "https://ghe.example.com/api/v3/")]
    [InlineData("http://127.0.0.1:5000", "http://127.0.0.1:5000/")]
    [InlineData("http://ghe.example.com/api/v3", null)]
    [InlineData("ghe.example.com", null)]
    [InlineData("https://user:secret@ghe.example.com/api/v3", null)]
    [InlineData("https://ghe.example.com/api/v3?x=1", null)]
    [InlineData(null, null)]
    public void Api_AsAWorkflowNamesIt_IsEncryptedUnlessItIsThisMachine(string? text, string? expected) => Assert.Equal(expected, GitHubAddress.ApiFrom(text)?.AbsoluteUri);

    [Fact]
    public void Api_OfAHost_IsGitHubsOwnOrThatOfAServer() => Assert.Equal(
        ["https://api.github.com/", "https://ghe.example.com/api/v3/", "https://api.acme.ghe.com/", "https://ghe.example.com:8443/api/v3/"],
        ((string[])["github.com", "ghe.example.com", "acme.ghe.com", "ghe.example.com:8443"]).Select(host => GitHubAddress.ApiOf(host).AbsoluteUri));

    [Theory]
    [InlineData("ghe.example.com:8443", true)]
    [InlineData("ghe.example.com:70000", false)]
    [InlineData("a..b", false)]
    public void Host_ThatNoAddressCanBeMadeOf_IsNone(string text, bool expected) => Assert.Equal(expected, GitHubAddress.IsHost(text));

    [Theory]
    [InlineData("github.com", "https://github.com/acme/shop/deployments/prod%20eu")]
    [InlineData("acme.ghe.com", "https://acme.ghe.com/acme/shop/deployments/prod%20eu")]
    [InlineData("ghe.example.com:8443", "https://ghe.example.com:8443/acme/shop/deployments/prod%20eu")]
    public void Page_OfAnEnvironment_IsOnTheHostThatPeopleVisit(string host, string expected) =>
        Assert.Equal(expected, new GitHubRepository(GitHubAddress.ApiOf(host), "acme", "shop").DeploymentsPage("prod eu"));
}
