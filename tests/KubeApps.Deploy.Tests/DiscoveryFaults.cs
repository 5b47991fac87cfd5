using System.Net;
using System.Text;
using System.Text.Json.Nodes;

namespace KubeApps.Deploy.Tests;

/// <summary>A server that tells its kinds group by group, as old ones do.</summary>
internal sealed class ByGroup : DelegatingHandler
{
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        Ask(request);
        return base.SendAsync(request, cancellationToken);
    }

    public static void Ask(HttpRequestMessage request)
    {
        if (request.RequestUri!.AbsolutePath is not ("/api" or "/apis"))
            return;
        request.Headers.Accept.Clear();
        request.Headers.Accept.ParseAdd("application/json");
    }
}

/// <summary>The group policy is announced, but nobody serves it.</summary>
internal sealed class BudgetsAway(bool isAggregated) : DelegatingHandler
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (!isAggregated)
            ByGroup.Ask(request);
        if (request.RequestUri!.AbsolutePath.StartsWith("/apis/policy/", StringComparison.Ordinal))
            return new HttpResponseMessage(HttpStatusCode.ServiceUnavailable) { RequestMessage = request, Content = new StringContent("service unavailable") };
        var answer = await base.SendAsync(request, cancellationToken);
        if (request.RequestUri.AbsolutePath == "/apis")
            await ChangeAsync(answer, version => (version["freshness"], version["resources"]) = ("Stale", new JsonArray()), cancellationToken);
        return answer;
    }

    /// <summary>Changes what a server tells of the versions of the group policy.</summary>
    public static async Task ChangeAsync(HttpResponseMessage answer, Action<JsonNode> change, CancellationToken cancellationToken)
    {
        if (JsonNode.Parse(await answer.Content.ReadAsStringAsync(cancellationToken)) is not JsonObject groups)
            return;
        foreach (var version in (groups["items"] as JsonArray ?? []).Where(group => (string?)group!["metadata"]!["name"] == "policy").SelectMany(group => group!["versions"]!.AsArray()))
            change(version!);
        answer.Content = new StringContent(groups.ToJsonString(), Encoding.UTF8, "application/json");
    }
}

/// <summary>A newer server: budgets are served in another version than the one that they were applied in.</summary>
internal sealed class NewerBudgets : DelegatingHandler
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var path = request.RequestUri!.PathAndQuery;
        if (path.StartsWith("/apis/policy/v2/", StringComparison.Ordinal))
        {
            // In the words of Kubernetes (apiserver/pkg/endpoints/handlers/patch.go).
            if (request.Method == HttpMethod.Patch && (await request.Content!.ReadAsStringAsync(cancellationToken)).Contains("policy/v1\"", StringComparison.Ordinal))
                return new HttpResponseMessage(HttpStatusCode.BadRequest)
                {
                    RequestMessage = request,
                    Content = new StringContent(
                        """{"kind":"Status","apiVersion":"v1","status":"Failure","message":"Incorrect version specified in apply patch. Specified patch version: policy/v1, expected: policy/v2","reason":"BadRequest","code":400}""",
                        Encoding.UTF8, "application/json"),
                };
            request.RequestUri = new Uri(request.RequestUri, path.Replace("/policy/v2/", "/policy/v1/", StringComparison.Ordinal));
        }

        var answer = await base.SendAsync(request, cancellationToken);
        if (path == "/apis")
            await BudgetsAway.ChangeAsync(answer, version => version["version"] = "v2", cancellationToken);
        return answer;
    }
}
