using System.Diagnostics;
using System.Text.Json.Nodes;
using KubeApps.Sandbox.Controllers;
using KubeApps.Sandbox.Tests.Api;
using KubeApps.Sandbox.Tests.Controllers;
using KubeApps.Sandbox.Tests.Objects;
using Microsoft.Extensions.Logging.Abstractions;

namespace KubeApps.Sandbox.Tests.Recorded;

/// <summary>Sends every recorded request to the sandbox, in order, and compares status, headers and body with what the real cluster said.</summary>
public sealed class ApiReplayTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task Replay_EveryRecordedRequest_IsAnsweredAsByTheRealCluster()
    {
        await using var api = await TestApi.StartAsync(rootCertificate: "-----BEGIN CERTIFICATE-----\n");
        var values = new Normalization();
        var unexpected = new List<string>();
        var unused = KnownDifferences.All.ToHashSet();

        foreach (var recorded in RecordedApi.Load("api.json").AsArray().Select(entry => entry!.AsObject()))
        {
            var what = (string)recorded["what"]!;
            KnownDifferences.Amend(what, recorded);
            if (what == "delete namespace")
                await HoldNamespaceAsync(api);
            await SettleAsync(api, what, recorded["response"]!["body"]);
            var answer = await SendAsync(api, recorded["request"]!.AsObject(), values);
            foreach (var difference in Compare(recorded["response"]!.AsObject(), answer, values))
            {
                if (KnownDifferences.Find(what, difference) is { } known)
                    unused.Remove(known);
                else
                    unexpected.Add($"{what}: {difference}");
            }
        }

        Assert.True(unexpected.Count == 0, $"{unexpected.Count} differences:\n{string.Join('\n', unexpected)}");
        Assert.True(unused.Count == 0, $"no longer different, take them off the list:\n{string.Join('\n', unused)}");
    }

    /// <summary>Lets the controllers work where they did in the recording: until the deployment's status is as recorded there, or in vain for a while.</summary>
    private static async Task SettleAsync(TestApi api, string what, JsonNode? recorded)
    {
        Func<JsonNode, bool>? settled = what switch
        {
            "deployment, apply a second port by another manager" or "deployment, strategic merge patch" or "delete deployment foreground" =>
                deployment => JsonNode.DeepEquals(Normalization.Plain(deployment["status"]), Normalization.Plain(recorded!["status"]))
                    && JsonNode.DeepEquals(deployment["metadata"]!["annotations"], recorded!["metadata"]!["annotations"]),
            "scale get" => deployment => (string?)deployment["metadata"]!["annotations"]?["deployment.kubernetes.io/revision"] == "3"
                && (long?)deployment["status"]!["observedGeneration"] == (long?)deployment["metadata"]!["generation"],
            _ => null,
        };
        if (settled is null)
            return;
        // There the controllers came in the next second, and owners are listed by time.
        if (what == "scale get")
            await Task.Delay(TimeSpan.FromMilliseconds(1020 - DateTime.UtcNow.Millisecond), TestApi.Token);
        using var stop = new CancellationTokenSource();
        var controllers = new ControllerLoops(
            api.Cluster, TimeProvider.System, NullLogger.Instance,
            [
                new DeploymentController(api.Cluster, TimeProvider.System), new ReplicaSetController(api.Cluster, TimeProvider.System),
                new FakeKubelet(api.Cluster, TimeProvider.System),
            ]).RunAsync(stop.Token);
        for (var began = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(began) < Patience;)
        {
            if (settled((await api.GetAsync("/apis/apps/v1/namespaces/rec/deployments/d")).Body))
                break;
            await Task.Delay(10, TestApi.Token);
        }

        await stop.CancelAsync();
        await controllers;
    }

    /// <summary>In the recording pods that were still ending held the namespace.</summary>
    private static Task HoldNamespaceAsync(TestApi api) =>
        api.PostAsync("/api/v1/namespaces/rec/secrets", """{"metadata":{"name":"last","finalizers":["example.com/hold"]}}""");

    private static async Task<Answer> SendAsync(TestApi api, JsonObject request, Normalization values)
    {
        var body = request["body"] switch
        {
            null => null,
            JsonValue text => (string)text!,
            var node => values.ToSandbox(node.ToJsonString()),
        };
        return await api.SendAsync(
            (string)request["method"]!, values.ToSandbox((string)request["path"]!), body,
            (string?)request["contentType"] ?? "application/json", (string?)request["accept"]);
    }

    private static IEnumerable<string> Compare(JsonObject recorded, Answer answer, Normalization values)
    {
        if ((int)recorded["status"]! != answer.Status)
            yield return $"status: {recorded["status"]} → {answer.Status} {answer.Text}";
        var type = (string)recorded["headers"]!["content-type"]!;
        if (type != answer.ContentType)
            yield return $"content-type: {type} → {answer.ContentType}";
        var warning = (string?)recorded["headers"]!["warning"];
        if (warning != (answer.Warnings.Count == 0 ? null : string.Join(", ", answer.Warnings)))
            yield return $"warning: {warning} → {string.Join(", ", answer.Warnings)}";
        var body = recorded["body"] is JsonValue text ? JsonNode.Parse((string)text!) : recorded["body"];
        var actual = values.ToRecorded(body, answer.Body);
        foreach (var difference in JsonDifferences.Between(Normalization.Plain(body), Normalization.Plain(actual)))
            yield return difference;
    }
}
