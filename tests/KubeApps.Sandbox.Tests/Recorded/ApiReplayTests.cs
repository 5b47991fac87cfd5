using System.Text.Json.Nodes;
using KubeApps.Sandbox.Tests.Api;
using KubeApps.Sandbox.Tests.Objects;

namespace KubeApps.Sandbox.Tests.Recorded;

/// <summary>Sends every recorded request to the sandbox, in order, and compares status, headers and body with what the real cluster said.</summary>
public sealed class ApiReplayTests
{
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
