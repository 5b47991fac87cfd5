using System.Text.Json.Nodes;

namespace KubeApps.GitHub.StandIn;

/// <summary>https://docs.github.com/rest/commits/commits</summary>
internal static class FakeCommits
{
    // Where nobody asks for a page, GitHub's answer has the last of them.
    private const int Last = 250;

    public static FakeAnswer Get(FakeRequest request) => request.Repository.Commits.Find(request.Parts[1]) is { } commit
        ? new FakeAnswer(200, Write(request, commit))
        : FakeAnswer.Refused(422, $"No commit found for SHA: {request.Parts[1]}");

    public static FakeAnswer Compare(FakeRequest request)
    {
        var commits = request.Repository.Commits;
        if (request.Parts[1].Split("...") is not [var first, var second] || commits.Find(first) is not { } from || commits.Find(second) is not { } to)
            return FakeAnswer.Refused(404, "Not Found");
        var (old, contained) = (commits.Contained(from), commits.Contained(to));
        var common = commits.Among([.. old.Intersect(contained)]);
        // Two histories with nothing in common.
        if (from.Sha != to.Sha && common.Count == 0)
            return FakeAnswer.Refused(404, "No common ancestor between the two commits.");
        var ahead = commits.Among([.. contained.Except(old)]);
        var behind = old.Except(contained).Count();
        var isPaged = request.Query.ContainsKey("per_page") || request.Query.ContainsKey("page");
        var size = int.TryParse(request.Query.GetValueOrDefault("per_page"), out var asked) ? Math.Clamp(asked, 1, 100) : 30;
        var page = int.TryParse(request.Query.GetValueOrDefault("page"), out var number) ? Math.Max(1, number) : 1;
        var address = $"{request.Address}/compare/{Uri.EscapeDataString(request.Parts[1])}";
        var links = isPaged && page * size < ahead.Count
            ? new[] { ("Link", $"<{request.Base}repositories/{request.Repository.Id}/compare/{Uri.EscapeDataString(request.Parts[1])}?per_page={size}&page={page + 1}>; rel=\"next\"") }
            : [];
        return new FakeAnswer(200, new JsonObject
        {
            ["url"] = address,
            ["html_url"] = address,
            ["permalink_url"] = address,
            ["diff_url"] = $"{address}.diff",
            ["patch_url"] = $"{address}.patch",
            ["base_commit"] = Write(request, from),
            ["merge_base_commit"] = Write(request, common.Count > 0 ? common[^1] : from),
            ["status"] = (ahead.Count, behind) switch { (0, 0) => "identical", (_, 0) => "ahead", (0, _) => "behind", _ => "diverged" },
            ["ahead_by"] = ahead.Count,
            ["behind_by"] = behind,
            ["total_commits"] = ahead.Count,
            ["commits"] = new JsonArray([.. (isPaged ? ahead.Skip((page - 1) * size).Take(size) : ahead.TakeLast(Last)).Select(item => Write(request, item))]),
            ["files"] = new JsonArray(),
        })
        { Headers = links };
    }

    private static JsonObject Write(FakeRequest request, StandInCommit commit)
    {
        var address = $"{request.Address}/commits/{commit.Sha}";
        return new JsonObject
        {
            ["url"] = address,
            ["sha"] = commit.Sha,
            ["node_id"] = $"C_{commit.Sha[..12]}",
            ["html_url"] = address,
            ["comments_url"] = $"{address}/comments",
            ["commit"] = new JsonObject
            {
                ["url"] = address,
                ["author"] = Person(commit),
                ["committer"] = Person(commit),
                ["message"] = commit.Message,
                ["comment_count"] = 0,
                ["tree"] = new JsonObject { ["sha"] = commit.Sha, ["url"] = address },
            },
            ["author"] = null,
            ["committer"] = null,
            ["parents"] = new JsonArray([.. commit.Parents.Select(parent => new JsonObject { ["sha"] = parent, ["url"] = address, ["html_url"] = address })]),
        };
    }

    private static JsonObject Person(StandInCommit commit) => new() { ["name"] = commit.Author, ["email"] = "mona@example.com", ["date"] = FakeAnswer.Time(commit.Date) };
}
