using KubeApps.Deploy.GitHub;
using KubeApps.Deploy.Records;
using KubeApps.Deploy.Revisions;
using static KubeApps.Deploy.Tests.Revisions.Sample;

namespace KubeApps.Deploy.Tests.Records;

/// <summary>Revisions with records.</summary>
internal static class RecordSample
{
    public static readonly GitHubRepository Repository = new(new Uri("https://api.github.com/"), "acme", "shop");

    /// <summary>A revision whose record GitHub has in that state, under the number of the revision times hundred; null: it has none.</summary>
    public static Revision Recorded(int number, RevisionOutcome outcome, string? state = null, int? restores = null, string environment = "prod")
    {
        var revision = Revision(number, outcome, restores: restores, isKept: false);
        return revision with
        {
            State = revision.State with { Url = "https://shop.example.com/" },
            Record = new RecordMark("https://api.github.com/", "acme/shop", environment, new RecordCluster("context prod-eu", "cluster-1"))
            {
                Id = state is null ? null : number * 100,
                State = state,
                IsProduction = true,
            },
        };
    }
}
