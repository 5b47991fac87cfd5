using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using KubeApps.Yaml;

namespace KubeApps.Cli.Tests;

/// <summary>Every command's document, of a real app on a real sandbox, has the shape that the README states.</summary>
public sealed partial class DocumentTests(ToolProcess tool) : IClassFixture<ToolProcess>
{
    [Fact]
    public void Readme_OfTheTool_NamesTheKindsThatTheCodeWrites()
    {
        var written = Directory.EnumerateFiles(Path.Combine(Repository.Root, "src/KubeApps.Cli"), "*.cs", SearchOption.AllDirectories)
            .SelectMany(file => Written().Matches(File.ReadAllText(file))).Select(match => match.Groups[1].Value).Distinct().Order(StringComparer.Ordinal);

        Assert.Equal(written, DocumentReference.Kinds);
    }

    [Fact]
    public async Task Documents_OfAnAppFromDeployToDestroy_HaveTheDocumentedShape()
    {
        Assert.Equal("stopped", (string?)(await DocumentAsync("SandboxStatus", 1, "sandbox", "status"))["state"]);
        var sandbox = await DocumentAsync("SandboxStatus", 0, "sandbox", "start");
        Assert.Equal("running", (string?)sandbox["state"]);
        Assert.Equal((string?)sandbox["kubeconfig"], (string?)(await DocumentAsync("SandboxKubeconfig", 0, "sandbox", "kubeconfig"))["path"]);
        var folder = tool.WriteBundle("shop", (string)sandbox["registry"]!);

        Assert.Equal(2, (await DocumentAsync("Manifests", 0, "render", "--bundle", folder))["objects"]!.AsArray().Count);
        Assert.Equal("planned", (string?)(await DocumentAsync("DeployResult", 0, "deploy", "--bundle", folder, "--dry-run"))["outcome"]);

        var plan = await DocumentAsync("Plan", 2, "plan", "--bundle", folder, "--detailed-exitcode");
        Assert.Equal((true, 3), ((bool?)plan["differences"], (int?)plan["summary"]!["created"]));

        var (exit, lines, _) = await tool.RunAsync("deploy", "--bundle", folder, "-o", "jsonl");
        Assert.Equal(0, exit);
        var documents = lines.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!.AsObject()).ToList();
        Assert.All(documents.SkipLast(1), line => DocumentReference.Verify(line, "Event"));
        DocumentReference.Verify(documents[^1], "DeployResult");
        Assert.Equal("deployed", (string?)documents[^1]["outcome"]);
        Assert.False((bool?)(await DocumentAsync("Plan", 0, "diff", "--bundle", folder, "--detailed-exitcode"))["differences"]);

        var again = tool.WriteBundle("shop", (string)sandbox["registry"]!, variable: "other");
        Assert.Equal(2, (int?)(await DocumentAsync("DeployResult", 0, "deploy", "--bundle", again))["revision"]);
        var history = await DocumentAsync("History", 0, "history");
        Assert.Equal((2, 2), ((int?)history["current"], history["revisions"]!.AsArray().Count));
        Assert.Equal("deployed", (string?)(await DocumentAsync("RevisionDetails", 0, "history", "show", "1"))["revision"]!["outcome"]);
        Assert.True(JsonNode.DeepEquals(history, YamlReader.Read((await tool.RunAsync("history", "-o", "yaml")).Out, "history")));
        var difference = Assert.Single((await DocumentAsync("RevisionDiff", 0, "history", "diff", "1", "2", "shop"))["objects"]!.AsArray());
        Assert.Equal("web", (string?)difference!["name"]);
        Assert.Equal("planned", (string?)(await DocumentAsync("DeployResult", 0, "rollback", "--dry-run"))["outcome"]);
        Assert.Contains("KUBEAPP0032", (await tool.RunAsync("rollback")).Error, StringComparison.Ordinal);
        Assert.Equal((3, 1), ((int?)(history = await DocumentAsync("DeployResult", 0, "rollback", "-y"))["revision"], (int?)history["rolledBackTo"]));
        Assert.Contains("KUBEAPP7004", (await tool.RunAsync("rollback", "-y")).Error, StringComparison.Ordinal);
        var bad = tool.WriteBundle("shop", (string)sandbox["registry"]!, "/nosuch");
        var failed = await DocumentAsync("DeployResult", 3, "deploy", "--bundle", bad, "--timeout", "4s");
        Assert.Equal(("rolledBack", 4, 3), ((string?)failed["outcome"], (int?)failed["revision"], (int?)failed["rolledBackTo"]));
        Assert.Equal(["KUBEAPP6001", "KUBEAPP7008"], failed["diagnostics"]!.AsArray().Select(item => (string)item!["code"]!));
        Assert.Contains("KUBEAPP7003", (await tool.RunAsync("history", "show", "9")).Error, StringComparison.Ordinal);

        var status = await DocumentAsync("AppStatus", 0, "status", "--detailed-exitcode");
        Assert.Equal(("shop", true, 1, "server"), ((string?)status["app"], (bool?)status["healthy"], status["pods"]!.AsArray().Count, (string?)status["driftFields"]));
        var address = (string)(await DocumentAsync("AppAddresses", 0, "open"))["urls"]![0]!;
        Assert.Equal($"{address}\n", (await tool.RunAsync("open", "shop")).Out);
        using var client = new HttpClient();
        Assert.True((await client.GetAsync(new Uri(address), TestContext.Current.CancellationToken)).IsSuccessStatusCode);
        var log = (await tool.RunAsync("logs", "--tail", "1", "-o", "json")).Out;
        Assert.StartsWith("web-", (string?)DocumentReference.Verify(log, "LogLine")["pod"], StringComparison.Ordinal);

        var beside = tool.WriteBundle("shop", (string)sandbox["registry"]!, variable: "beside");
        string[] hold = ["deploy", "--bundle", beside, "--strategy", "bluegreen", "--hold"];
        var held = await DocumentAsync("DeployResult", 0, hold);
        Assert.Equal(("held", "held", "blue"), ((string?)held["outcome"], (string?)held["slots"]!["phase"], (string?)held["slots"]!["next"]));
        var aborted = await DocumentAsync("DeployResult", 0, "abort");
        Assert.Equal(("aborted", "plain"), ((string?)aborted["outcome"], (string?)aborted["slots"]!["serving"]));
        var (refusal, _, said) = await tool.RunAsync("abort");
        Assert.Equal(1, refusal);
        Assert.Matches(@"KUBEAPP7025[\s\S]*shop was not aborted", said);
        Assert.Equal("held", (string?)(await DocumentAsync("DeployResult", 0, hold))["outcome"]);
        var promoted = await DocumentAsync("DeployResult", 0, "promote", "--no-soak");
        Assert.Equal(("deployed", "soaking", "blue"), ((string?)promoted["outcome"], (string?)promoted["slots"]!["phase"], (string?)promoted["slots"]!["serving"]));
        Assert.Equal("steady", (string?)(await DocumentAsync("DeployResult", 0, "promote"))["slots"]!["phase"]);
        Assert.Contains("KUBEAPP7024", (await tool.RunAsync("promote")).Error, StringComparison.Ordinal);
        Assert.Contains("KUBEAPP7026", (await tool.RunAsync("deploy", "--bundle", beside, "--resume")).Error, StringComparison.Ordinal);

        Assert.True((bool?)(await DocumentAsync("DestroyResult", 0, "destroy", "--dry-run"))["dryRun"]);
        Assert.Equal(64, (await tool.RunAsync("destroy")).Exit);
        var destroyed = await DocumentAsync("DestroyResult", 0, "destroy", "-y");
        Assert.Contains(destroyed["deleted"]!.AsArray(), item => (string?)item!["name"] == "web");
        Assert.Contains("KUBEAPP0018", (await tool.RunAsync("status", "shop")).Error, StringComparison.Ordinal);

        Assert.Equal("stopped", (string?)(await DocumentAsync("SandboxStatus", 0, "sandbox", "stop"))["state"]);
        Assert.Contains("KUBEAPP0023", (await tool.RunAsync("sandbox", "kubeconfig")).Error, StringComparison.Ordinal);
        Assert.Contains("KUBEAPP0027", (await tool.RunAsync("sandbox", "reset")).Error, StringComparison.Ordinal);
        Assert.Equal("stopped", (string?)(await DocumentAsync("SandboxStatus", 0, "sandbox", "reset", "-y"))["state"]);
    }

    [Fact]
    public async Task Init_AsJson_HasTheDocumentedShape()
    {
        using var folder = new TemporaryFolder();
        folder.Write("Web.csproj", "<Project Sdk=\"Microsoft.NET.Sdk.Web\" />");

        var (_, output, _) = await Tool.RunInAsync(folder.Path, "", "init", "-y", "-o", "json");

        var document = DocumentReference.Verify(output, "InitResult");
        Assert.Equal(Path.Combine(folder.Path, "KubeApp.cs"), (string?)document["specification"]);
    }

    private async Task<JsonObject> DocumentAsync(string kind, int exit, params string[] arguments)
    {
        var result = await tool.RunAsync([.. arguments, "-o", "json"]);
        Assert.True(exit == result.Exit, $"{string.Join(' ', arguments)} ended with {result.Exit}: {result.Error}");
        return DocumentReference.Verify(result.Out, kind);
    }

    [GeneratedRegex("Document\\(\"(\\w+)\"\\)")]
    private static partial Regex Written();
}
