using System.Text.Json.Nodes;

namespace KubeApps.GitHub.StandIn;

/// <summary>https://docs.github.com/graphql/reference/queries#viewer: who asks. It tells the tokens of workflows and other apps, too, which <c>/user</c> refuses.</summary>
internal static class FakeViewer
{
    public static FakeAnswer Get(FakeRequest request) => request.Text("query") == "query { viewer { login } }"
        ? new FakeAnswer(200, new JsonObject { ["data"] = new JsonObject { ["viewer"] = new JsonObject { ["login"] = request.Repository.Login } } })
        : new FakeAnswer(200, new JsonObject { ["errors"] = new JsonArray(new JsonObject { ["message"] = "Parse error" }) });
}
