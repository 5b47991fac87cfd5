using KubeApps.Deploy.GitHub;
using KubeApps.Diagnostics;

namespace KubeApps.Deploy.Tests.GitHub;

public class GitHubLookupTests
{
    [Fact]
    public void Repository_InAWorkflow_IsThatOfTheRunOnItsServer()
    {
        Assert.Equal("https://api.github.com/ acme/shop", Find(["GITHUB_REPOSITORY=acme/shop", "GITHUB_API_URL=https://api.github.com", "GITHUB_SERVER_URL=https://github.com"]));
        Assert.Equal(
            "https://ghe.example.com/api/v3/ acme/shop",
            Find(["GITHUB_REPOSITORY=acme/shop", "GITHUB_API_URL=https://ghe.example.com/api/v3", "GITHUB_SERVER_URL=https://ghe.example.com"], "git@github.com:other/thing"));
        Assert.Equal("https://ghe.example.com/api/v3/ acme/shop", Find(["GITHUB_REPOSITORY=acme/shop", "GITHUB_SERVER_URL=https://ghe.example.com"]));
    }

    [Fact]
    public void Repository_NamedByAnOption_IsThatOne()
    {
        Assert.Equal("https://api.github.com/ acme/other", Find(["GITHUB_REPOSITORY=acme/shop"], option: "acme/other"));
        Assert.Equal("https://ghe.example.com/api/v3/ acme/other", Find(["GH_HOST=ghe.example.com"], option: "acme/other"));
    }

    [Theory]
    [InlineData("https://github.com/acme/shop.git", "https://api.github.com/ acme/shop")]
    [InlineData("git@ssh.github.com:acme/shop.git", "https://api.github.com/ acme/shop")]
    [InlineData("https://acme.ghe.com/acme/shop", "https://api.acme.ghe.com/ acme/shop")]
    public void Repository_OfARemoteOnGitHub_IsKnown(string remote, string expected) => Assert.Equal(expected, Find([], remote));

    [Fact]
    public void Repository_OfARemoteOnAHostThatNobodyNamed_IsNone()
    {
        const string remote = "https://me:hunter2@git.example.com/acme/shop.git";

        var (repository, missing) = Lookup([]).FindRepository(null, remote);

        Assert.Null(repository);
        Assert.Contains("git.example.com", missing, StringComparison.Ordinal);
        Assert.Contains("GH_HOST", missing, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", missing, StringComparison.Ordinal);
        // Hosts that only look like GitHub's.
        Assert.All(
            ["https://evilgithub.com/acme/shop", "https://github.com.evil.example/acme/shop", "https://ghe.com.evil.example/a/b", "https://evilghe.com/a/b"],
            url => Assert.Null(Lookup([]).FindRepository(null, url).Repository));
    }

    [Theory]
    [InlineData("GH_HOST=git.example.com", "https://git.example.com/api/v3/ acme/shop")]
    [InlineData("GITHUB_SERVER_URL=https://git.example.com", "https://git.example.com/api/v3/ acme/shop")]
    [InlineData("GITHUB_API_URL=https://git.example.com/api/v3", "https://git.example.com/api/v3/ acme/shop")]
    public void Repository_OfARemoteOnAServerThatIsNamed_IsKnown(string variable, string expected) => Assert.Equal(expected, Find([variable], "git@git.example.com:acme/shop.git"));

    [Fact]
    public void Api_ThatAVariableNames_IsAskedInPlaceOfTheRemotesOwn() =>
        Assert.Equal("http://127.0.0.1:5000/ acme/shop", Find(["GITHUB_API_URL=http://127.0.0.1:5000"], "https://github.com/acme/shop"));

    [Theory]
    [InlineData("https://github.com/acme/shop", "https://api.github.com/ acme/shop")]
    [InlineData("https://acme.ghe.com/acme/shop", "https://api.acme.ghe.com/ acme/shop")]
    [InlineData("https://git.example.com/acme/shop", "https://git.example.com/api/v3/ acme/shop")]
    public void Api_OfAnotherHostThanTheRemotes_IsNotAskedForItsRepository(string remote, string expected) =>
        Assert.Equal(expected, Find(["GITHUB_API_URL=https://ghe.example.com/api/v3", "GH_HOST=git.example.com"], remote));

    [Theory]
    [InlineData("GH_HOST=ghe.example.com:70000")]
    [InlineData("GH_HOST=ghe..example.com")]
    public void Host_ThatNoAddressCanBeMadeOf_NamesNone(string variable) => Assert.Equal("https://api.github.com/ acme/shop", Find([variable], option: "acme/shop"));

    [Theory]
    [InlineData("http://ghe.example.com/api/v3")]
    [InlineData("ghe.example.com")]
    [InlineData("https://user:secret@ghe.example.com/")]
    public void Api_ThatATokenMayNotBeSentTo_IsRefusedAndNotReplaced(string address)
    {
        var failure = Assert.Throws<DiagnosticException>(() => Find([$"GITHUB_API_URL={address}", "GITHUB_REPOSITORY=acme/shop"]));

        Assert.Equal("KUBEAPP9008", failure.Diagnostics[0].Code);
    }

    [Theory]
    [InlineData("acme")]
    [InlineData("acme/..")]
    [InlineData("https://github.com/acme/shop")]
    public void Name_ThatIsNone_IsSaid(string name) => Assert.Contains($"'{name}' is no repository", Lookup([$"GITHUB_REPOSITORY={name}"]).FindRepository(null, null).Missing, StringComparison.Ordinal);

    [Fact]
    public void Token_OfTheEnvironment_IsTakenAsGitHubsOwnToolsDo()
    {
        var (own, server) = (new GitHubRepository(GitHubAddress.ApiOf("github.com"), "acme", "shop"), new GitHubRepository(GitHubAddress.ApiOf("ghe.example.com"), "acme", "shop"));

        Assert.Equal("a", Lookup(["GH_TOKEN=a", "GITHUB_TOKEN=b"]).FindToken(own));
        Assert.Equal("b", Lookup(["GH_TOKEN= ", "GITHUB_TOKEN=b\n"]).FindToken(own));
        Assert.Equal("c", Lookup(["GH_TOKEN=a", "GH_ENTERPRISE_TOKEN=c"]).FindToken(server));
        Assert.Equal("a", Lookup(["GH_TOKEN=a"]).FindToken(server));
        Assert.Null(Lookup(["GH_ENTERPRISE_TOKEN=c"]).FindToken(own));
    }

    private static string? Find(string[] variables, string? remote = null, string? option = null) =>
        Lookup(variables).FindRepository(option, remote).Repository is { } repository ? $"{repository.Api} {repository}" : null;

    private static GitHubLookup Lookup(string[] variables)
    {
        var values = variables.Select(text => text.Split('=', 2)).ToDictionary(parts => parts[0], parts => parts[1]);
        return new GitHubLookup(values.GetValueOrDefault);
    }
}
