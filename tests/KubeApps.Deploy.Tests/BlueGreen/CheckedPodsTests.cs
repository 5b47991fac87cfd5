using KubeApps.Bundles;
using KubeApps.Deploy.Api;
using KubeApps.Deploy.Planning;
using KubeApps.Events;

namespace KubeApps.Deploy.Tests.BlueGreen;

/// <summary>What was checked is what serves, and what serves is left alone until then.</summary>
public sealed class CheckedPodsTests(SandboxCluster cluster) : IClassFixture<SandboxCluster>
{
    private static readonly BundleCheck Answers = new("http", "answers", TimeSpan.FromSeconds(20)) { Service = "web", Path = "/" };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Deploy_PodOfTheIdleSlotIsDeletedAfterItsCheck_ChecksTheOneThatTookItsPlace(int times)
    {
        var name = $"replaced-{times}";
        var app = new SlottedApp(cluster, name);
        await app.DeployAsync(app.Version("serve", "one"));
        var before = await SlotAsync(name, "blue");
        var (deleted, after) = (new List<string>(), (IReadOnlyList<string>)[]);
        var log = new EventLog
        {
            OnEvent = item =>
            {
                if (item is DeployEvent.StepFinished { StepId: "checks" } && deleted.Count < times)
                    deleted.Add(DeletePodAsync(name, "green").GetAwaiter().GetResult());
                if (item is DeployEvent.StepStarted { StepId: "retire" })
                    after = SlotAsync(name, "blue").GetAwaiter().GetResult();
            },
        };

        var result = await app.DeployAsync(app.Version("serve", "two").Checked(Answers), log);

        Assert.Equal(DeployOutcome.Deployed, result.Outcome);
        Assert.Equal([.. Enumerable.Repeat<string[]>(["rollout", "checks"], times + 1).SelectMany(step => step), "checks-after"], log.Events.OfType<DeployEvent.StepStarted>().Select(step => step.StepId).Where(id => id is "rollout" or "checks" or "checks-after"));
        Assert.DoesNotContain(await SlotAsync(name, "green"), item => deleted.Any(uid => item.Contains(uid, StringComparison.Ordinal)));
        Assert.Equal(before, after);
    }

    [Fact]
    public async Task Deploy_PodsAreDeletedEachTimeTheyWereChecked_IsTakenBack()
    {
        var app = new SlottedApp(cluster, "restless");
        await app.DeployAsync(app.Version("serve", "one"));
        var before = await SlotAsync("restless", "blue");
        var log = new EventLog
        {
            OnEvent = item =>
            {
                if (item is DeployEvent.StepFinished { StepId: "checks" })
                    DeletePodAsync("restless", "green").GetAwaiter().GetResult();
            },
        };

        var result = await app.DeployAsync(app.Version("serve", "two").Checked(Answers), log);

        Assert.Equal((DeployOutcome.RolledBack, "KUBEAPP7023"), (result.Outcome, result.Diagnostics[0].Code));
        Assert.Equal(before, await SlotAsync("restless", "blue"));
        Assert.Empty(await SlotAsync("restless", "green"));
    }

    [Fact]
    public async Task Promote_WhatWasCheckedIsNotWhatStands_ChecksAgainOrRefuses()
    {
        var app = new SlottedApp(cluster, "held");
        await app.DeployAsync(app.Version("serve", "one"));
        await app.DeployAsync(app.Version("serve", "two").Checked(Answers), hold: true);
        var before = await SlotAsync("held", "blue");
        await cluster.Client.ApplyAsync(ResourceType.Deployment, SandboxCluster.Parse("""
            {"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web-green","namespace":"held"},
             "spec":{"template":{"metadata":{"annotations":{"changed":"by hand"} } } } }
            """), dryRun: false, Token, manager: "somebody");

        var refused = await app.PromoteAsync();

        Assert.Equal((DeployOutcome.Failed, 1, "KUBEAPP7023"), (refused.Outcome, refused.ExitCode, Assert.Single(refused.Diagnostics).Code));
        Assert.Equal(before, await SlotAsync("held", "blue"));
        Assert.Equal("app=web,kubeapps.dev/slot=blue", $"{Selector.Of((await cluster.Client.GetAsync(ResourceType.Service, "held", "web", Token))!["spec"]!["selector"])}");
        // The deploy makes it what the specification says, and holds it again.
        Assert.Equal(DeployOutcome.Held, (await app.DeployAsync(app.Version("serve", "two").Checked(Answers), hold: true)).Outcome);
        var deleted = await DeletePodAsync("held", "green");

        var promoted = await app.PromoteAsync();

        Assert.Equal(DeployOutcome.Deployed, promoted.Outcome);
        Assert.All(promoted.Checks, check => Assert.True(check.Passed));
        Assert.NotEmpty(promoted.Checks);
        Assert.DoesNotContain(await SlotAsync("held", "green"), item => item.Contains(deleted, StringComparison.Ordinal));
    }

    /// <summary>The slot's Deployment, with its generation, and its pods.</summary>
    private async Task<IReadOnlyList<string>> SlotAsync(string ns, string slot)
    {
        var found = new List<string>();
        foreach (var type in (ResourceType[])[ResourceType.Deployment, ResourceType.Pod])
            found.AddRange((await cluster.Client.ListAsync(type, ns, null, Token)).Items.Where(item => (string?)item["metadata"]!["labels"]?[Slots.Label] == slot)
                .Select(item => $"{type.Kind} {item["metadata"]!["uid"]} {(type == ResourceType.Deployment ? item["metadata"]!["generation"] : "")}"));
        return found;
    }

    private async Task<string> DeletePodAsync(string ns, string slot)
    {
        var pod = (await cluster.Client.ListAsync(ResourceType.Pod, ns, null, Token)).Items.Single(item => (string?)item["metadata"]!["labels"]?[Slots.Label] == slot);
        var (name, uid) = ((string)pod["metadata"]!["name"]!, (string)pod["metadata"]!["uid"]!);
        await cluster.Client.DeleteAsync(ResourceType.Pod, ns, name, uid, "Background", Token);
        return uid;
    }
}
