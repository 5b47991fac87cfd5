using KubeApps.Deploy.Images;

namespace KubeApps.MSBuild.Tests;

/// <summary>What a Dockerfile begins with is found and exchanged, and nothing else in it is touched.</summary>
public class DockerfileBasesTests
{
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
        Assert.Equal(["public.ecr.aws/sdk:10.0", "quay.io/base"], DockerfileBases.Of(Text));

    [Fact]
    public void With_Places_ExchangesThemAndKeepsTheRestByteForByte()
    {
        var changed = DockerfileBases.With(Text, new Dictionary<string, string> { ["public.ecr.aws/sdk:10.0"] = "registry/cache/sdk:10.0" });

        Assert.Equal(
            Text.Replace("FROM public.ecr.aws/sdk:10.0", "FROM registry/cache/sdk:10.0", StringComparison.Ordinal), changed);
        Assert.Equal(Text, DockerfileBases.With(Text, new Dictionary<string, string>()));
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
        Assert.Equal(expected, DockerfileBases.With(text, new Dictionary<string, string> { ["a/b"] = "c" }));
}
