using KubeApps.Bundles;
using KubeApps.Deploy.Planning;
using KubeApps.Deploy.Revisions;
using KubeApps.Events;
using static KubeApps.Deploy.Tests.Revisions.Sample;

namespace KubeApps.Deploy.Tests.Revisions;

public sealed class RevisionDraftTests
{
    [Fact]
    public void Of_AReleaseAndItsPlan_KeepsAllThatComesBackWithIt()
    {
        var web = Object(
            """
            {"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web","namespace":"shop-prod"},"spec":{"template":{"spec":{
             "initContainers":[{"name":"init","image":"a@sha256:01"}],"containers":[{"name":"web","image":"b@sha256:02"},{"name":"odd"}]} } } }
            """);
        var job = Object("""{"apiVersion":"batch/v1","kind":"Job","metadata":{"name":"smoke-1","namespace":"shop-prod"},"spec":{}}""");
        BundleCheck check = new("job", "job smoke", TimeSpan.FromMinutes(1)) { Job = "smoke-1" };
        var release = new Release(
            "shop", "prod", "shop-prod", "abc", [ReleaseObject.Of(new BundleObject("web.yaml", "main", web))], "hash", false, TimeSpan.FromMinutes(5))
        {
            Bundle = "oci://registry.example.com/shop@sha256:11",
            Restores = 2,
            Checks = [check],
            CheckJobs = [ReleaseObject.Of(new BundleObject("smoke.yaml", "check", job))],
        };
        var plan = new ReleasePlan("shop", "prod", "shop-prod", "hash", [new ReleaseStep.Establish("establish", "Wait", TimeSpan.FromMinutes(2), [])]);
        ObjectChange[] changes =
        [
            new("Deployment", "shop-prod", "web", ResourceChange.Changed), new("Service", "shop-prod", "web", ResourceChange.Created), new("Service", "shop-prod", "old", ResourceChange.Deleted),
            new("ConfigMap", "shop-prod", "fixed", ResourceChange.Replaced),
        ];

        var draft = RevisionDraft.Of(release, Content(), plan, changes, new Author("jane"), Start, 5);

        Assert.Equal((5, 2, "hash", "rolling", release.Bundle), (draft.Number, draft.Restores, draft.Hash, draft.Strategy, draft.Bundle));
        Assert.Equal(["Deployment web/init a@sha256:01", "Deployment web/web b@sha256:02"], draft.Images.Select(image => $"{image.Workload}/{image.Container} {image.Image}"));
        Assert.Equal((1, 1, 1, 0, 1), (draft.Plan.Created, draft.Plan.Changed, draft.Plan.Replaced, draft.Plan.Unchanged, draft.Plan.Deleted));
        Assert.Equal(["establish"], draft.Plan.Steps.Select(step => step.Id));
        Assert.Equal([("web.yaml", "main"), ("smoke.yaml", "check")], draft.Content!.Environment.Objects.Select(item => (item.Path, item.Phase)));
        Assert.Equal([check], draft.Content.Environment.Checks);
        Assert.Equal("web", draft.Content.Environment.EntryService);
    }
}
