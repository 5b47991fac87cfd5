using KubeApps.Deploy.Revisions;
using static KubeApps.Deploy.Tests.History.Recorded;

namespace KubeApps.Deploy.Tests.History;

/// <summary>A revision that the cluster does not keep any more, as its record tells it.</summary>
public sealed class RecordedRevisionTests
{
    [Fact]
    public void ToRevision_OfARecord_ComparesCommitAndImages()
    {
        var old = Deployment(2, 0, "failure+1", Payload(2).Replace("web@sha256:00", "web@sha256:01", StringComparison.Ordinal));

        var diff = RevisionDiff.Of(old.ToRevision(old.Payload!), Revision(4, 10));

        Assert.Equal((2, Sha(2), RevisionOutcome.Failed, At(0)), (diff.From.Number, diff.From.Commit, diff.From.State.Outcome, diff.From.StartedAt));
        var image = Assert.Single(diff.Images);
        Assert.Equal(("Deployment", "web", "web"), (image.Workload.Kind, image.Workload.Name, image.Container));
        Assert.Equal(("registry.example.com/web@sha256:01", "registry.example.com/web@sha256:00"), (image.Old, image.New));
        Assert.False(diff.IsWhole);
    }

    [Fact]
    public void ToRevision_OfHostileText_IsOneLineOfIt()
    {
        var record = Deployment(2, 0, payload: Payload(2).Replace("Deployment web", "\\u001b[31mDeployment\\nweb", StringComparison.Ordinal));

        Assert.DoesNotContain(record.ToRevision(record.Payload!).Images[0].Workload, letter => char.IsControl(letter));
    }
}
