using KubeApps.Events;

namespace KubeApps.Core.Tests;

public class PrintableTests
{
    [Theory]
    [InlineData("plain – Jürgen 日本", "plain – Jürgen 日本")]
    [InlineData("\u001b[31mfail\u001b[39m\u001b[22m: no shelf", "fail: no shelf")]
    [InlineData("\u001b]0;title\u0007text", "text")]
    [InlineData("\u001b]8;;https://evil\u001b\\link", "link")]
    [InlineData("a\u001b", "a\\u001b")]
    [InlineData("a\bb\u202ec", "a\\u0008b\\u202ec")]
    [InlineData("two\r\nlines\tand a tab  ", "two lines and a tab")]
    [InlineData("01234567890123456789012345678901", "012345678901234567890123456789…")]
    [InlineData("01234567890123456789012345678😀9", "01234567890123456789012345678…")]
    public void Line_WhateverAProgramWrote_IsOneLineThatATerminalObeysInNothing(string text, string line) => Assert.Equal(line, Printable.Line(text, 31));
}
