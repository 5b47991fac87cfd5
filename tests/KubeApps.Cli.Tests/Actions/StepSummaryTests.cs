using System.Text;
using KubeApps.Bundles;
using KubeApps.Cli.Actions;
using KubeApps.Deploy;
using KubeApps.Deploy.Api;
using KubeApps.Deploy.Planning.Reports;
using KubeApps.Diagnostics;
using KubeApps.Events;
using KubeApps.Testing;

namespace KubeApps.Cli.Tests.Actions;

public class StepSummaryTests
{
    private const string Hostile = "```\n</details><img src=x onerror=alert(1)> | @octocat #12 GH-13 https://evil.example www.evil.example a@evil.example [x](y) `z` $q$ ::error::x";

    private static readonly ObjectId Web = new("apps/v1", "Deployment", "shop", "web");

    private static readonly FailureReport Failure = new(
        "KUBEAPP6012", "Deployment shop/web", "Pod shop/web-7bc965b99d-x2x4z", "web", "CrashLoopBackOff", "Container 'web' ends with exit code 1, 3 times.",
        ["Unhandled exception: no database", "   at Program.Main()"], "Look at the log.")
    { Home = "shop" };

    private static readonly IReadOnlyList<StepTime> Times =
        [new("publish", "Publish Web", "1 image", TimeSpan.FromSeconds(12.34)), new("apply", "Apply workloads", "2 objects, 1 changed", TimeSpan.FromSeconds(0.4)), new("rollout", "Wait for the rollout", null, null)];

    private static DeployResult Result { get; } = DeployResult.Nothing(DeployOutcome.Deployed, ExitCodes.Done, "shop", "prod") with
    {
        Target = "context prod-eu",
        Namespace = "shop",
        Commit = "0123456789abcdef0123456789abcdef01234567",
        Revision = 7,
        Urls = ["https://shop.example/?a=1&b=2"],
        Elapsed = TimeSpan.FromSeconds(42),
        Changes = [new("Deployment", "shop", "web", ResourceChange.Changed), new("Service", "shop", "web", ResourceChange.Unchanged), new("ConfigMap", "shop", "old", ResourceChange.Deleted)],
        Checks = [new("http web/healthz", "http", 2, TimeSpan.FromSeconds(1.5), null)],
        Plan = new PlanReport("shop", "prod", "context prod-eu", "shop", null, [], [new ImageChange(Web, "web", Image('a'), Image('d'))], []),
    };

    private static DeployResult Failed { get; } = Result with
    {
        Outcome = DeployOutcome.RolledBack,
        ExitCode = ExitCodes.RolledBack,
        RolledBackTo = 6,
        Urls = [],
        Failures = [Failure],
        Diagnostics = [Failure.ToDiagnostic(), DiagnosticDescriptors.QuotaExceeded.Because("The quota 'q' is short.", new SourceLocation("KubeApp.cs", 12))],
    };

    [Fact]
    public void Render_OfADeploy_IsAsReviewed() => Snapshot.Matches(Text("deploy", Result), "Deployed.md");

    [Fact]
    public void Render_OfAFailure_IsAsReviewed() => Snapshot.Matches(Text("deploy", Failed), "RolledBack.md");

    [Fact]
    public void Render_OfAPublish_IsAsReviewed() => Snapshot.Matches(
        SummaryTemplate.Render(StepSummary.Of(new Bundle(1, "shop", Result.Commit, false, new Dictionary<string, BundleImage>
        {
            ["web"] = new("registry.example/shop/web", "t", $"sha256:{new string('a', 64)}", ["linux/amd64", "linux/arm64"]),
        }, [])
        {
            Reference = "oci://registry.example/shop@sha256:123",
            Published = [new PublishedImage("web", "", WasThere: false, [new("sha256:1", 78_000_000, Sent: false), new("sha256:2", 345_600, Sent: true)]) { PushSeconds = 1.26 }],
        })),
        "Published.md");

    [Fact]
    public void Render_OfHostileTexts_ShowsAllAndObeysNone()
    {
        var text = Text("deploy", Failed with
        {
            App = Hostile,
            Environment = Hostile,
            Target = Hostile,
            Namespace = Hostile,
            Commit = Hostile,
            Urls = [Hostile, "https://x.example/\" onclick=\"a", "javascript:alert(1)"],
            Changes = [new(Hostile, Hostile, Hostile, ResourceChange.Changed)],
            Checks = [new(Hostile, "http", 1, TimeSpan.Zero, null)],
            Diagnostics = [DiagnosticDescriptors.QuotaExceeded.Because(Hostile, new SourceLocation(Hostile))],
            Failures = [Failure with { Workload = Hostile, Cause = Hostile, LogTail = [Hostile, "````"] }],
            Plan = Result.Plan! with { Images = [new ImageChange(Web with { Name = Hostile }, Hostile, null, Hostile)] },
        }, [new StepTime("a", Hostile, Hostile, TimeSpan.Zero)]);

        var lines = text.Split('\n').ToList();
        var fence = lines.FindIndex(line => line.StartsWith("```", StringComparison.Ordinal));
        var end = lines.FindIndex(fence + 1, line => line == lines[fence]);
        Assert.True(end > fence + 5);
        var outside = string.Join('\n', lines.Where((_, index) => index < fence || index > end));
        Assert.All(
            ["`", "<img", "</details", "@octocat", "GH-13", "://evil", "www.", "a@", "](", "$", "<a "],
            part => Assert.DoesNotContain(part, outside, StringComparison.OrdinalIgnoreCase));
        Assert.DoesNotMatch("(?<!&)#[0-9]", outside);
        Assert.All(lines.Where(line => line.StartsWith("| ", StringComparison.Ordinal)), row => Assert.InRange(row.Count(letter => letter == '|'), 3, 5));
        // The lines of what it says about itself, not of what others say.
        Assert.Equal(5, lines.Count(line => line.StartsWith('#')));
    }

    [Fact]
    public void Fitting_OfVeryMuch_StaysBelowWhatGitHubTakes()
    {
        var much = Result with
        {
            Failures = [.. Enumerable.Repeat(Failure with { LogTail = [.. Enumerable.Repeat(new string('ä', 400), 1000)] }, 10)],
            Changes = [.. Enumerable.Range(0, 5000).Select(index => new ObjectChange("ConfigMap", "shop", $"c-{index}", ResourceChange.Created))],
        };
        var summary = StepSummary.Of("deploy", much, Times, DateTimeOffset.UnixEpoch);

        var alone = SummaryTemplate.Fitting(summary, 0);
        var late = SummaryTemplate.Fitting(StepSummary.Of("deploy", Result, Times, DateTimeOffset.UnixEpoch), SummaryTemplate.Limit - 700);

        Assert.InRange(Encoding.UTF8.GetByteCount(alone), 1000, SummaryTemplate.Limit);
        Assert.Contains("The rest is left out", alone, StringComparison.Ordinal);
        Assert.Contains("The rest is left out", late, StringComparison.Ordinal);
        Assert.Equal("", SummaryTemplate.Fitting(summary, SummaryTemplate.Limit - 10));
        Assert.Contains("and 4800 more", SummaryTemplate.Fitting(summary with { Failures = [] }, 0), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("deploy", "Deployed", "✅ shop is deployed to prod")]
    [InlineData("deploy", "Unchanged", "✅ shop is up to date in prod")]
    [InlineData("deploy", "Superseded", "⚪ shop stays as it is in prod")]
    [InlineData("deploy", "Held", "⏸️ shop is held in prod")]
    [InlineData("deploy", "Cancelled", "⚪ deploy of shop (prod) was cancelled")]
    [InlineData("promote", "Deployed", "✅ shop is promoted in prod")]
    [InlineData("abort", "Aborted", "✅ The deploy of shop to prod is aborted")]
    [InlineData("rollback", "Deployed", "✅ shop is back at revision 6 in prod")]
    public void Render_OfEachEnd_SaysItFirst(string command, string outcome, string expected)
    {
        var text = Text(command, Result with { Outcome = Enum.Parse<DeployOutcome>(outcome), RolledBackTo = 6 });

        Assert.StartsWith($"## {expected}\n", text, StringComparison.Ordinal);
    }

    private static string Text(string command, DeployResult result, IReadOnlyList<StepTime>? times = null) =>
        SummaryTemplate.Render(StepSummary.Of(command, result, times ?? Times, DateTimeOffset.UnixEpoch));

    private static string Image(char digit) => $"registry.example/shop/web@sha256:{new string(digit, 64)}";
}
