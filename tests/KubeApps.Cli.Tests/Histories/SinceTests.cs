using System.Globalization;
using KubeApps.Cli.Commands;

namespace KubeApps.Cli.Tests.Histories;

public sealed class SinceTests
{
    [Theory]
    [InlineData("30m", "2026-03-10T11:30:00Z")]
    [InlineData("12h", "2026-03-10T00:00:00Z")]
    [InlineData("2d", "2026-03-08T12:00:00Z")]
    [InlineData("1w", "2026-03-03T12:00:00Z")]
    [InlineData("2026-03-01", "2026-03-01T00:00:00Z")]
    [InlineData("2026-03-01T08:30", "2026-03-01T08:30:00Z")]
    [InlineData("2026-03-01T08:30:15Z", "2026-03-01T08:30:15Z")]
    [InlineData("2026-03-01T08:30:15+02:00", "2026-03-01T06:30:15Z")]
    [InlineData("2026-03-01T08:30:15.123Z", "2026-03-01T08:30:15.123Z")]
    [InlineData("yesterday", null)]
    [InlineData("", null)]
    [InlineData("d", null)]
    [InlineData("-2d", null)]
    [InlineData("99999999999d", null)]
    [InlineData("2147483647w", null)]
    [InlineData("03/01/2026", null)]
    public void Since_AsPeopleWriteIt_IsATime(string text, string? expected) => Assert.Equal(
        expected is null ? null : DateTimeOffset.Parse(expected, CultureInfo.InvariantCulture),
        HistoryOptions.ParseSince(text, new DateTimeOffset(2026, 3, 10, 12, 0, 0, TimeSpan.Zero)));
}
