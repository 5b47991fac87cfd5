using KubeApps.Deploy.History;

namespace KubeApps.Deploy.Tests.History;

public sealed class HistoryStateTests
{
    [Theory]
    [InlineData("", "pending")]
    [InlineData("queued", "queued")]
    [InlineData("queued in_progress", "in_progress")]
    [InlineData("queued in_progress success", "success")]
    [InlineData("in_progress success inactive", "success")]
    [InlineData("in_progress failure inactive", "failure")]
    [InlineData("in_progress error", "error")]
    [InlineData("queued in_progress inactive", "inactive")]
    [InlineData("inactive success", "success")]
    [InlineData("success failure", "failure")]
    [InlineData("waiting", "unknown")]
    [InlineData("in_progress brand_new_state", "unknown")]
    public void State_OfStatuses_IsWhatItCameTo(string states, string expected) => Assert.Equal(expected, Recorded.Deployment(1, 0, states).State.Word());

    [Fact]
    public void Times_OfARecordThatWasSuperseded_AreThoseOfItsStates()
    {
        var record = Recorded.Deployment(1, 0, "queued in_progress+1 success+3 inactive+9");

        Assert.Equal((Recorded.At(3), Recorded.At(3), Recorded.At(9)), (record.SucceededAt, record.EndedAt, record.RetiredAt));
    }

    [Fact]
    public void Times_OfAnInactiveRecordThatServesAgain_HaveNoEnd() => Assert.Null(Recorded.Deployment(1, 0, "success+1 inactive+2 success+3").RetiredAt);

    [Fact]
    public void Words_OfAllStates_AreRead() => Assert.All(HistoryStates.Words, word => Assert.Equal(word, HistoryStates.Of(word).Word()));
}
