using System.Net;
using System.Text.Json.Nodes;
using KubeApps.Cli.Actions;
using KubeApps.Cli.Commands;
using KubeApps.Deploy;
using KubeApps.Deploy.Api;
using KubeApps.Deploy.Planning.Fields;
using KubeApps.Deploy.Planning.Reports;
using KubeApps.Diagnostics;
using KubeApps.Events;

namespace KubeApps.Cli.Tests.Actions;

/// <summary>What a deploy comes to know is masked before it can be shown.</summary>
public sealed class SecretMasksTests(ToolProcess tool) : IClassFixture<ToolProcess>, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Add_OfLines_MasksEachOnceAndNothingThatStandsEverywhere()
    {
        var text = Runner.Log(log =>
        {
            var masks = new SecretMasks(log);
            masks.Add("{\r\n  \"key\": \"100%\"\n}\n", "a", null, " ", "1", "yes", "{", "shop");
            masks.Add("another");
        });

        Assert.Equal("::add-mask::\"key\": \"100%25\"\n::add-mask::shop\n::add-mask::another\n", text);
    }

    [Fact]
    public void Masked_Text_HasNoneOfThem()
    {
        using var output = new StringWriter();
        var masks = new SecretMasks(new WorkflowLog(output));
        masks.Add("secret", "secret-and-more", "a");

        Assert.Equal("*** *** banana", masks.Masked("secret-and-more secret banana"));
    }

    [Theory]
    [InlineData("token: secret-an…", "token: ***…")]
    [InlineData("token: secret-and-more and secret-an… (7 characters), sec… and a secre….", "token: *** and ***… (7 characters), sec… and a ***….")]
    public void Masked_TextThatWasCutInTheMidstOfASecret_HasNoPartOfIt(string text, string expected)
    {
        using var output = new StringWriter();
        var masks = new SecretMasks(new WorkflowLog(output));
        masks.Add("secret", "secret-and-more");

        Assert.Equal(expected, masks.Masked(text));
    }

    [Fact]
    public void End_SecretsThatMarkdownEscapesOrThatAreCut_StandInNoSummaryCommentOrOutput()
    {
        const string Secret = "p_ss!word#with-a-very-long-end";
        var (outputs, summary) = (Path.Combine(_folder.Path, "outputs"), Path.Combine(_folder.Path, "summary"));
        var cause = $"{new string('x', 125)} {Secret}";
        var id = new ObjectId("v1", "ConfigMap", "shop", "settings");
        var result = DeployResult.Nothing(DeployOutcome.Failed, 1, "shop", "prod") with
        {
            Failures = [new FailureReport("KUBEAPP6012", "Deployment shop/web", "Pod shop/web-1", "web", "Error", cause, [new string('y', 390) + Secret, Secret], "Look at it.")],
            Diagnostics = [new Diagnostic("KUBEAPP4002", DiagnosticSeverity.Error, $"The server says: {Secret}.", null, "")],
        };
        var plan = new PlanReport("shop", "prod", "context prod", "shop", null, [new ObjectPlan(id, ResourceChange.Changed,
            [
                new FieldChange("data.a", FieldChangeKind.Changed, "old", $"password={Secret}"),
                new FieldChange("data.b", FieldChangeKind.Changed, new string('z', 490) + Secret, new JsonObject { ["key"] = $"a\n{Secret}" }),
            ])], [], [new PlannedStep("apply", "Apply", null)])
        {
            Obstacles = [new Diagnostic("KUBEAPP4001", DiagnosticSeverity.Error, Secret, null, "")],
        };

        foreach (var (command, end) in new[] { ("deploy", result), ("plan", result with { Outcome = DeployOutcome.Planned, Plan = plan }) })
        {
            var variables = new Dictionary<string, string> { ["GH_ENTERPRISE_TOKEN"] = Secret, [ActionsStep.OutputVariable] = outputs, [ActionsStep.SummaryVariable] = summary };
            using var output = new StringWriter();
            var step = new ActionsStep(new WorkflowLog(output), variables.GetValueOrDefault, _folder.Path, TimeProvider.System);
            step.Begin(command);
            step.End(end);
            var comment = PlanComment.BodyOf(MaskedResults.Of(end, step.Masks.Masked), null, DateTimeOffset.UnixEpoch);

            var told = WebUtility.HtmlDecode(comment + File.ReadAllText(summary) + File.ReadAllText(outputs)).Replace("\u200b", "", StringComparison.Ordinal);
            Assert.Contains("***", told, StringComparison.Ordinal);
            Assert.DoesNotContain("p_ss", told, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Deploy_WithSecrets_MasksAllBeforeAnythingElse()
    {
        var registry = (string)JsonNode.Parse((await tool.RunAsync("sandbox", "start", "-o", "json")).Out)!["registry"]!;
        var bundle = tool.WriteBundle("masked", registry, secret: true);
        var docker = Convert.ToBase64String("user:stored-password"u8);
        _folder.Write("config.json", $$"""{"auths":{"registry.example":{"auth":"{{docker}}"} } }""");
        var variables = new Dictionary<string, string?>
        {
            ["GITHUB_ACTIONS"] = "true",
            ["GITHUB_TOKEN"] = "ghs_token",
            ["DOCKER_CONFIG"] = _folder.Path,
            ["DOTNET_CONTAINER_REGISTRY_PWORD"] = "pushed-password",
            ["DB_PASSWORD"] = "hunter22\nsecond line",
        };

        foreach (var format in (string[])["text", "jsonl"])
        {
            var (exit, output, error) = await tool.RunAsync(variables, "deploy", "--bundle", bundle, "-o", format);

            Assert.True(exit == 0, error);
            var lines = error.Split('\n');
            var masks = lines.TakeWhile(line => line.StartsWith("::add-mask::", StringComparison.Ordinal)).Select(line => line["::add-mask::".Length..]).ToList();
            Assert.Superset(new HashSet<string> { "ghs_token", "stored-password", "pushed-password" }, masks.ToHashSet());
            var all = lines.Where(line => line.StartsWith("::add-mask::", StringComparison.Ordinal)).Select(line => line["::add-mask::".Length..]).ToHashSet();
            // From the environment, made up, and what opens the cluster.
            Assert.Superset(new HashSet<string> { "hunter22", "second line" }, all);
            Assert.Contains(all, value => value.Length == 64 && value.All(char.IsAsciiHexDigitLower));
            var told = string.Join('\n', lines.Where(line => !line.StartsWith("::add-mask::", StringComparison.Ordinal))) + output;
            Assert.All(all.Where(value => value.Length > 3), value => Assert.DoesNotContain(value, told, StringComparison.Ordinal));
        }

        variables["GITHUB_ACTIONS"] = null;
        Assert.DoesNotContain("add-mask", (await tool.RunAsync(variables, "deploy", "--bundle", bundle)).Error, StringComparison.Ordinal);
    }
}
