using System.Text.Json.Nodes;

namespace KubeApps.GitHub.StandIn;

/// <summary>https://docs.github.com/rest/issues/comments: also those of pull requests.</summary>
internal static class FakeComments
{
    private const int LongestBody = 65536;

    public static FakeAnswer List(FakeRequest request) => !IsThere(request) ? FakeAnswer.Refused(404, "Not Found") :
        FakeAnswer.Page(request, request.Repository.Comments.Where(item => item.Issue == request.Number(1)), item => Write(request, item));

    public static FakeAnswer Get(FakeRequest request) =>
        request.Repository.Comments.Find(item => item.Id == request.Number(2)) is { } found ? new FakeAnswer(200, Write(request, found)) : FakeAnswer.Refused(404, "Not Found");

    public static FakeAnswer Create(FakeRequest request)
    {
        if (!IsThere(request))
            return FakeAnswer.Refused(404, "Not Found");
        var comment = new StandInComment((int)request.Number(1), request.Text("body")!) { Login = request.Repository.Login };
        if (TooLong(comment.Body) is { } refusal)
            return refusal;
        request.Repository.Comments.Add(comment);
        return new FakeAnswer(201, Write(request, comment));
    }

    public static FakeAnswer Update(FakeRequest request)
    {
        var index = request.Repository.Comments.FindIndex(item => item.Id == request.Number(2));
        if (index < 0)
            return FakeAnswer.Refused(404, "Not Found");
        if (TooLong(request.Text("body")!) is { } refusal)
            return refusal;
        var changed = request.Repository.Comments[index] with { Body = request.Text("body")! };
        request.Repository.Comments[index] = changed;
        return new FakeAnswer(200, Write(request, changed));
    }

    public static FakeAnswer Delete(FakeRequest request) =>
        request.Repository.Comments.RemoveAll(item => item.Id == request.Number(2)) > 0 ? new FakeAnswer(204, null) : FakeAnswer.Refused(404, "Not Found");

    private static bool IsThere(FakeRequest request) => request.Number(1) is > 0 and var number && number <= request.Repository.LastIssue;

    private static FakeAnswer? TooLong(string body) => body.Length <= LongestBody ? null : FakeAnswer.Refused(
        422, "Validation Failed", new JsonObject { ["resource"] = "IssueComment", ["field"] = "body", ["code"] = "custom", ["message"] = $"body is too long (maximum is {LongestBody} characters)" });

    private static JsonObject Write(FakeRequest request, StandInComment item) => new()
    {
        ["url"] = $"{request.Address}/issues/comments/{item.Id}",
        ["html_url"] = $"{request.Address}/pull/{item.Issue}#issuecomment-{item.Id}",
        ["issue_url"] = $"{request.Address}/issues/{item.Issue}",
        ["id"] = item.Id,
        ["node_id"] = $"IC_{item.Id}",
        ["user"] = FakeAnswer.User(request, item.Login),
        ["created_at"] = FakeAnswer.Time(item.CreatedAt),
        ["updated_at"] = FakeAnswer.Time(item.CreatedAt),
        ["author_association"] = "NONE",
        ["body"] = item.Body,
        ["performed_via_github_app"] = null,
    };
}
