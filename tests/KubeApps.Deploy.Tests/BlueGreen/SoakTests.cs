using System.Text.Json.Nodes;
using KubeApps.Bundles;
using KubeApps.Deploy.Api;
using KubeApps.Deploy.Planning;
using KubeApps.Events;

namespace KubeApps.Deploy.Tests.BlueGreen;

/// <summary>The time in which the old version stands beside the new one.</summary>
public sealed class SoakTests(SandboxCluster cluster) : IClassFixture<SandboxCluster>
{
    private bool _isSoaking;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    // It answers all the time: only the check knows that what it answers is wrong.
    [Fact]
    public Task Deploy_CheckFailsDuringTheSoak_LetsTrafficLeadBackAndSaysWhy() => RequireReturnAsync(
        "soaked",
        app => app.Version("serve", "two").Checked(new BundleCheck("http", "healthy", TimeSpan.FromSeconds(1)) { Service = "web", Path = "/healthz" }),
        _ => SickenAsync("soaked"), "healthy");

    [Fact]
    public Task Deploy_PodsCrashDuringTheSoak_LetsTrafficLeadBackAndSaysWhy() =>
        RequireReturnAsync("crashing", app => app.Version("serve", "mortal"), KillAsync, "exit code 3");

    // They may get ready again; users are not to wait for that where the old version could serve.
    [Fact]
    public Task Deploy_NoPodIsReadyDuringTheSoakAnyMore_LetsTrafficLeadBackAndSaysWhy() =>
        RequireReturnAsync("unready", app => app.Version("serve", "two"), _ => SickenAsync("unready"), "Readiness probe failed");

    // What serves is as good as it was; that it cannot be as large as its autoscaler wants it is no reason to lead users away from it.
    [Fact]
    public async Task Deploy_OnePodMoreFindsNoRoomDuringTheSoak_KeepsWhatServes()
    {
        var app = new SlottedApp(cluster, "full");
        await app.DeployAsync(app.Version(app.Scaled("one")));
        var filled = Task.CompletedTask;
        var log = new EventLog
        {
            OnEvent = item =>
            {
                if (item is DeployEvent.StepStarted { StepId: "soak" })
                    filled = FillAsync();
            },
        };

        var result = await app.DeployAsync(app.Version(app.Scaled("two")).KeepingOld(TimeSpan.FromSeconds(15)), log);

        await filled;
        Assert.True(result.Outcome == DeployOutcome.Deployed, string.Join(' ', result.Diagnostics));
        Assert.Contains(log.Events.OfType<DeployEvent.RolloutProgress>(), item => item.Name == "web-green" && item.LastEvent?.Contains("exceeded quota", StringComparison.Ordinal) == true);

        async Task FillAsync()
        {
            await cluster.Client.SendAsync(
                HttpMethod.Post, "/api/v1/namespaces/full/resourcequotas",
                SandboxCluster.Parse("""{"apiVersion":"v1","kind":"ResourceQuota","metadata":{"name":"full"},"spec":{"hard":{"pods":"2"} } }"""), Token);
            await cluster.Client.ApplyAsync(ResourceType.Deployment, SandboxCluster.Parse(
                """{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web-green","namespace":"full"},"spec":{"replicas":2} }"""), dryRun: false, Token, force: true, "autoscaler");
        }
    }

    // What it had and has not any more is another matter.
    [Fact]
    public async Task Deploy_OnePodIsLostDuringTheSoakAndFindsNoRoom_LetsTrafficLeadBack()
    {
        var app = new SlottedApp(cluster, "lost");
        await app.DeployAsync(app.Version(app.Scaled("one")));
        await cluster.Client.ApplyAsync(ResourceType.Deployment, SandboxCluster.Parse(
            """{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web-blue","namespace":"lost"},"spec":{"replicas":2} }"""), dryRun: false, Token, force: true, "autoscaler");
        var lost = Task.CompletedTask;
        var log = new EventLog
        {
            OnEvent = item =>
            {
                if (item is DeployEvent.RolloutProgress { Name: "web-green", Ready: 2 } && lost.IsCompleted && _isSoaking)
                    (_isSoaking, lost) = (false, LoseAsync());
                _isSoaking |= item is DeployEvent.StepStarted { StepId: "soak" };
            },
        };

        var result = await app.DeployAsync(app.Version(app.Scaled("two")).KeepingOld(TimeSpan.FromSeconds(40)), log);

        await lost;
        Assert.Equal((DeployOutcome.RolledBack, 3), (result.Outcome, result.ExitCode));
        Assert.Contains("exceeded quota", result.Diagnostics[0].Cause, StringComparison.Ordinal);

        async Task LoseAsync()
        {
            await cluster.Client.SendAsync(
                HttpMethod.Post, "/api/v1/namespaces/lost/resourcequotas",
                SandboxCluster.Parse("""{"apiVersion":"v1","kind":"ResourceQuota","metadata":{"name":"full"},"spec":{"hard":{"pods":"3"} } }"""), Token);
            var pod = (await cluster.Client.ListAsync(ResourceType.Pod, "lost", null, Token)).Items.First(item => (string?)item["metadata"]!["labels"]?[Slots.Label] == "green");
            await cluster.Client.DeleteAsync(ResourceType.Pod, "lost", (string)pod["metadata"]!["name"]!, (string)pod["metadata"]!["uid"]!, "Background", Token);
        }
    }

    // A cache of the server's may be behind what was written a moment ago.
    [Fact]
    public async Task Deploy_FirstLookOfTheSoakIsOlderThanTheSwitch_GoesOn()
    {
        var app = new SlottedApp(cluster, "behind");
        await app.DeployAsync(app.Resting("one"));
        var line = new EmptyFirstList();
        using var connection = cluster.Connect(TimeProvider.System, line);

        var result = await new SlottedApp(cluster, "behind") { Connection = connection }.DeployAsync(app.Resting("two").KeepingOld(TimeSpan.FromSeconds(6)));

        Assert.True(result.Outcome == DeployOutcome.Deployed, string.Join(' ', result.Diagnostics));
        Assert.True(line.HasAnswered);
        await app.RequireAloneAsync(app.Resting("two"), "soaked");
    }

    /// <summary>What happens once the soak has begun ends it, and all is as it was before.</summary>
    private async Task RequireReturnAsync(string name, Func<SlottedApp, Bundle> next, Func<CancellationToken, Task> disturb, string cause)
    {
        var app = new SlottedApp(cluster, name);
        await app.DeployAsync(app.Version("serve", "one"));
        var before = await app.ObjectsAsync();
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var disturbing = Task.CompletedTask;
        var log = new EventLog
        {
            OnEvent = item =>
            {
                if (item is DeployEvent.StepStarted { StepId: "soak" })
                    disturbing = disturb(ended.Token);
            },
        };

        var result = await app.DeployAsync(next(app).KeepingOld(TimeSpan.FromHours(1)), log);

        await ended.CancelAsync();
        await disturbing;
        Assert.Equal((DeployOutcome.RolledBack, 3), (result.Outcome, result.ExitCode));
        Assert.Equal(["KUBEAPP7027", "KUBEAPP7029"], result.Diagnostics.Select(item => item.Code));
        Assert.Contains(cause, result.Diagnostics[0].Cause, StringComparison.Ordinal);
        Assert.Equal(before, await app.ObjectsAsync());
    }

    // Each time that it has come up again; the version before does not heed it.
    private async Task KillAsync(CancellationToken cancellationToken)
    {
        using var http = new HttpClient();
        var address = new Uri(await AddressAsync("crashing"), "die");
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await http.GetStringAsync(address, cancellationToken);
                await Task.Delay(100, cancellationToken);
            }
            catch (Exception failure) when (failure is HttpRequestException or OperationCanceledException)
            {
                // It is dead already, or the test is over.
            }
        }
    }

    private async Task SickenAsync(string app)
    {
        using var http = new HttpClient();
        await http.GetStringAsync(new Uri(await AddressAsync(app), "sicken"), Token);
    }

    private async Task<Uri> AddressAsync(string app)
    {
        var service = await cluster.Client.GetAsync(ResourceType.Service, app, "web", Token);
        return new Uri(cluster.Reach(await AppAddresses.ReadAsync(cluster.Client, [ObjectId.Of(service!)], null, Token)));
    }

    /// <summary>Of the app's inventory the first list knows nothing yet.</summary>
    private sealed class EmptyFirstList : DelegatingHandler
    {
        private int _lists;

        public bool HasAnswered => _lists > 0;

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var response = await base.SendAsync(request, cancellationToken);
            var query = Uri.UnescapeDataString(request.RequestUri!.Query);
            if (request.Method != HttpMethod.Get || !query.Contains($"metadata.name={Inventory.NameOf("behind")}", StringComparison.Ordinal)
                || query.Contains("watch=", StringComparison.Ordinal) || Interlocked.Increment(ref _lists) > 1)
                return response;
            var list = JsonNode.Parse(await response.Content.ReadAsStringAsync(cancellationToken))!;
            list["items"] = new JsonArray();
            response.Content = new StringContent(list.ToJsonString(), System.Text.Encoding.UTF8, "application/json");
            return response;
        }
    }
}
