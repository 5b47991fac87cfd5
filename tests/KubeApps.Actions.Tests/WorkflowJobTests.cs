using System.Text.Json;
using KubeApps.Actions.Tests.Checking;
using KubeApps.Actions.Tests.Executing;
using KubeApps.Testing;

namespace KubeApps.Actions.Tests;

/// <summary>Which jobs run when, with which rights, and in which queue: GitHub's own expressions decide over the workflow that init writes.</summary>
public sealed class WorkflowJobTests
{
    private static readonly WorkflowEvent[] Events =
    [
        WorkflowEvent.On("push to the branch", "push"),
        WorkflowEvent.On("push to another branch", "push", "feature"),
        WorkflowEvent.On("push, staging fails", "push") with { Results = new Dictionary<string, string> { ["deploy/first/deploy"] = "failure" } },
        WorkflowEvent.On("push, a newer one takes the place in the queue of staging", "push") with { Results = new Dictionary<string, string> { ["deploy/first/deploy"] = "cancelled" } },
        WorkflowEvent.On("push, a newer run was in staging before", "push") with { Outputs = new Dictionary<string, Dictionary<string, string>> { ["deploy/first/deploy"] = new() { ["outcome"] = "superseded" } } },
        WorkflowEvent.On("push, it does not build", "push") with { Results = new Dictionary<string, string> { ["deploy/build"] = "failure" } },
        WorkflowEvent.On("by hand", "workflow_dispatch"),
        WorkflowEvent.On("by hand on another branch", "workflow_dispatch", "feature"),
        WorkflowEvent.OnPullRequest("pull request", "opened"),
        WorkflowEvent.OnPullRequest("pull request, it gets a label", "labeled"),
        WorkflowEvent.OnPullRequest("pull request that was closed long ago is changed", "opened", state: "closed"),
        WorkflowEvent.OnPullRequest("pull request of a fork", "synchronize", "mallory/shop", "mallory"),
        WorkflowEvent.OnPullRequest("pull request of a fork that is gone", "synchronize", null, "mallory"),
        WorkflowEvent.OnPullRequest("pull request of Dependabot", "opened", author: "dependabot[bot]"),
        WorkflowEvent.OnPullRequest("pull request is closed", "closed"),
        WorkflowEvent.OnPullRequest("pull request of a fork is closed", "closed", "mallory/shop", "mallory"),
        Scheduled("schedule", ("c1", "staging,prod")),
        Scheduled("schedule, a newer commit waits for its release in prod", ("c2", "staging"), ("c1", "prod")),
        Scheduled("schedule, staging was rolled back", ("c1", "prod")),
        Scheduled("schedule, all was rolled back"),
        Scheduled("schedule, nothing says what runs") with { Results = new Dictionary<string, string> { ["scheduled/running"] = "failure" } },
        Scheduled("schedule, prod has drifted", ("c1", "staging,prod")) with { Results = new Dictionary<string, string> { ["scheduled/drift (prod)"] = "failure" } },
    ];

    [Fact]
    public async Task Jobs_OfTheWorkflowThatInitWrites_RunAsTheTableSays()
    {
        var runs = await JobRun.OfAsync(CallerWorkflow.FilesWith("kubeapp.yml"), CallerWorkflow.Path, Events);

        Snapshot.Matches(string.Concat(Events.Zip(runs).Select(run => $"{run.First.Name}\n{Table(run.Second)}\n")), "jobs.txt");
    }

    [Fact]
    public async Task Jobs_WithCredentials_RunNoCodeOfAStranger()
    {
        var runs = await JobRun.OfAsync(CallerWorkflow.FilesWith("kubeapp.yml"), CallerWorkflow.Path, Events);

        var strangers = Events.Zip(runs).Where(run => run.First.Name.Contains("fork", StringComparison.Ordinal) || run.First.Name.Contains("Dependabot", StringComparison.Ordinal)).ToList();
        Assert.Equal(4, strangers.Count);
        Assert.All(strangers.SelectMany(run => run.Second!).Where(job => job.Result != "skipped"), job =>
        {
            Assert.Equal(["contents"], job.Permissions!.Keys);
            Assert.Null(job.Environment);
        });
    }

    [Fact]
    public async Task Jobs_OfAPreviewThatIsCalledOnAnUntrustedEvent_DoNotRun()
    {
        var files = CallerWorkflow.FilesOf("""
            on: pull_request_target
            jobs:
              preview:
                uses: ./.github/workflows/kubeapp-preview.yml
                with:
                  app: shop
                  environment: preview
            """);

        var jobs = (await JobRun.OfAsync(files, CallerWorkflow.Path, [WorkflowEvent.OnPullRequest("", "opened", eventName: "pull_request_target")]))[0];

        Assert.All(jobs!, job => Assert.Equal("skipped", job.Result));
    }

    [Theory]
    [InlineData("", "prod")]
    [InlineData("github-environment: shop-prod", "shop-prod")]
    public async Task Job_OfAnEnvironment_WaitsForTheApprovalOfTheOneThatGitHubHas(string input, string expected)
    {
        var files = CallerWorkflow.FilesOf($"""
            on: workflow_dispatch
            jobs:
              deploy:
                uses: ./.github/workflows/kubeapp-environment.yml
                with:
                  app: shop
                  bundle: oci://ghcr.io/team/shop@sha256:0
                  environment: prod
                  {input}
            """);

        var jobs = (await JobRun.OfAsync(files, CallerWorkflow.Path, [WorkflowEvent.On("by hand", "workflow_dispatch")]))[0];

        Assert.Equal(expected, Assert.Single(jobs!).Environment);
    }

    [Fact]
    public async Task Jobs_OfAPreviewWithoutAnEnvironment_OnlyPlan()
    {
        var files = CallerWorkflow.FilesOf("""
            on: pull_request
            jobs:
              preview:
                uses: ./.github/workflows/kubeapp-preview.yml
                with:
                  app: shop
                  plans: '["prod"]'
            """);

        var runs = await JobRun.OfAsync(files, CallerWorkflow.Path, [WorkflowEvent.OnPullRequest("", "opened"), WorkflowEvent.OnPullRequest("", "closed")]);

        Assert.Equal(["preview/build", "preview/plan (prod)"], runs[0]!.Where(job => job.Result != "skipped").Select(job => job.Job));
        Assert.All(runs[1]!, job => Assert.Equal("skipped", job.Result));
    }

    [Theory]
    [InlineData("kubeapp.yml")]
    [InlineData("kubeapp-small.yml")]
    public async Task Check_OfTheWorkflowThatInitWrites_FindsNothing(string snapshot)
    {
        var found = await Checkers.CheckAsync(new FileSet(CallerWorkflow.FilesWith(snapshot), [CallerWorkflow.Path]));

        Assert.True(found.Count == 0, string.Join('\n', found));
    }

    [Fact]
    public void Permissions_ThatInitWrites_AreThoseThatTheWorkflowsNeedAndNoMore()
    {
        var files = CallerWorkflow.FilesWith("kubeapp.yml");

        foreach (var (id, job) in new YamlFile(CallerWorkflow.Path, files[CallerWorkflow.Path]).Jobs)
            Assert.Equal(
                Permissions.NeededBy(Rules.Local(job.Value("uses"), files)!, files).Select(need => $"{id} {need.Key}: {need.Value}"),
                Permissions.Of(job.Find("permissions")).Scopes.OrderBy(scope => scope.Key, StringComparer.Ordinal).Select(scope => $"{id} {scope.Key}: {scope.Value}"));
    }

    private static WorkflowEvent Scheduled(string name, params (string Commit, string Environments)[] releases) => WorkflowEvent.On(name, "schedule") with
    {
        Outputs = new Dictionary<string, Dictionary<string, string>>
        {
            ["scheduled/running"] = new() { ["releases"] = JsonSerializer.Serialize(releases.Select(release => new { commit = release.Commit, environments = release.Environments.Split(',') })) },
        },
    };

    private static string Table(IReadOnlyList<JobRun>? jobs) => jobs?.Where(job => job.Result != "skipped").ToList() switch
    {
        null => "  it is not about this\n",
        [] => "  no job runs\n",
        var due => string.Concat(due.Select(job => $"  {job}\n")),
    };
}
