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
    [InlineData("jane", "Jane", "PATCH")]
    [InlineData("mallory", "jane", "POST")]
    [InlineData("github-actions[bot]", "github-actions[bot]", "PATCH")]
    // Another bot says what somebody told it to.
    [InlineData("echo[bot]", "github-actions[bot]", "POST")]
    [InlineData("github-actions", "github-actions[bot]", "POST")]
    public async Task Put_WhereACommentBeginsAsOursDo_ChangesItOnlyIfItIsOurs(string author, string self, string expected)
    {
        var server = new Scripted(self, (author, $"{Marker}\nold"));
        using var client = Client(server);

        var (comment, change) = await new PullRequestComments(client).PutAsync(7, Marker, "new", TestContext.Current.CancellationToken);

        Assert.Equal([$"{expected} {Marker}\nnew"], server.Writes);
        Assert.Equal(expected == "PATCH" ? CommentChange.Updated : CommentChange.Created, change);
        Assert.Equal(expected == "PATCH" ? 1 : 2, comment.Id);
    }

    [Fact]
    public async Task Put_WhereTwoRunsWroteAComment_KeepsTheFirstAndDeletesTheOther()
    {
        var server = new Scripted("github-actions[bot]", ("mallory", Marker), ("github-actions[bot]", Marker), ("github-actions[bot]", $"{Marker}\nnew"), ("echo[bot]", Marker));
        using var client = Client(server);

        var (comment, change) = await new PullRequestComments(client).PutAsync(7, Marker, "new", TestContext.Current.CancellationToken);

        Assert.Equal(["DELETE 3", $"PATCH {Marker}\nnew"], server.Writes);
        Assert.Equal((2, CommentChange.Updated), (comment.Id, change));
    }

    [Fact]
    public async Task Put_WhereNothingBeginsAsOursDo_AsksNobodyWhoWeAre()
    {
        var server = new Scripted(null, ("mallory", "Looks good to me."));
        using var client = Client(server);

        await new PullRequestComments(client).PutAsync(7, Marker, "new", TestContext.Current.CancellationToken);

        Assert.Equal([$"POST {Marker}\nnew"], server.Writes);
    }

    [Theory]
    [InlineData("https://api.github.com/", "https://api.github.com/graphql")]
    [InlineData("https://api.acme.ghe.com/", "https://api.acme.ghe.com/graphql")]
    [InlineData("https://ghe.example.com:8443/api/v3/", "https://ghe.example.com:8443/api/graphql")]
    public void Graph_OfAServer_IsBesideItsOtherApi(string api, string expected) => Assert.Equal(expected, GitHubAddress.GraphOf(new Uri(api)).AbsoluteUri);

    [Theory]
    [InlineData("<!-- kubeapp-plan shop prod -->\nnew", null)]
    [InlineData("<!-- kubeapp-plan shop prod -->", "PATCH")]
    [InlineData("> <!-- kubeapp-plan shop prod -->\nnew", "POST")]
    [InlineData("<!-- kubeapp-plan shop production -->\nnew", "POST")]
    public async Task Put_OfAComment_IsByItsFirstLineAlone(string body, string? expected)
    {
        var server = new Scripted("github-actions[bot]", ("github-actions[bot]", body));
        using var client = Client(server);

        await new PullRequestComments(client).PutAsync(7, Marker, "new", TestContext.Current.CancellationToken);

        Assert.Equal(expected, server.Writes.SingleOrDefault()?.Split(' ')[0]);
    }

    private static GitHubClient Client(HttpMessageHandler server) => new(
        new GitHubAccess(new GitHubRepository(new Uri("https://api.github.com/"), "acme", "shop"), "ghs_x"), TimeProvider.System, handler: server);

    private sealed class Scripted(string? self, params (string Author, string Body)[] comments) : HttpMessageHandler
    {
        public List<string> Writes { get; } = [];

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (request.RequestUri!.AbsolutePath == "/graphql")
                return self is null ? Json(500, "{}") : Json(200, $$"""{"data":{"viewer":{"login":"{{self}}"} } }""");
            if (request.Method == HttpMethod.Get)
                return Json(200, new JsonArray([.. comments.Select((item, index) => Comment(index + 1, item.Body, item.Author))]).ToJsonString());
            var id = request.Method == HttpMethod.Post ? comments.Length + 1 : int.Parse(request.RequestUri.Segments[^1], System.Globalization.CultureInfo.InvariantCulture);
            if (request.Method == HttpMethod.Delete)
            {
                Writes.Add($"DELETE {id}");
                return new HttpResponseMessage(HttpStatusCode.NoContent);
            }

            var text = (string?)JsonNode.Parse(await request.Content!.ReadAsStringAsync(cancellationToken))!["body"];
            Writes.Add($"{request.Method} {text}");
            return Json(request.Method == HttpMethod.Post ? 201 : 200, Comment(id, text!, self).ToJsonString());
        }

        private static JsonObject Comment(int id, string text, string? author) => new() { ["id"] = id, ["body"] = text, ["user"] = new JsonObject { ["login"] = author } };

        private static HttpResponseMessage Json(int status, string text) => new((HttpStatusCode)status) { Content = new StringContent(text, Encoding.UTF8, "application/json") };
    }
}
