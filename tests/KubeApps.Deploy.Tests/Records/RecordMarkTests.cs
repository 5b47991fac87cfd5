using KubeApps.Deploy.Records;
using KubeApps.Deploy.Revisions;
using static KubeApps.Deploy.Tests.Records.RecordSample;

namespace KubeApps.Deploy.Tests.Records;

public sealed class RecordMarkTests
{
    [Fact]
    public void Read_OfWhatWasWritten_GivesTheSame()
    {
        var mark = Recorded(1, RevisionOutcome.Deployed, "success").Record!;

        Assert.Equal(mark, RecordMark.Read(mark.Write()));
        Assert.Equal(mark with { Id = null }, RecordMark.Read((mark with { Id = null }).Write()));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"api":"https://api.github.com/","repository":"acme/shop","environment":"prod"}""")]
    [InlineData("""{"api":"https://api.github.com/","repository":"acme/shop","environment":"prod","cluster":{"name":"c"},"id":"many"}""")]
    public void Read_OfSomethingElse_IsNoMark(string? text) => Assert.Null(RecordMark.Read(text));

    [Fact]
    public void Read_OfARevisionThatNamesSomethingTwice_IsNone()
    {
        var stored = RevisionObject.Of(Recorded(1, RevisionOutcome.Deployed), null);
        stored["data"]!["plan"] = """{"steps":[],"steps":[]}""";

        Assert.Null(RevisionObject.Read(stored));
    }

    [Fact]
    public void Read_OfARevisionWithAMark_GivesIt()
    {
        var revision = Recorded(1, RevisionOutcome.Deployed, "success");
        var stored = RevisionObject.Of(revision, null);
        stored["metadata"]!["uid"] = revision.Uid;

        Assert.Equal(revision.Record, RevisionObject.Read(stored)!.Record);
    }
}
