using KubeApps.Cli.Rendering;

namespace KubeApps.Cli.Tests.Histories;

public sealed class CsvTests
{
    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("", "")]
    [InlineData(null, "")]
    [InlineData("a,b", "\"a,b\"")]
    [InlineData("say \"hi\"", "\"say \"\"hi\"\"\"")]
    [InlineData("two\r\nlines", "two\\u000d\\u000alines")]
    [InlineData("=1+1", "'=1+1")]
    [InlineData("+1", "'+1")]
    [InlineData("-1", "'-1")]
    [InlineData("@SUM(A1)", "'@SUM(A1)")]
    [InlineData("＝1", "'＝1")]
    [InlineData("  =1", "'  =1")]
    [InlineData("\t=1", "\\u0009=1")]
    [InlineData("=a,\"b\"", "\"'=a,\"\"b\"\"\"")]
    [InlineData("a=1", "a=1")]
    public void Write_ACell_IsReadBackAsTextAndNeverRun(string? text, string expected)
    {
        using var output = new StringWriter();

        Csv.Write(output, [[text, "end"]]);

        Assert.Equal($"{expected},end\r\n", output.ToString());
    }
}
