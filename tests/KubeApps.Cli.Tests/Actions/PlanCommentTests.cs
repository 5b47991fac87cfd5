using System.Text.Json.Nodes;
using KubeApps.Cli.Commands;
using KubeApps.Cli.Rendering.Plans;
using KubeApps.Deploy;
using KubeApps.Deploy.Api;
using KubeApps.Deploy.GitHub;
using KubeApps.Deploy.Planning.Fields;
using KubeApps.Deploy.Planning.Reports;
using KubeApps.Events;
using KubeApps.GitHub.StandIn;

namespace KubeApps.Cli.Tests.Actions;

/// <summary>A plan as the comment of a pull request, through GitHub's own description of its API.</summary>
public sealed class PlanCommentTests(ToolProcess tool, GitHubStandIn gitHub) : IClassFixture<ToolProcess>, IDisposable
{
    private const string Mark = "<!-- kubeapp-plan commented local -->\n";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Plan_OfRunsOfAPullRequest_HasOneCommentThatChangesWithThem()
    {
        using var repository = await gitHub.NewRepositoryAsync();
        // Those of others stand before ours, on more than one page; one of them pretends to be ours.
        repository.Comments.AddRange(Enumerable.Range(0, 150).Select(index => new StandInComment(7, $"Comment {index}\n{Mark}") { Login = "octocat" }));
        repository.Comments.Insert(3, new StandInComment(7, $"{Mark}gotcha") { Login = "mallory" });
        repository.Comments.Insert(4, new StandInComment(8, $"{Mark}of another pull request"));
        repository.Comments.Insert(5, new StandInComment(7, "<!-- kubeapp-plan commented prod -->\nof another environment"));
        var others = repository.Comments.ToList();

        await tool.RunAsync("deploy", "--bundle", await BundleAsync("zero"));
        var first = await PlanAsync(repository, "one");
        var again = await PlanAsync(repository, "one");
        var asked = repository.Requests.Count;
        var changed = await PlanAsync(repository, "two", comment: "7");

        var ours = Assert.Single(repository.Comments.Except(others));
        Assert.Equal(others, repository.Comments.Take(others.Count));
        Assert.StartsWith($"{Mark}### commented: 1 to change", ours.Body, StringComparison.Ordinal);
        Assert.Contains("- spec.template.spec.containers[web].env[VARIABLE].value: zero\n+ spec.template.spec.containers[web].env[VARIABLE].value: two\n", ours.Body, StringComparison.Ordinal);
        Assert.Contains("Comment created: ", first.Error, StringComparison.Ordinal);
        Assert.Contains("Comment unchanged: ", again.Error, StringComparison.Ordinal);
        Assert.Contains("Comment updated: ", changed.Error, StringComparison.Ordinal);
        Assert.Equal(("true", $"{repository.Api}repos/{repository.FullName}/pull/7#issuecomment-{ours.Id}"), (first.Outputs["differences"], first.Outputs["comment"]));
        Assert.Single(repository.Requests, request => request.Method == "PATCH");
        // What the run before was told still holds, and need not be sent again.
        Assert.All(repository.Requests.Skip(asked).Where(request => request.Method == "GET"), request => Assert.Equal(304, request.Status));
    }

    [Fact]
    public async Task Plan_WhereGitHubDoesNotTakeTheComment_IsAPlanAllTheSame()
    {
        using var repository = await gitHub.NewRepositoryAsync();

        var plan = await PlanAsync(repository, "one", token: repository.NewToken(TokenRights.ReadOnly));

        Assert.Equal((0, "planned", ""), (plan.Exit, plan.Outputs["outcome"], plan.Outputs["comment"]));
        Assert.Contains("::warning title=KUBEAPP9051::", plan.Error, StringComparison.Ordinal);
        Assert.DoesNotContain(repository.Token, plan.Error, StringComparison.Ordinal);
        Assert.Empty(repository.Comments);
    }

    [Fact]
    public async Task Plan_ThatEndsBeforeItKnowsItsApp_SaysThatACommentIsOfAnEarlierRun()
    {
        using var repository = await gitHub.NewRepositoryAsync();
        var variables = new Dictionary<string, string>(repository.Variables) { ["GITHUB_TOKEN"] = repository.Token };

        var (exit, _, error) = await Tool.RunInAsync(_folder.Path, variables, "plan", "--bundle", _folder.Path, "--comment", "7");

        Assert.Equal(64, exit);
        Assert.Contains($"KUBEAPP9051: The plan ended before it was known of which app it is: a comment on pull request 7 of {repository.FullName} is of an earlier run.", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Plan_OfARunThatIsNotAboutAPullRequest_SaysSoAndAsksNobody()
    {
        using var repository = await gitHub.NewRepositoryAsync();

        var plan = await PlanAsync(repository, "one", reference: "refs/heads/main");

        Assert.Equal((0, ""), (plan.Exit, plan.Outputs["comment"]));
        Assert.Contains("There is no comment: this run is not about a pull request.", plan.Error, StringComparison.Ordinal);
        Assert.Empty(repository.Requests);
    }

    [Theory]
    [InlineData("--comment", "7")]
    [InlineData("--comment", "seven")]
    [InlineData("--comment", "0")]
    public async Task Plan_WithNothingToCommentWithOrOn_PlansNothing(params string[] arguments)
    {
        var (exit, _, error) = await Tool.RunInAsync(_folder.Path, "", ["plan", "--bundle", "nowhere", .. arguments]);

        Assert.Equal(64, exit);
        Assert.Contains(arguments[1] == "7" ? "KUBEAPP0071" : "is no pull request", error, StringComparison.Ordinal);
    }

    [Fact]
    public void BodyOf_VeryMuch_FitsIntoACommentAndLeadsToTheRun()
    {
        var id = new ObjectId("v1", "ConfigMap", "shop", "a");
        var objects = Enumerable.Range(0, 300).Select(index => new ObjectPlan(
            id with { Name = $"a-{index}" }, ResourceChange.Changed, [new FieldChange("data.a", FieldChangeKind.Changed, new string('a', 100_000), new string('b', 100_000))]));
        var plan = new PlanReport("shop", "prod", "context prod", "shop", null, [.. objects], [], [new PlannedStep("a", "Apply", null)]);

        var body = PlanComment.BodyOf(
            DeployResult.Nothing(DeployOutcome.Planned, 0, "shop", "prod") with { Plan = plan }, "https://github.com/acme/shop/actions/runs/1", DateTimeOffset.UnixEpoch);

        Assert.InRange(PullRequestComments.Marker("plan", "shop", "prod").Length + 1 + body.Length, 60_000, PlanMarkdown.Limit);
        Assert.Contains("The summary of the run below shows more.", body, StringComparison.Ordinal);
        Assert.EndsWith("<sub>By <a href=\"https://github.com/acme/shop/actions/runs/1\">https&#58;//github.com/acme/shop/actions/runs/1</a></sub>\n", body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("shop", "<!-- kubeapp-plan shop prod -->")]
    [InlineData("a --> b", "<!-- kubeapp-plan a%20--%3E%20b prod -->")]
    [InlineData("ä\n", "<!-- kubeapp-plan %E4%0A prod -->")]
    public void Marker_OfAnyName_StaysInvisible(string app, string expected) => Assert.Equal(expected, PullRequestComments.Marker("plan", app, "prod"));

    private async Task<string> BundleAsync(string variable) =>
        tool.WriteBundle("commented", (string)JsonNode.Parse((await tool.RunAsync("sandbox", "start", "-o", "json")).Out)!["registry"]!, variable: variable);

    private async Task<(int Exit, string Error, Dictionary<string, string> Outputs)> PlanAsync(
        StandInRepository repository, string variable, string? token = null, string reference = "refs/pull/7/merge", string comment = "auto")
    {
        var output = Path.Combine(_folder.Path, Guid.NewGuid().ToString());
        var variables = repository.Variables.ToDictionary(pair => pair.Key, pair => (string?)pair.Value);
        variables["GITHUB_ACTIONS"] = "true";
        variables["GITHUB_TOKEN"] = token ?? repository.Token;
        variables["GITHUB_REF"] = reference;
        variables["GITHUB_OUTPUT"] = output;
        var (exit, _, error) = await tool.RunAsync(variables, "plan", "--bundle", await BundleAsync(variable), "--comment", comment);
        return (exit, error, Runner.Outputs(output));
    }
}
