using KubeApps.Deploy.Aws.Ecr;

namespace KubeApps.Deploy.Tests.Aws.Ecr;

/// <summary>A base image comes through the rule that is for its registry, by the name that docker gives it.</summary>
public sealed class EcrUpstreamTests
{
    [Theory]
    [InlineData("public.ecr.aws/ubuntu/dotnet-aspnet:10.0", "public.ecr.aws", "ubuntu/dotnet-aspnet:10.0")]
    [InlineData("quay.io/team/base@sha256:12", "quay.io", "team/base@sha256:12")]
    [InlineData("ubuntu/dotnet-aspnet:10.0", "registry-1.docker.io", "ubuntu/dotnet-aspnet:10.0")]
    [InlineData("docker.io/alpine", "registry-1.docker.io", "library/alpine")]
    [InlineData("debian:13", "registry-1.docker.io", "library/debian:13")]
    [InlineData("localhost/base", "localhost", "base")]
    [InlineData("registry:5000/base", "registry:5000", "base")]
    public void Parse_AName_IsReadAsDockerDoes(string image, string url, string path) => Assert.Equal(new EcrUpstream(url, path), EcrUpstream.Parse(image));

    [Theory]
    [InlineData("hub", "registry-1.docker.io", "hub/library/debian:13")]
    [InlineData("hub", "https://registry-1.docker.io/", "hub/library/debian:13")]
    [InlineData("ROOT", "registry-1.docker.io", "library/debian:13")]
    [InlineData("hub", "quay.io", null)]
    public void Through_ARule_IsBelowItsPrefix(string prefix, string url, string? path) =>
        Assert.Equal(path, EcrUpstream.Parse("debian:13").Through(new PullThroughCacheRule(prefix, url)));

    [Theory]
    [InlineData("public.ecr.aws/a/b", true)]
    [InlineData("registry.k8s.io/pause", true)]
    [InlineData("mcr.microsoft.com/dotnet/aspnet:10.0", false)]
    [InlineData("debian", false)]
    public void NewRule_ForOthersThanOpenRegistries_IsNone(string image, bool isThere) => Assert.Equal(isThere, EcrUpstream.Parse(image).NewRule is not null);
}
