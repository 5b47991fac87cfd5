using System.Text.Json.Nodes;
using KubeApps.Cli.Actions;
using KubeApps.Cli.Rendering;

namespace KubeApps.Cli.Tests.Actions;

/// <summary>A runner obeys what looks like a command; only what the tool itself commands may.</summary>
public class WorkflowLogTests
{
    [Theory]
    [InlineData("::set-output name=url::https://evil.example")]
    [InlineData("   ::add-mask::a")]
    [InlineData("\t\u00a0::stop-commands::x")]
    [InlineData("an app says ##[add-mask]a")]
    [InlineData("##[group]one ##[error]two")]
    [InlineData("safe\r::error::gotcha")]
    [InlineData("safe\r\n  ::error::gotcha\n##[error]and again")]
    public void WriteLine_OfWhatLooksLikeACommand_IsShownAndNotObeyed(string line)
    {
        Assert.NotEmpty(Runner.Obeyed(line));
        Assert.True(WorkflowLog.IsObeyed(line));

        var text = Runner.Log(log => log.WriteLine(line));

        Assert.Empty(Runner.Obeyed(text));
        Assert.False(WorkflowLog.IsObeyed(text));
    }

    [Fact]
    public void Write_PieceByPiece_IsNotObeyedEither()
    {
        var text = Runner.Log(log =>
        {
            foreach (var piece in (string[])["  ", ":", ":add-mask", "::a\n#", "#", "[error]b"])
            {
                log.Write(piece);
                log.Flush();
            }
        });

        Assert.Equal("  | ::add-mask::a\n## [error]b\n", text);
    }

    [Theory]
    [InlineData("http://[::1]:8080 answers")]
    [InlineData("std::string")]
    [InlineData("## [not] one")]
    [InlineData("")]
    public void WriteLine_OfAnythingElse_StaysAsItIs(string line)
    {
        Assert.Equal(line + "\n", Runner.Log(log => log.WriteLine(line)));
    }

    [Fact]
    public void Command_OfHostileText_IsOneLineThatSaysWhatWasMeant()
    {
        var text = Runner.Log(log =>
        {
            log.Write("half a line");
            log.Command("error", "100%\n::set-output name=x::y", ("file", "a:b,c.cs"), ("title", "T"));
        });

        Assert.Equal("half a line\n::error file=a%3Ab%2Cc.cs,title=T::100%25%0A::set-output name=x::y\n", text);
        Assert.Single(Runner.Obeyed(text));
    }

    [Theory]
    [InlineData("json")]
    [InlineData("yaml")]
    public void Json_OfWhatLooksLikeACommand_IsTheSameDataAndNotObeyed(string format)
    {
        var document = new JsonObject { ["log"] = "one\n::set-output name=a::b\ntwo ##[add-mask]c\n" };

        var text = Runner.Log(log => Json.Write(log, document, format));

        Assert.Empty(Runner.Obeyed(text));
        Assert.True(JsonNode.DeepEquals(document, JsonNode.Parse(text)));
    }

    [Fact]
    public void Json_OfAnythingElse_IsTheSameAsAnywhere()
    {
        var document = new JsonObject { ["a"] = "b", ["c"] = "## d" };

        foreach (var format in (string[])["json", "yaml"])
        {
            using var elsewhere = new StringWriter { NewLine = "\n" };
            Json.Write(elsewhere, document, format);
            Assert.Equal(elsewhere.ToString(), Runner.Log(log => Json.Write(log, document, format)));
        }
    }
}
