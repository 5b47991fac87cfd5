using KubeApps.Deploy.Records;
using KubeApps.Deploy.Revisions;
using static KubeApps.Deploy.Tests.Records.RecordSample;

namespace KubeApps.Deploy.Tests.Records;

public sealed class LeftRecordsTests
{
    [Fact]
    public void Read_OfWhatWasLeft_GivesTheSameRevisions()
    {
        Revision[] left = [Recorded(1, RevisionOutcome.Deployed, "success"), Recorded(2, RevisionOutcome.Deployed) with { Uid = null }];

        var read = LeftRecords.Read(LeftRecords.ObjectOf("shop", "shop-prod", new LeftRecord("kubeapp-records-shop-1", left)));

        Assert.Equal(left.Select(item => (item.Number, item.Uid, item.Commit, item.Record)), read.Select(item => (item.Number, item.Uid, item.Commit, item.Record)));
        Assert.Equal([(1, "inactive")], RecordRules.Owed(read, Repository).Where(item => item.Revision.Number == 1).Select(item => (item.Revision.Number, item.State)));
    }

    [Fact]
    public void NameOf_TwoDestroysOfAnApp_IsNotTheSame() =>
        Assert.NotEqual(LeftRecords.NameOf(Recorded(1, RevisionOutcome.Deployed)), LeftRecords.NameOf(Recorded(1, RevisionOutcome.Deployed) with { StartedAt = DateTimeOffset.UnixEpoch }));

    [Theory]
    [InlineData("""{"data":{"schemaVersion":"2","revisions":"[]"}}""")]
    [InlineData("""{"data":{"schemaVersion":"1","revisions":"{"}}""")]
    [InlineData("""{"data":{"schemaVersion":"1","revisions":"[1,{}]"}}""")]
    [InlineData("""{"data":{"schemaVersion":"1","revisions":"[{\"data\":{\"app\":\"shop\",\"app\":\"shop\"}}]"}}""")]
    [InlineData("""{"data":{"schemaVersion":"1","schemaVersion":"1"}}""")]
    [InlineData("""{}""")]
    public void Read_OfSomethingElse_IsNothing(string content) => Assert.Empty(LeftRecords.Read(Revisions.Sample.Object(content)));
}
