using System.Text.RegularExpressions;
using KubeApps.Actions.Tests.Checking;
using KubeApps.Actions.Tests.Executing;

namespace KubeApps.Actions.Tests;

/// <summary>What actions and workflows hand to the tool are options that it has.</summary>
public sealed partial class ToolOptionTests
{
    [Fact]
    public async Task Scripts_ThatCallTheTool_UseOptionsThatItHas()
    {
        var calls = RepositoryFiles.Read().SelectMany(file => new YamlFile(file.Key, file.Value).Steps.Select(step => step.Value("run")).OfType<string>())
            .SelectMany(script => Call().Matches(script.Replace("\\\n", " ", StringComparison.Ordinal)))
            .GroupBy(call => call.Groups["command"].Value.Trim(), call => call.Groups["rest"].Value).ToList();

        Assert.Superset(new HashSet<string> { "deploy", "destroy", "plan", "publish", "record sync", "rollback" }, calls.Select(call => call.Key).ToHashSet());
        var unknown = new List<string>();
        foreach (var call in calls.Where(call => call.Key.Length > 0))
        {
            var help = await RealTool.HelpAsync(call.Key.Split(' '));
            unknown.AddRange(call.SelectMany(rest => Option().Matches(rest)).Select(option => option.Value).Distinct()
                .Where(option => !Regex.IsMatch(help, $@"(?<![\w-]){option}(?![\w-])")).Select(option => $"{call.Key} {option}"));
        }

        Assert.Empty(unknown);
    }

    [Theory]
    [InlineData("deploy", "hold", "$(touch canary)")]
    [InlineData("deploy", "strategy", "rolling; touch canary")]
    [InlineData("deploy", "timeout", "`touch canary`")]
    [InlineData("deploy", "record", "yes\nouch: touch canary")]
    [InlineData("deploy", "bundle", "oci://$(touch canary)")]
    [InlineData("deploy", "arguments", "--no-such-option\n; touch canary")]
    [InlineData("rollback", "to-revision", "1 || touch canary")]
    [InlineData("destroy", "all", "true --dry-run")]
    [InlineData("plan", "comment", "1; touch canary")]
    [InlineData("publish", "arguments", "--property=a;KubeAppDeploy=true")]
    public async Task Run_InputThatCannotBe_IsRefusedByTheToolAndNothingIsDone(string action, string input, string value)
    {
        using var runner = new Runner();
        RealTool.PutInto(runner);

        var run = await runner.RunAsync($"actions/{action}", new Dictionary<string, string> { [input] = value, ["record"] = input == "record" ? value : "none" });

        Assert.Equal("failure", run.Outcome);
        Assert.Equal(64, run[action].Exit);
        Assert.Matches("(?m)^::error title=KUBEAPP", run[action].Log);
        if (action != "publish")
            Assert.Equal(("failed", true), (run.Outputs["outcome"], run.Outputs["failure"].Length > 0));
        Assert.Empty(Directory.EnumerateFiles(runner.Workspace));
    }

    [GeneratedRegex(@"dotnet-kubeapp(?<command>(?: [a-z]+)*)(?<rest>[^\n]*)")]
    private static partial Regex Call();

    [GeneratedRegex("(?<![\\w-])--[a-z][a-z-]+")]
    private static partial Regex Option();
}
