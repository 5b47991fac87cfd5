using System.Text.Json.Nodes;
using KubeApps.Bundles;
using KubeApps.Deploy.Artifacts;
using KubeApps.Deploy.Images;
using KubeApps.Deploy.Targets;
using KubeApps.GitHub.StandIn;

namespace KubeApps.Cli.Tests.Histories;

/// <summary>One history of a cluster and of GitHub, of real deploys; and back to what a record names.</summary>
public sealed class RecordedHistoryTests(GitHubStandIn github, ToolProcess tool) : IClassFixture<ToolProcess>
{
    [Fact]
    public async Task History_OfDeploysThatAreRecorded_IsOneAndLeadsBack()
    {
        using var repository = await github.NewRepositoryAsync();
        var registry = (string)(await DocumentAsync(repository, "SandboxStatus", "sandbox", "start"))["registry"]!;
        var (first, second) = (repository.Commits.Add("first"), default(StandInCommit));
        second = repository.Commits.Add("second", first.Sha);
        foreach (var commit in (StandInCommit[])[first, second])
        {
            var bundle = await PushAsync(tool.WriteBundle("shop", registry, variable: commit.Message, commit: commit.Sha));
            // What GitHub calls the environment may change.
            Assert.Equal("deployed", (string?)(await DocumentAsync(repository, "DeployResult", "deploy", "--bundle", bundle, "--record", "github", "--github-environment", $"the {commit.Message}"))["outcome"]);
        }

        // By itself: the revisions have records in the repository that is known here.
        var history = await DocumentAsync(repository, "History", "history", "--sha", first.Sha[..10]);
        Assert.Equal(repository.FullName, (string?)history["repository"]);
        var entries = history["entries"]!.AsArray();
        Assert.Equal([2, 1], entries.Select(entry => (int)entry!["revision"]!));
        Assert.Equal(repository.Deployments.Select(item => (long?)item.Id), entries.Select(entry => (long?)entry!["deployment"]));
        Assert.Equal([true, false], entries.Select(entry => (bool)entry!["current"]!));
        Assert.All(entries, entry => Assert.Equal(("success", true, false), ((string?)entry!["state"], (bool)entry["kept"]!, (bool)entry["foreign"]!)));
        Assert.Null(Assert.Single(history["live"]!.AsArray())!["to"]);
        var difference = await DocumentAsync(repository, "RevisionDiff", "history", "diff", "1", "2");
        Assert.Equal("second", (string?)Assert.Single(difference["commits"]!["added"]!.AsArray())!["subject"]);

        // Without it, what the cluster keeps.
        repository.Next(100, Fault.Answer(401));
        var (exit, output, error) = await RunAsync(repository, "history");
        Assert.Equal(0, exit);
        Assert.Matches(@"^REVISION +DEPLOYMENT[\s\S]*\n1 +\d+ [\s\S]*\n2 \* +\d+ ", output);
        Assert.Contains("KUBEAPP9040", error, StringComparison.Ordinal);
        Assert.Equal(1, (await RunAsync(repository, "history", "--source", "github")).Exit);
        repository.ForgetFaults();
        foreach (var (name, value) in new Dictionary<string, string> { ["GITHUB_API_URL"] = "ftp://nowhere", ["GITHUB_TOKEN"] = "two words" })
            Assert.Contains("KUBEAPP9040", (await RunAsync(repository, new Dictionary<string, string> { [name] = value }, "history")).Error, StringComparison.Ordinal);

        var back = await DocumentAsync(repository, "DeployResult", "rollback", "--to-deployment", $"{repository.Deployments[^1].Id}", "-y", "--record", "github");
        Assert.Equal(("deployed", 1), ((string?)back["outcome"], (int?)back["rolledBackTo"]));
        Assert.Equal(("deploy:rollback", first.Sha), (repository.Deployments[0].Task, repository.Deployments[0].Sha));
        Assert.Contains("KUBEAPP9042", (await RunAsync(repository, "rollback", "--to-deployment", "1", "-y")).Error, StringComparison.Ordinal);
        var foreign = repository.Add(new StandInDeployment(first.Sha, "local") { Payload = "by hand" });
        Assert.Contains("KUBEAPP9043", (await RunAsync(repository, "rollback", "--to-deployment", $"{foreign.Id}", "-y")).Error, StringComparison.Ordinal);
        Assert.Contains($"{foreign.Id}", (await RunAsync(repository, "history")).Out, StringComparison.Ordinal);

        // Of a revision that the cluster does not keep any more.
        var payload = repository.Deployments[1].Payload!.DeepClone().AsObject();
        payload["rollout"] = "gone";
        payload["bundle"]!["reference"] = await PushAsync(tool.WriteBundle("shop", registry, variable: "old", commit: first.Sha));
        var gone = repository.Add(new StandInDeployment(first.Sha, "local") { Payload = payload });
        var compared = await DocumentAsync(repository, "RevisionDiff", "history", "diff", "--deployments", $"{gone.Id}", $"{repository.Deployments.First(item => item.Sha == second.Sha).Id}");
        Assert.Equal((false, "second"), ((bool)compared["whole"]!, (string?)Assert.Single(compared["commits"]!["added"]!.AsArray())!["subject"]));
        Assert.Contains("KUBEAPP9043", (await RunAsync(repository, "history", "diff", "--deployments", $"{gone.Id}", $"{foreign.Id}")).Error, StringComparison.Ordinal);
        string[] arguments = ["rollback", "--to-deployment", $"{gone.Id}"];
        Assert.Matches("KUBEAPP0032[\\s\\S]*oci://", (await RunAsync(repository, arguments)).Error);
        // Whoever writes records does not decide where what is deployed comes from.
        var elsewhere = payload.DeepClone().AsObject();
        elsewhere["bundle"]!["reference"] = $"oci://registry.evil.example/shop@sha256:{new string('0', 64)}";
        var evil = repository.Add(new StandInDeployment(first.Sha, "local") { Payload = elsewhere });
        Assert.Contains("KUBEAPP9043", (await RunAsync(repository, "rollback", "--to-deployment", $"{evil.Id}", "-y")).Error, StringComparison.Ordinal);
        var deployed = await DocumentAsync(repository, "DeployResult", [.. arguments, "-y", "--record", "github"]);
        Assert.Equal(("deployed", 4, null), ((string?)deployed["outcome"], (int?)deployed["revision"], (int?)deployed["rolledBackTo"]));
        Assert.Equal("deploy:rollback", repository.Deployments[0].Task);
    }

    [Fact]
    public async Task History_OfTheClusterAlone_AsksNothingOfGitHubAndNorDoesADeployIntoTheSandbox()
    {
        using var repository = await github.NewRepositoryAsync();
        var registry = (string)(await DocumentAsync(repository, "SandboxStatus", "sandbox", "start"))["registry"]!;
        await DocumentAsync(repository, "DeployResult", "deploy", "--bundle", tool.WriteBundle("alone", registry, commit: new string('a', 40)));

        var history = await DocumentAsync(repository, "History", "history", "alone", "--source", "cluster");

        Assert.Equal([1], history["entries"]!.AsArray().Select(entry => (int)entry!["revision"]!));
        Assert.Empty(repository.Requests);
        // Of one app alone it need not be said which is meant.
        Assert.Equal(0, (await RunAsync(repository, "destroy", "alone", "-y", "--record", "none")).Exit);
    }

    private async Task<string> PushAsync(string folder)
    {
        var endpoint = SandboxEndpoint.Read(Path.Combine(tool.Home, "sandbox", "endpoint.json"))!;
        using var client = RemoteBundle.Client(new ImageRegistry(endpoint.Registry, "", endpoint.RegistryCredentials), _ => null, isReadOnly: false);
        return (await new BundleRegistry(client, endpoint.Registry, "kubeapps/shop").PushAsync(BundleFiles.Read(folder), false, TestContext.Current.CancellationToken)).Reference.ToString();
    }

    private async Task<JsonObject> DocumentAsync(StandInRepository repository, string kind, params string[] arguments)
    {
        var (exit, output, error) = await RunAsync(repository, [.. arguments, "-o", "json"]);
        Assert.True(exit == 0, $"{string.Join(' ', arguments)} ended with {exit}: {error}");
        return DocumentReference.Verify(output, kind);
    }

    private Task<(int Exit, string Out, string Error)> RunAsync(StandInRepository repository, params string[] arguments) => RunAsync(repository, [], arguments);

    private Task<(int Exit, string Out, string Error)> RunAsync(StandInRepository repository, Dictionary<string, string> others, params string[] arguments) =>
        tool.RunAsync(repository.Variables.Where(item => !others.ContainsKey(item.Key)).Concat(others).ToDictionary(item => item.Key, item => (string?)item.Value), arguments);
}
