using KubeApps.Deploy.Images;

namespace KubeApps.MSBuild.Tests;

/// <summary>What a Dockerfile begins with is found and exchanged, and nothing else in it is touched.</summary>
public class DockerfileBasesTests
{
    private const string Platform = "linux/arm64";

    private const string Text = """
        # syntax=docker/dockerfile:1
        ARG VERSION=10.0
        FROM --platform=$BUILDPLATFORM public.ecr.aws/tools:1 AS tools
        FROM public.ecr.aws/sdk:10.0 AS build
        RUN echo \
        FROM public.ecr.aws/no:1
        RUN <<END cat <<-"OTHER"
        FROM public.ecr.aws/no:2
        END
        FROM public.ecr.aws/no:3
        	OTHER
        from quay.io/base as base
        FROM build AS test
        FROM public.ecr.aws/runtime:$VERSION
        FROM scratch
          FROM public.ecr.aws/sdk:10.0
        COPY --from=public.ecr.aws/sdk:10.0 /a /b
        """;

    [Fact]
    public void Of_AllThatAFileCanHold_FindsTheImagesOfRegistriesAlone() =>
        Assert.Equal(
            (DockerfileBase[])[new("public.ecr.aws/tools:1", null), new("public.ecr.aws/sdk:10.0", Platform), new("quay.io/base", Platform), new("public.ecr.aws/runtime:10.0", Platform)],
            DockerfileBases.Of(Text, Platform));

    [Theory]
    [InlineData("ARG BASE=a/b\nFROM ${BASE}", "a/b linux/arm64")]
    [InlineData("ARG V=1 BASE=\"a/b:$V\"\nFROM $BASE AS x", "a/b:1 linux/arm64")]
    [InlineData("ARG V\nFROM a/b:${V:-2}", "a/b:2 linux/arm64")]
    [InlineData("ARG V=3\nFROM a/b${V:+:$V}", "")]
    [InlineData("ARG V=3\nFROM a/b${V:+-slim}", "a/b-slim linux/arm64")]
    [InlineData("FROM a/b:$TARGETARCH", "a/b:arm64 linux/arm64")]
    [InlineData("FROM --platform=$TARGETPLATFORM a/b", "a/b linux/arm64")]
    [InlineData("FROM --platform=linux/amd64 a/b", "a/b linux/amd64")]
    [InlineData("FROM --platform=${BUILDPLATFORM} a/b", "a/b its own")]
    [InlineData("ARG P=linux/amd64\nFROM --platform=$P a/b\nFROM a/b", "a/b linux/amd64, a/b linux/arm64")]
    [InlineData("FROM --platform=$UNKNOWN a/b", "")]
    [InlineData("ARG BASE\nFROM $BASE", "")]
    [InlineData("ARG BASE= \nFROM $BASE", "")]
    [InlineData("FROM a/b AS x\nARG BASE=a/c\nFROM $BASE", "a/b linux/arm64")]
    [InlineData("ARG BASE=a/b \\\n  OTHER=1\nFROM $BASE", "")]
    [InlineData("ARG STAGE=x\nFROM a/b AS x\nFROM $STAGE", "a/b linux/arm64")]
    [InlineData("ARG TARGETARCH=odd\nFROM a/b:$TARGETARCH", "")]
    [InlineData("ARG BASE='a/b'\nFROM $BASE", "a/b linux/arm64")]
    public void Of_VariablesAndPlatforms_KnowsWhatTheFileSaysOfThem(string text, string found) =>
        Assert.Equal(found, string.Join(", ", DockerfileBases.Of(text, Platform).Select(item => $"{item.Image} {item.Platform ?? "its own"}")));

    [Fact]
    public void With_APlaceForWhatAVariableNames_ExchangesTheVariable() => Assert.Equal(
        "ARG BASE=a/b\nFROM --platform=$BUILDPLATFORM c AS x\nFROM c",
        DockerfileBases.With("ARG BASE=a/b\nFROM --platform=$BUILDPLATFORM ${BASE} AS x\nFROM $BASE", Platform, new Dictionary<string, string> { ["a/b"] = "c" }));

    [Fact]
    public void With_Places_ExchangesThemAndKeepsTheRestByteForByte()
    {
        var changed = DockerfileBases.With(Text, Platform, new Dictionary<string, string> { ["public.ecr.aws/sdk:10.0"] = "registry/cache/sdk:10.0" });

        Assert.Equal(
            Text.Replace("FROM public.ecr.aws/sdk:10.0", "FROM registry/cache/sdk:10.0", StringComparison.Ordinal), changed);
        Assert.Equal(Text, DockerfileBases.With(Text, Platform, new Dictionary<string, string>()));
    }

    [Theory]
    [InlineData("\n\nFROM a/b\n", "\n\nFROM c\n")]
    [InlineData("FROM a/b\r\nRUN x\r\n", "FROM c\r\nRUN x\r\n")]
    [InlineData("# escape=`\nRUN dir C:\\\nFROM a/b", "# escape=`\nRUN dir C:\\\nFROM c")]
    [InlineData("# escape=`\nRUN dir `\nFROM a/b", "# escape=`\nRUN dir `\nFROM a/b")]
    [InlineData("RUN a \\\n# a comment between\nFROM a/b\nFROM a/b", "RUN a \\\n# a comment between\nFROM a/b\nFROM c")]
    [InlineData("RUN cat <<<END\nFROM a/b", "RUN cat <<<END\nFROM c")]
    [InlineData("ENV X <<END\nFROM a/b", "ENV X <<END\nFROM c")]
    [InlineData("FROM a/b \\\n AS x", "FROM a/b \\\n AS x")]
    public void With_EdgesOfTheLanguage_ReadsThemAsTheBuilderDoes(string text, string expected) =>
        Assert.Equal(expected, DockerfileBases.With(text, Platform, new Dictionary<string, string> { ["a/b"] = "c" }));
}
