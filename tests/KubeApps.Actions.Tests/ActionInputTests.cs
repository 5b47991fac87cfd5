using KubeApps.Actions.Tests.Checking;
using KubeApps.Actions.Tests.Executing;

namespace KubeApps.Actions.Tests;

/// <summary>What an action is given reaches the tool as it is, and nothing else does.</summary>
public sealed class ActionInputTests : IDisposable
{
    /// <summary>All that a shell could trip over; were any of it carried out, there would be a file 'canary'.</summary>
    private const string Hostile = "a 'b' \"c\" $(touch canary) `touch canary`; touch canary #\n&& touch canary | * ~ $HOME \\ %0A ${{ 1 }} é --x";

    // Not handed over as an option of their own name.
    private static readonly string[] Others = ["app", "arguments", "github-token"];

    private readonly Runner _runner = new();
    private readonly FakeTool _tool;

    public ActionInputTests() => _tool = new FakeTool(_runner);

    public void Dispose() => _runner.Dispose();

    /// <summary>Those that call the tool with what they are given.</summary>
    public static TheoryData<string> Actions => ["deploy", "destroy", "plan", "publish", "rollback"];

    [Theory, MemberData(nameof(Actions))]
    public async Task Run_NoInputs_CallsTheToolWithNone(string action)
    {
        var run = await _runner.RunAsync($"actions/{action}", new Dictionary<string, string>());

        Assert.Equal("success", run.Outcome);
        Assert.Equal(Ended(action, [action, .. action == "plan" ? ["--comment=auto"] : (string[])[]]), _tool.Calls[0]);
    }

    [Theory, MemberData(nameof(Actions))]
    public async Task Run_EmptyInputs_CountAsNotGiven(string action)
    {
        var run = await _runner.RunAsync($"actions/{action}", InputsOf(action).ToDictionary(input => input, _ => ""));

        Assert.Equal("success", run.Outcome);
        Assert.Equal(Ended(action, [action]), _tool.Calls[0]);
    }

    [Theory, MemberData(nameof(Actions))]
    public async Task Run_HostileInputs_ReachTheToolByteForByte(string action)
    {
        var inputs = InputsOf(action).ToDictionary(input => input, input => $"{input}: {Hostile}");
        inputs["arguments"] = "--one=$(touch canary) `touch canary`; touch canary\n\n--two='x' \"y\" *\n-- z\n";

        var run = await _runner.RunAsync($"actions/{action}", inputs);

        Assert.Equal("success", run.Outcome);
        var app = inputs.TryGetValue("app", out var name) ? name : null;
        Assert.Equal(
            Ended(action, [action, .. InputsOf(action).Except(Others).Select(input => $"--{input}={inputs[input]}"), "--one=$(touch canary) `touch canary`; touch canary", "--two='x' \"y\" *", "-- z"], app),
            _tool.Calls[0]);
        if (inputs.TryGetValue("github-token", out var token))
            Assert.Equal([token, token], TokensOf(_tool.Environments[0]));
        Assert.DoesNotContain(Directory.EnumerateFiles(_runner.Workspace), file => Path.GetFileName(file) == "canary");
    }

    [Fact]
    public async Task Run_NoTokenGiven_TheToolHasThatOfTheJob()
    {
        await _runner.RunAsync("actions/deploy", new Dictionary<string, string>());

        Assert.All(_tool.Environments, environment => Assert.Equal(["ghs_token_of_the_job", "ghs_token_of_the_job"], TokensOf(environment)));
    }

    [Theory]
    [InlineData("deploy")]
    [InlineData("destroy")]
    [InlineData("plan")]
    [InlineData("rollback")]
    public async Task Run_TokenGivenInAJobThatHasAnother_TheToolTakesTheOneThatIsGiven(string action)
    {
        foreach (var name in (string[])["GH_TOKEN", "GITHUB_TOKEN", "GH_ENTERPRISE_TOKEN", "GITHUB_ENTERPRISE_TOKEN"])
            _runner.Env[name] = "ambient";

        await _runner.RunAsync($"actions/{action}", new Dictionary<string, string> { ["github-token"] = "given" });

        Assert.All(_tool.Environments, environment => Assert.Equal(["given", "given"], TokensOf(environment)));
    }

    // The first that the tool looks at, of GitHub and of a server of one's own.
    private static string[] TokensOf(IReadOnlyDictionary<string, string> environment) => [environment["GH_TOKEN"], environment["GH_ENTERPRISE_TOKEN"]];

    private static IReadOnlyList<string> Ended(string action, string[] arguments, string? app = null)
    {
        var asks = action is "rollback" or "destroy";
        return [arguments[0], .. asks ? ["--yes"] : (string[])[], .. arguments[1..], .. asks ? ["--"] : (string[])[], .. app is null ? [] : (string[])[app]];
    }

    private static IEnumerable<string> InputsOf(string action) =>
        new YamlFile("action.yml", RepositoryFiles.Read()[$"actions/{action}/action.yml"]).Root.Pairs("inputs").Select(pair => pair.Name);
}
