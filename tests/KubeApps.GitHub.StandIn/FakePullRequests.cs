using System.Text.Json.Nodes;

namespace KubeApps.GitHub.StandIn;

/// <summary>https://docs.github.com/rest/pulls/pulls#get-a-pull-request: every number up to the last one is that of a pull request.</summary>
internal static class FakePullRequests
{
    public static FakeAnswer Get(FakeRequest request) => request.Number(1) is > 0 and var number && number <= request.Repository.LastIssue
        ? new FakeAnswer(200, Write(request, number, request.Repository.ClosedPullRequests.Contains((int)number)))
        : FakeAnswer.Refused(404, "Not Found");

    private static JsonObject Write(FakeRequest request, long number, bool isClosed)
    {
        var (api, page) = ($"{request.Address}/pulls/{number}", $"{request.Base}{request.Repository.FullName}/pull/{number}");
        var item = new JsonObject
        {
            ["id"] = number,
            ["node_id"] = $"PR_{number}",
            ["number"] = number,
            ["state"] = isClosed ? "closed" : "open",
            ["locked"] = false,
            ["title"] = $"Change {number}",
            ["body"] = null,
            ["user"] = FakeAnswer.User(request, "octocat"),
            ["author_association"] = "NONE",
            ["url"] = api,
            ["html_url"] = page,
            ["diff_url"] = $"{page}.diff",
            ["patch_url"] = $"{page}.patch",
            ["issue_url"] = $"{request.Address}/issues/{number}",
            ["comments_url"] = $"{request.Address}/issues/{number}/comments",
            ["commits_url"] = $"{api}/commits",
            ["review_comments_url"] = $"{api}/comments",
            ["review_comment_url"] = $"{request.Address}/pulls/comments{{/number}}",
            ["statuses_url"] = $"{request.Address}/statuses/{Commit}",
            ["created_at"] = FakeAnswer.Time(DateTimeOffset.UnixEpoch),
            ["updated_at"] = FakeAnswer.Time(DateTimeOffset.UnixEpoch),
            ["labels"] = new JsonArray(),
            ["merged"] = false,
            ["maintainer_can_modify"] = false,
            ["mergeable_state"] = "clean",
            ["head"] = Side(request, "change"),
            ["base"] = Side(request, "main"),
            ["_links"] = Links(api, "self", "html", "issue", "comments", "review_comments", "review_comment", "commits", "statuses"),
        };
        foreach (var none in (string[])["assignee", "milestone", "auto_merge", "merged_by", "merge_commit_sha", "merged_at", "closed_at", "mergeable"])
            item[none] = null;
        if (isClosed)
            item["closed_at"] = FakeAnswer.Time(DateTimeOffset.UnixEpoch);
        foreach (var count in (string[])["additions", "changed_files", "comments", "commits", "deletions", "review_comments"])
            item[count] = 0;
        return item;
    }

    private const string Commit = "6dcb09b5b57875f334f61aebed695e2e4193db5e";

    private static JsonObject Side(FakeRequest request, string branch) =>
        new() { ["label"] = $"octocat:{branch}", ["ref"] = branch, ["sha"] = Commit, ["user"] = FakeAnswer.User(request, "octocat"), ["repo"] = null };

    private static JsonObject Links(string address, params string[] names) => new(names.Select(name => KeyValuePair.Create(name, (JsonNode?)new JsonObject { ["href"] = address })));
}
