using System.Text.Json.Nodes;
using KubeApps.Cli.Actions;
using KubeApps.Cli.Rendering;
using KubeApps.Diagnostics;
using KubeApps.Events;
using Spectre.Console.Testing;

namespace KubeApps.Cli.Tests;

public class RendererTests
{
    private static readonly DeployEvent.RolloutProgress Progress = new("Deployment", "shop", "web", 1, 2, 3, "Pulled image");

    private static readonly FailureReport Report = new(
        "KUBEAPP7001", "Deployment web", "Pod shop/web-1", "app", "CrashLoopBackOff", "It ends with code 1.", ["no [database]"], "Look at the log.");

    private static readonly DeployEvent.CheckFinished Checked = new("http web/", Passed: true, 3, TimeSpan.FromSeconds(1.5));

    private static readonly Diagnostic Warning = new(
        "KUBEAPP0001", DiagnosticSeverity.Warning, "100% of it, or:\nless.", new SourceLocation("My,App.cs", 3, 5), "Mend it.");

    private static GitHubRenderer GitHub(TextWriter output)
    {
        var log = new WorkflowLog(output);
        return new GitHubRenderer(log, new Annotations(log, null, "/"));
    }

    [Fact]
    public void Plain_Rollout_WritesOneLineForEachThingThatIsNew()
    {
        using var text = new StringWriter { NewLine = "\n" };
        using (var renderer = new PlainRenderer(text))
            foreach (var item in Rollout())
                renderer.Publish(item);

        Assert.Equal(
            """
            shop (local) on sandbox: 1 steps.
            Roll out ...
              created   Deployment shop/web
              Deployment web: 1/3 ready, 2 updated. Pulled image
              Deployment web: 3/3 ready, 2 updated. Pulled image
            Roll out: all ready (2.5 s)

            """.ReplaceLineEndings("\n"),
            text.ToString());
    }

    [Fact]
    public void Plain_Check_SaysHowItEnded()
    {
        using var text = new StringWriter { NewLine = "\n" };
        using (var renderer = new PlainRenderer(text))
            foreach (var item in (DeployEvent[])[Checked, Checked with { Passed = false, Attempts = 1 }])
                renderer.Publish(item);

        Assert.Equal("  check http web/: passed (3 attempts, 1.5 s)\n  check http web/: failed (1.5 s)\n", text.ToString());
    }

    [Fact]
    public void Plain_WorkloadFailed_TellsObjectContainerReasonAndLog()
    {
        using var text = new StringWriter();
        using (var renderer = new PlainRenderer(text))
            renderer.Publish(new DeployEvent.WorkloadFailed(Report));

        Assert.All(
            ["Deployment web: It ends with code 1.", "Pod shop/web-1", "app", "CrashLoopBackOff", "no [database]", "Look at the log."],
            part => Assert.Contains(part, text.ToString(), StringComparison.Ordinal));
    }

    [Fact]
    public void GitHub_Step_IsAGroupThatEnds()
    {
        using var text = new StringWriter { NewLine = "\n" };
        using (var renderer = GitHub(text))
        {
            renderer.Publish(new DeployEvent.StepStarted("a", "First"));
            renderer.Publish(new DeployEvent.StepFinished("a", "First", "done", TimeSpan.FromSeconds(1)));
            renderer.Publish(new DeployEvent.StepStarted("b", "Second"));
        }

        Assert.Equal("::group::First\nFirst: done (1.0 s)\n::endgroup::\n::group::Second\n::endgroup::\n", text.ToString());
    }

    [Fact]
    public void Renderers_WorkloadFailedAndWhatItComesTo_SayItOnce()
    {
        DeployEvent[] events = [new DeployEvent.WorkloadFailed(Report), new DeployEvent.DiagnosticRaised(Report.ToDiagnostic())];
        using var plain = new StringWriter { NewLine = "\n" };
        using (var renderer = new PlainRenderer(plain))
            foreach (var item in events)
                renderer.Publish(item);
        using var github = new StringWriter { NewLine = "\n" };
        using (var renderer = GitHub(github))
            foreach (var item in events)
                renderer.Publish(item);
        using var live = new TestConsole().Width(200);
        using (var renderer = new LiveRenderer(live, TimeProvider.System))
            foreach (var item in events)
                renderer.Publish(item);

        Assert.DoesNotContain("error KUBEAPP7001", plain.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("error KUBEAPP7001", live.Output, StringComparison.Ordinal);
        Assert.Equal($"{plain}::error title=KUBEAPP7001::Deployment web: It ends with code 1. Look at the log.\n", github.ToString());
    }

    [Fact]
    public void GitHub_Diagnostic_IsAnAnnotationInOneLine()
    {
        using var text = new StringWriter { NewLine = "\n" };
        using (var renderer = GitHub(text))
            renderer.Publish(new DeployEvent.DiagnosticRaised(Warning));

        Assert.Equal("::warning file=My%2CApp.cs,line=3,col=5,title=KUBEAPP0001::100%25 of it, or:%0Aless. Mend it.\n", text.ToString());
    }

    [Fact]
    public void JsonLines_EveryEvent_IsOneLineInTheDocumentedShape()
    {
        using var text = new StringWriter { NewLine = "\n" };
        using (var renderer = new JsonLinesRenderer(text))
            foreach (var item in (DeployEvent[])[.. Rollout(), Checked, new DeployEvent.WorkloadFailed(Report), new DeployEvent.DiagnosticRaised(Warning), new DeployEvent.Note("hello")])
                renderer.Publish(item);

        var lines = text.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!.AsObject()).ToList();
        Assert.All(lines, line => DocumentReference.Verify(line, "Event"));
        Assert.Equal(
            ["planReady", "stepStarted", "resourceChanged", "rolloutProgress", "rolloutProgress", "rolloutProgress", "stepFinished", "checkFinished", "workloadFailed", "diagnosticRaised", "note"],
            lines.Select(line => (string)line["event"]!));
        Assert.Equal("""{"code":"KUBEAPP0001","severity":"warning","cause":"100% of it, or:\nless.","file":"My,App.cs","line":3,"nextStep":"Mend it."}""", lines[^2]["diagnostic"]!.ToJsonString());
    }

    [Fact]
    public async Task Live_Rollout_HasARowForEachWorkloadWhileItRuns()
    {
        using var console = new WatchedConsole(width: 100);
        using (var renderer = new LiveRenderer(console.Console, TimeProvider.System))
        {
            foreach (var item in Rollout().Take(4))
                renderer.Publish(item);
            await console.SeeAsync("Pulled image");
        }

        Assert.All(
            ["WORKLOAD", "READY", "UPDATED", "AGE", "LAST EVENT", "deployment/web", "1/3"],
            part => Assert.Contains(part, console.Output, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Live_WhatIsDoneWhileRowsStand_LeavesNothingOfThemOnTheScreen()
    {
        using var console = new WatchedConsole(width: 100);
        using (var renderer = new LiveRenderer(console.Console, TimeProvider.System))
        {
            renderer.Publish(new DeployEvent.StepStarted("publish", "Publish Web"));
            renderer.Publish(new DeployEvent.StepSaid("publish", "  a line that is longer than what follows it"));
            await console.SeeAsync("than what follows it");
            renderer.Publish(new DeployEvent.StepFinished("publish", "Publish Web", "1 image", TimeSpan.FromSeconds(1)));
            foreach (var item in Rollout())
            {
                if (item is DeployEvent.StepFinished)
                    await console.SeeAsync("LAST EVENT");
                renderer.Publish(item);
            }
        }

        Assert.Equal(
            ["✓ Publish Web 1 image, 1.0 s", "shop (local) on sandbox", "  created   Deployment shop/web", "✓ Roll out all ready, 2.5 s"], Screen.Of(console.Output));
    }

    [Fact]
    public async Task Live_LinesOfAStepsProgram_PassByInTheStepsOwnRow()
    {
        using var console = new WatchedConsole(width: 60);
        using (var renderer = new LiveRenderer(console.Console, TimeProvider.System))
        {
            renderer.Publish(new DeployEvent.StepStarted("publish", "Publish Web"));
            renderer.Publish(new DeployEvent.StepSaid("publish", "  Web -> [somewhere] " + new string('x', 100)));
            await console.SeeAsync("Web -> [somewhere]");
        }

        Assert.Matches(@"• Publish Web \d+\.\d s  Web -> \[somewhere\] x+…", console.Output);
        Assert.DoesNotContain(new string('x', 60), console.Output, StringComparison.Ordinal);
    }

    // A cluster's parts are made beside one another.
    [Fact]
    public async Task Live_StepsBesideOneAnother_HaveARowEachUntilTheyEnd()
    {
        using var console = new WatchedConsole(width: 60);
        using (var renderer = new LiveRenderer(console.Console, TimeProvider.System))
        {
            renderer.Publish(new DeployEvent.StepStarted("group", "Make the node group"));
            renderer.Publish(new DeployEvent.StepStarted("gateway", "Make the gateway"));
            renderer.Publish(new DeployEvent.StepSaid("group", "CREATING"));
            renderer.Publish(new DeployEvent.StepSaid("gateway", "pending"));
            await console.SeeAsync("pending");
            Assert.Matches(@"• Make the node group \d+\.\d s  CREATING\s+• Make the gateway \d+\.\d s  pending", console.Output);
            renderer.Publish(new DeployEvent.StepFinished("gateway", "Make the gateway", "made", TimeSpan.FromSeconds(1)));
            renderer.Publish(new DeployEvent.StepSaid("group", "ACTIVE soon"));
            await console.SeeAsync("ACTIVE soon");
        }

        Assert.Equal(["✓ Make the gateway made, 1.0 s"], Screen.Of(console.Output));
    }

    [Fact]
    public void Live_WhenDisposed_HasWrittenAllAndTreatsNoTextAsMarkup()
    {
        using var console = new TestConsole().Width(200);
        using (var renderer = new LiveRenderer(console, TimeProvider.System))
            foreach (var item in (DeployEvent[])[.. Rollout(), new DeployEvent.WorkloadFailed(Report), new DeployEvent.Note("[not a style]")])
                renderer.Publish(item);

        Assert.All(
            ["shop (local) on sandbox", "created", "✓ Roll out all ready, 2.5 s", "✗ Deployment web: It ends with code 1.", "no [database]", "[not a style]"],
            part => Assert.Contains(part, console.Output, StringComparison.Ordinal));
    }

    private static IEnumerable<DeployEvent> Rollout() =>
    [
        new DeployEvent.PlanReady("shop", "local", "sandbox", [new PlannedStep("roll", "Roll out", TimeSpan.FromMinutes(5))]),
        new DeployEvent.StepStarted("roll", "Roll out"),
        new DeployEvent.ResourceChanged("Deployment", "shop", "web", ResourceChange.Created),
        Progress,
        Progress,
        Progress with { Ready = 3 },
        new DeployEvent.StepFinished("roll", "Roll out", "all ready", TimeSpan.FromSeconds(2.5)),
    ];
}
