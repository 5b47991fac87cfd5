using System.Diagnostics;
using System.Text.RegularExpressions;
using KubeApps.Actions.Tests.Executing;
using KubeApps.GitHub.StandIn;

namespace KubeApps.Actions.Tests;

/// <summary>From the sources of the sample to an app that answers and a record that says so: through the actions, the real tool, the sandbox, and what stands in for GitHub.</summary>
public sealed class WholeChainTests(GitHubStandIn github) : IAsyncLifetime
{
    private readonly Runner _runner = new();

    public ValueTask InitializeAsync()
    {
        RealTool.PutInto(_runner);
        var home = Path.Combine(_runner.Temp, "home");
        foreach (var (name, value) in ((string, string)[])
        [
            ("KUBEAPPS_HOME", home), ("KUBEAPPS_SANDBOX_API_PORT", "0"), ("KUBEAPPS_SANDBOX_REGISTRY_PORT", "0"),
            ("DOTNET_CLI_TELEMETRY_OPTOUT", "1"), ("DOTNET_NOLOGO", "1"), ("MSBUILDDISABLENODEREUSE", "1"), ("GITHUB_SERVER_URL", "https://github.com"), ("GITHUB_RUN_ID", "17"), ("GITHUB_ACTOR", "mona"),
        ])
            _runner.Env[name] = value;
        // How packages come to this machine is none of the tests' concern.
        foreach (System.Collections.DictionaryEntry variable in Environment.GetEnvironmentVariables())
            if ((string)variable.Key is var name && name.StartsWith("NUGET_", StringComparison.Ordinal))
                _runner.Env[name] = (string)variable.Value!;
        Directory.CreateDirectory(home);
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await ProcessAsync("dotnet-kubeapp", "sandbox", "stop");
        _runner.Dispose();
    }

    [Fact]
    public async Task PublishAndDeploy_GoodVersionThenABrokenOneCancelledAndAgain_AnswersAndIsRecordedAsItIs()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Actions are executed with bash.");
        using var repository = await github.NewRepositoryAsync();
        repository.Commits.AreOpen = false;
        foreach (var (name, value) in repository.Variables)
            _runner.Env[name] = value;
        _runner.GitHub["token"] = repository.Token;
        CopySample();
        await GitAsync("init", "--quiet", "--initial-branch=main");

        // A version that works.
        var good = await CommitAsync(repository, "A shop");
        var published = await PublishAsync();
        var deployed = await DeployAsync(published.Outputs["bundle-reference"]);

        Assert.True(deployed.Outcome == "success", deployed.Log);
        Assert.Equal(("deployed", "1", ""), (deployed.Outputs["outcome"], deployed.Outputs["revision"], deployed.Outputs["failure"]));
        // On one page what the job did.
        Assert.StartsWith("## ✅ storefront is deployed to local\n", deployed.Summary, StringComparison.Ordinal);
        Assert.Contains($"<a href=\"{deployed.Outputs["url"]}", deployed.Summary, StringComparison.Ordinal);
        Assert.Contains(good, deployed.Summary, StringComparison.Ordinal);
        RequireSection(deployed.Summary, "What changed", "created .*Deployment storefront-local/web<");
        RequireSection(deployed.Summary, "Images", "Deployment storefront-local/web<.*sha256:[0-9a-f]{12}");
        RequireSection(deployed.Summary, "Checks", @"\| passed \| [0-9]+ \| [0-9.]+ m?s \|");
        RequireSection(deployed.Summary, "Steps", @"\| [0-9.]+ m?s \|");
        Assert.DoesNotContain("not ended", deployed.Summary, StringComparison.Ordinal);
        using var http = new HttpClient { BaseAddress = new Uri(deployed.Outputs["url"]) };
        Assert.Contains("Wool rug", await http.GetStringAsync("/", TestContext.Current.CancellationToken), StringComparison.Ordinal);
        var record = Assert.Single(repository.Deployments);
        Assert.Equal((good, "local", "deploy", "success"), (record.Sha, record.Environment, record.Task, record.State));
        Assert.Equal($"{record.Id}", deployed.Outputs["deployment-id"]);
        Assert.Equal(deployed.Outputs["url"].TrimEnd('/'), record.Statuses[^1].EnvironmentUrl.TrimEnd('/'));

        // A version that does not come up.
        var program = Path.Combine(_runner.Workspace, "Storefront", "Program.cs");
        File.WriteAllText(program, File.ReadAllText(program).Replace("app.Run();", "throw new InvalidOperationException(\"The shelves are empty.\");", StringComparison.Ordinal));
        var broken = await CommitAsync(repository, "Empty the shelves");
        published = await PublishAsync();
        // Somebody cancels the run, and starts it again.
        var cancelled = await DeployAsync(published.Outputs["bundle-reference"], cancelOn: ("deploy", "::group::Start web-preview"));

        Assert.Equal(("cancelled", "cancelled"), (cancelled.Outcome, cancelled.Outputs["outcome"]));
        record = Assert.Single(repository.Deployments, item => item.Sha == broken);
        Assert.Equal("error", record.State);
        Assert.Equal($"{record.Id}", cancelled.Outputs["deployment-id"]);

        deployed = await DeployAsync(published.Outputs["bundle-reference"]);

        Assert.Equal(("failure", "rolledBack"), (deployed.Outcome, deployed.Outputs["outcome"]));
        Assert.NotEqual("", deployed.Outputs["failure"]);
        // Why, on one screen: cause, the end of the log, and what to do; and what had been done until then.
        Assert.StartsWith("## ❌ storefront was not deployed to local: it is back at revision 1\n", deployed.Summary, StringComparison.Ordinal);
        Assert.Matches(
            "```\n(?s:.*)  object: +Pod storefront-local/web-(?s:.*)  container: +web\n(?s:.*)  cause: .*(?s:.*)  log:\n(?s:.*)    .*The shelves are empty\\.(?s:.*)  next step: .+\n```", deployed.Summary);
        RequireSection(deployed.Summary, "What was to change", "changed .*Deployment storefront-local/web");
        RequireSection(deployed.Summary, "Images", "sha256:[0-9a-f]{12} → sha256:[0-9a-f]{12}");
        RequireSection(deployed.Summary, "Steps", @"\*\*not ended\*\*|\*\*failed\*\*");
        Assert.Contains("Wool rug", await http.GetStringAsync("/", TestContext.Current.CancellationToken), StringComparison.Ordinal);
        var failed = Assert.Single(repository.Deployments, item => item.Sha == broken && item.Id != record.Id);
        Assert.Equal(("deploy", "failure"), (failed.Task, failed.State));
        Assert.Contains(deployed.Outputs["failure"][..20], failed.Statuses[^1].Description, StringComparison.Ordinal);
        Assert.Equal($"{failed.Id}", deployed.Outputs["deployment-id"]);
        var restored = Assert.Single(repository.Deployments, item => item.Task == "deploy:rollback");
        Assert.Equal((good, "success"), (restored.Sha, restored.State));
        Assert.Equal((4, "error"), (repository.Deployments.Count, record.State));
        Assert.DoesNotContain(repository.Token, deployed.Log + deployed.Summary, StringComparison.Ordinal);

        // A run that was started before those: late.
        _runner.Env["GITHUB_RUN_ID"] = "16";
        var late = await _runner.RunAsync("actions/deploy", new Dictionary<string, string> { ["bundle"] = published.Outputs["bundle-reference"], ["unless-newer"] = "true" });
        Assert.Equal(("success", "superseded", ""), (late.Outcome, late.Outputs["outcome"], late.Outputs["deployment-id"]));
        Assert.Equal(http.BaseAddress, new Uri(late.Outputs["url"]));
        Assert.Contains("stays as it is", late.Summary, StringComparison.Ordinal);
        Assert.Equal(4, repository.Deployments.Count);

        // What the broken version would change, as a comment of its pull request; back to what serves already; and away.
        var planned = await _runner.RunAsync("actions/plan", new Dictionary<string, string> { ["bundle"] = published.Outputs["bundle-reference"], ["comment"] = "7" });
        Assert.True(planned.Outcome == "success", planned.Log);
        Assert.Equal(("planned", "true"), (planned.Outputs["outcome"], planned.Outputs["differences"]));
        Assert.Contains("Deployment", Assert.Single(repository.Comments, comment => comment.Issue == 7).Body, StringComparison.Ordinal);
        var kept = await _runner.RunAsync("actions/rollback", new Dictionary<string, string> { ["app"] = "storefront", ["to-revision"] = "1" });
        Assert.True(kept.Outcome == "success", kept.Log);
        Assert.Equal("unchanged", kept.Outputs["outcome"]);
        var destroyed = await _runner.RunAsync("actions/destroy", new Dictionary<string, string> { ["app"] = "storefront" });
        Assert.True(destroyed.Outcome == "success", destroyed.Log);
        Assert.Equal("destroyed", destroyed.Outputs["outcome"]);
        var last = Assert.Single(repository.Deployments, item => item.Task == "deploy:destroy");
        Assert.Equal(($"{last.Id}", "inactive", 5), (destroyed.Outputs["deployment-id"], last.State, repository.Deployments.Count));
        Assert.DoesNotContain(repository.Deployments, item => item.Id != last.Id && item.State == "success");
        await Assert.ThrowsAsync<HttpRequestException>(() => http.GetStringAsync("/", TestContext.Current.CancellationToken));
    }

    // A row of the table below one of its headings.
    private static void RequireSection(string summary, string heading, string row)
    {
        var section = summary.Split("\n### ").SingleOrDefault(part => part.StartsWith($"{heading}\n", StringComparison.Ordinal)) ?? "";
        Assert.True(section.Split('\n').Any(line => line.StartsWith("| ", StringComparison.Ordinal) && Regex.IsMatch(line, row)), $"No row of '{heading}' has {row}:\n{summary}");
    }

    private async Task<ActionRun> PublishAsync()
    {
        var run = await _runner.RunAsync(
            "actions/publish", new Dictionary<string, string> { ["project"] = "Storefront", ["arguments"] = $"--property=Configuration={RealTool.Configuration}" });
        Assert.True(run.Outcome == "success", run.Log);
        Assert.StartsWith("oci://", run.Outputs["bundle-reference"], StringComparison.Ordinal);
        Assert.Matches("storefront[^\"]*@sha256:[0-9a-f]{64}", run.Outputs["images"]);
        Assert.Matches("\"sha256:[0-9a-f]{64}\"", run.Outputs["digests"]);
        Assert.True(File.Exists(Path.Combine(run.Outputs["bundle"], "bundle.json")), run.Outputs["bundle"]);
        return run;
    }

    private Task<ActionRun> DeployAsync(string bundle, (string, string)? cancelOn = null) =>
        _runner.RunAsync("actions/deploy", new Dictionary<string, string> { ["bundle"] = bundle }, cancelOn);

    private async Task<string> CommitAsync(StandInRepository repository, string message)
    {
        await GitAsync("add", "Storefront", "Storefront.Worker", "Directory.Build.props", "Directory.Build.targets", "Directory.Packages.props");
        await GitAsync("-c", "user.name=Mona", "-c", "user.email=mona@example.com", "commit", "--quiet", "-m", message);
        var commit = (await GitAsync("rev-parse", "HEAD")).Trim();
        repository.Commits.Add(new StandInCommit(commit, message, []));
        return commit;
    }

    /// <summary>The sample as a repository of its own has it, built with this repository's tools, which are built already.</summary>
    private void CopySample()
    {
        var samples = Path.Combine(RepositoryFiles.Root, "samples");
        foreach (var project in (string[])["Storefront", "Storefront.Worker"])
            foreach (var file in Directory.EnumerateFiles(Path.Combine(samples, project), "*", SearchOption.AllDirectories))
            {
                var path = Path.GetRelativePath(samples, file);
                if (path.Split(Path.DirectorySeparatorChar) is [_, "bin" or "obj", ..])
                    continue;
                Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(_runner.Workspace, path))!);
                File.Copy(file, Path.Combine(_runner.Workspace, path));
            }

        File.WriteAllText(
            Path.Combine(_runner.Workspace, "Directory.Build.props"),
            $"""<Project><PropertyGroup><BuildKubeAppsTools>false</BuildKubeAppsTools></PropertyGroup><Import Project="{samples}/Directory.Build.props" /></Project>""");
        File.WriteAllText(Path.Combine(_runner.Workspace, "Directory.Build.targets"), $"""<Project><Import Project="{samples}/Directory.Build.targets" /></Project>""");
        File.Copy(Path.Combine(RepositoryFiles.Root, "Directory.Packages.props"), Path.Combine(_runner.Workspace, "Directory.Packages.props"));
    }

    private Task<string> GitAsync(params string[] arguments) => ProcessAsync("git", arguments);

    private async Task<string> ProcessAsync(string program, params string[] arguments)
    {
        // Found where the steps find it.
        var start = new ProcessStartInfo("env", [program, .. arguments]) { WorkingDirectory = _runner.Workspace, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment.Clear();
        foreach (var (name, value) in _runner.Env)
            start.Environment[name] = value;
        using var process = Process.Start(start)!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken), process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken));
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == 0, await error);
        return await output;
    }
}
