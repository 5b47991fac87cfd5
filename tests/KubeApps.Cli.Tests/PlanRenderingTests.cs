using System.Text.Json.Nodes;
using KubeApps.Cli.Rendering.Plans;
using KubeApps.Deploy.Api;
using KubeApps.Deploy.Planning.Fields;
using KubeApps.Deploy.Planning.Reports;
using KubeApps.Diagnostics;
using KubeApps.Events;
using KubeApps.Testing;

namespace KubeApps.Cli.Tests;

public class PlanRenderingTests
{
    private static readonly ObjectId Web = new("apps/v1", "Deployment", "shop", "web");

    private static PlanReport Plan { get; } = new(
        "shop", "prod", "context prod-eu", "shop", "0123456789abcdef0123456789abcdef01234567",
        [
            new ObjectPlan(new ObjectId("v1", "ConfigMap", "shop", "settings-00000000ff"), ResourceChange.Created,
                [Changed("data[\"appsettings.json\"]", "{\n  \"a\": 1,\n  \"b\": 2\n}\n", "{\n  \"a\": 1,\n  \"b\": 3\n}\n")], "settings-00000000aa"),
            new ObjectPlan(new ObjectId("v1", "Service", "shop", "web"), ResourceChange.Unchanged, []),
            new ObjectPlan(Web, ResourceChange.Changed,
            [
                new FieldChange("spec.replicas", FieldChangeKind.Changed, 2, 3),
                Changed("spec.template.spec.containers[web].image", Image('a'), Image('d')),
                new FieldChange("spec.template.spec.containers[web].env[MODE]", FieldChangeKind.Added, null, new JsonObject { ["name"] = "MODE", ["value"] = "fast" }),
                new FieldChange("spec.paused", FieldChangeKind.Removed, true, null),
            ]),
            new ObjectPlan(new ObjectId("v1", "Secret", "shop", "tls"), ResourceChange.Changed, [new FieldChange("data[\"tls.key\"]", FieldChangeKind.Changed, null, null, true)]),
            new ObjectPlan(new ObjectId("v1", "Service", "shop", "old"), ResourceChange.Deleted, []),
        ],
        [new ImageChange(Web, "web", Image('a'), Image('d')), new ImageChange(Web, "init", null, "other:1")],
        [new PlannedStep("workloads", "Apply workloads", TimeSpan.FromMinutes(2)), new PlannedStep("rollout", "Wait for the rollout", TimeSpan.FromSeconds(90))])
    {
        Warnings = [DiagnosticDescriptors.QuotaExceeded.Because("The quota 'q' is short.") with { Severity = DiagnosticSeverity.Warning }],
    };

    private static PlanReport Contested
    {
        get
        {
            var web = new ObjectPlan(Web, ResourceChange.Changed,
            [
                new FieldChange("spec.replicas", FieldChangeKind.Changed, 5, 3),
                Changed("metadata.labels.team", "them", "us"),
                Changed("spec.strategy.type", "Recreate", "RollingUpdate"),
            ])
            {
                Conflicts =
                [
                    new FieldConflict("spec.replicas", "kubectl", 5, 3, false, false),
                    new FieldConflict("metadata.labels.team", "jane", "them", "us", false, true),
                    new FieldConflict("spec.selector", "someone", new JsonObject { ["a"] = "b" }, null, false, false),
                ],
            };
            var secret = new ObjectPlan(
                new ObjectId("v1", "Secret", "shop", "tls"), ResourceChange.Changed, [new FieldChange("data[\"tls.key\"]", FieldChangeKind.Changed, null, null, true)])
            {
                Conflicts = [new FieldConflict("data[\"tls.key\"]", "cert-manager", null, null, true, false)],
            };
            return Plan with
            {
                Objects = [web, secret],
                Images = [],
                Warnings = [],
                Obstacles = [.. new[] { web, secret }.Select(item => FieldConflict.DiagnosticOf(item.Id, item.Conflicts, null)!)],
            };
        }
    }

    [Fact]
    public void Text_OfAPlan_IsAsReviewed() => Snapshot.Matches(Text(Plan), "Plan.txt");

    [Fact]
    public void AnyForm_OfConflicts_SaysManagerFieldAndBothValues()
    {
        Snapshot.Matches(Text(Contested), "Contested.txt");
        Snapshot.Matches(PlanMarkdown.Of(Contested), "Contested.md");
        var conflict = PlanJson.Of(Contested)["objects"]![0]!["conflicts"]![0]!;
        Assert.Equal("""{"path":"spec.replicas","manager":"kubectl","theirs":5,"ours":3,"hidden":false,"taken":false}""", conflict.ToJsonString());
        Assert.Equal("KUBEAPP5002", (string?)PlanJson.Of(Contested)["obstacles"]![0]!["code"]);
    }

    [Fact]
    public void Text_InColours_SaysTheSame()
    {
        var output = new StringWriter { NewLine = "\n" };
        PlanText.Write(Plan, output, usesColor: true);

        Assert.Contains("\x1b[32m+ created", output.ToString(), StringComparison.Ordinal);
        Assert.Equal(Text(Plan), System.Text.RegularExpressions.Regex.Replace(output.ToString(), "\x1b\\[[0-9]*m", ""));
    }

    [Fact]
    public void Text_OfNothingToDo_SaysSo() => Assert.EndsWith("\nNothing to do: shop is up to date.\n", Text(Plan with { Steps = [], Objects = [], Images = [], Warnings = [] }), StringComparison.Ordinal);

    [Fact]
    public void Text_OfHostileValues_ObeysNoneOfThem()
    {
        var text = Text(With(Changed("data.a", "plain", "\x1b[2Jgone\u202e")));

        Assert.DoesNotContain('\x1b', text);
        Assert.DoesNotContain('\u202e', text);
    }

    [Fact]
    public void Markdown_OfAPlan_IsAsReviewed() => Snapshot.Matches(PlanMarkdown.Of(Plan), "Plan.md");

    [Fact]
    public void Markdown_OfHostileValues_StaysInItsFenceAndItsTable()
    {
        const string Hostile = "```\n</details>\n<img src=x onerror=alert(1)> | @everyone [x](y) `";
        var text = PlanMarkdown.Of(With(Changed("data.a", "one", Hostile), Changed("data.b", "one\ntwo", Hostile)) with
        {
            Target = "context <b>|`x`",
            Images = [new ImageChange(Web with { Name = "a|b`c" }, "<i>", null, "x|y`z")],
            Warnings = [DiagnosticDescriptors.QuotaExceeded.Because(Hostile)],
        });

        var fences = text.Split('\n').Where(line => line.StartsWith("````", StringComparison.Ordinal)).ToList();
        Assert.Equal(["````diff", "````"], fences);
        var outside = text[..text.IndexOf("````diff", StringComparison.Ordinal)];
        Assert.DoesNotContain("<img", outside, StringComparison.Ordinal);
        Assert.DoesNotContain("<b>", outside, StringComparison.Ordinal);
        Assert.DoesNotContain("@everyone", outside, StringComparison.Ordinal);
        Assert.DoesNotContain('`', outside);
        Assert.All(text.Split('\n').Where(line => line.StartsWith("| ", StringComparison.Ordinal)), row => Assert.Equal(4, row.Count(letter => letter == '|')));
    }

    [Fact]
    public void Markdown_OfVeryMuch_FitsAndSaysWhatWasCut()
    {
        var objects = Enumerable.Range(0, 2000).Select(index => new ObjectPlan(
            new ObjectId("v1", "ConfigMap", "shop", $"settings-{index}"), ResourceChange.Changed, [Changed("data.a", new string('a', 100_000), new string('b', 100_000))]));

        var text = PlanMarkdown.Of(Plan with { Objects = [.. objects] });

        Assert.InRange(text.Length, 60_000, PlanMarkdown.Limit);
        Assert.Contains("Wait for the rollout", text, StringComparison.Ordinal);
        Assert.Matches(@"\*\*Left out, because a comment holds 65,536 characters:\*\* [0-9]+ objects, [0-9]+ objects' fields\. `dotnet kubeapp plan` shows all\.\n\z", text);
        Assert.Contains("aaaa… (100,000 characters)", PlanMarkdown.Of(With(Changed("data.a", new string('a', 100_000), "b"))), StringComparison.Ordinal);
    }

    [Fact]
    public void AnyFormat_OfAHiddenField_SaysOnlyThatItChanged()
    {
        Assert.Contains("data[\"tls.key\"]: (hidden, changed)", Text(Plan), StringComparison.Ordinal);
        Assert.Contains("! data[\"tls.key\"]: (hidden, changed)", PlanMarkdown.Of(Plan), StringComparison.Ordinal);
        var field = PlanJson.Document(Plan)["objects"]![3]!["fields"]![0]!;
        Assert.Equal("""{"path":"data[\u0022tls.key\u0022]","change":"changed","old":null,"new":null,"hidden":true}""", field.ToJsonString());
    }

    private static PlanReport With(params FieldChange[] fields) => Plan with { Objects = [new ObjectPlan(Web, ResourceChange.Changed, fields)] };

    private static FieldChange Changed(string path, string old, string wanted) => new(path, FieldChangeKind.Changed, old, wanted);

    private static string Image(char digit) => $"registry.example/shop/web@sha256:{new string(digit, 64)}";

    private static string Text(PlanReport plan)
    {
        var output = new StringWriter { NewLine = "\n" };
        PlanText.Write(plan, output, usesColor: false);
        return output.ToString();
    }
}
