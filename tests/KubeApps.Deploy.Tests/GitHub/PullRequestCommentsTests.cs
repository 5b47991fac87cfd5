using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using KubeApps.Deploy.GitHub;

namespace KubeApps.Deploy.Tests.GitHub;

/// <summary>Whose comment it is that begins as ours do. What a workflow's own token sees is tested with the whole tool.</summary>
public class PullRequestCommentsTests
{
    private const string Marker = "<!-- kubeapp-plan shop prod -->";

    [Theory]
    // A person's token, of the person who wrote it, and of another.
    [InlineData("jane", "User", "Jane", "PATCH")]
    [InlineData("mallory", "User", "jane", "POST")]
    // A workflow's token, which GitHub does not tell who it is.
    [InlineData("mallory", "User", null, "POST")]
    [InlineData("github-actions[bot]", "Bot", null, "PATCH")]
    public async Task Put_WhereACommentBeginsAsOursDo_ChangesItOnlyIfItIsOurs(string author, string type, string? self, string expected)
    {
        var server = new Scripted(author, type, self, $"{Marker}\nold");
        using var client = Client(server);

        var (comment, change) = await new PullRequestComments(client).PutAsync(7, Marker, "new", TestContext.Current.CancellationToken);

        Assert.Equal(expected, server.Write?.Method);
        Assert.Equal($"{Marker}\nnew", server.Write?.Body);
        Assert.Equal(expected == "PATCH" ? CommentChange.Updated : CommentChange.Created, change);
        Assert.Equal(expected == "PATCH" ? 1 : 2, comment.Id);
    }

    [Theory]
    [InlineData("<!-- kubeapp-plan shop prod -->\nnew", null)]
    [InlineData("<!-- kubeapp-plan shop prod -->", "PATCH")]
    [InlineData("> <!-- kubeapp-plan shop prod -->\nnew", "POST")]
    [InlineData("<!-- kubeapp-plan shop production -->\nnew", "POST")]
    public async Task Put_OfAComment_IsByItsFirstLineAlone(string body, string? expected)
    {
        var server = new Scripted("github-actions[bot]", "Bot", null, body);
        using var client = Client(server);

        await new PullRequestComments(client).PutAsync(7, Marker, "new", TestContext.Current.CancellationToken);

        Assert.Equal(expected, server.Write?.Method);
    }

    private static GitHubClient Client(HttpMessageHandler server) => new(
        new GitHubAccess(new GitHubRepository(new Uri("https://api.github.com/"), "acme", "shop"), "ghs_x"), TimeProvider.System, handler: server);

    private sealed class Scripted(string author, string type, string? self, string body) : HttpMessageHandler
    {
        public (string Method, string? Body)? Write { get; private set; }

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (request.RequestUri!.AbsolutePath == "/user")
                return self is null ? Json(403, """{"message":"Resource not accessible by integration"}""") : Json(200, $$"""{"login":"{{self}}","type":"User"}""");
            if (request.Method == HttpMethod.Get)
                return Json(200, new JsonArray(Comment(1, body)).ToJsonString());
            var text = (string?)JsonNode.Parse(await request.Content!.ReadAsStringAsync(cancellationToken))!["body"];
            Write = (request.Method.Method, text);
            return Json(request.Method == HttpMethod.Post ? 201 : 200, Comment(request.Method == HttpMethod.Post ? 2 : 1, text!).ToJsonString());
        }

        private JsonObject Comment(int id, string text) => new() { ["id"] = id, ["body"] = text, ["user"] = new JsonObject { ["login"] = author, ["type"] = type } };

        private static HttpResponseMessage Json(int status, string text) => new((HttpStatusCode)status) { Content = new StringContent(text, Encoding.UTF8, "application/json") };
    }
}
