using System.Text;
using System.Text.Json.Nodes;

namespace KubeApps.Deploy.Targets;

/// <summary>A kubeconfig as it is written: one cluster, one user, one context, all of one name.</summary>
internal static class KubeconfigDocument
{
    /// <param name="name">The context's.</param>
    /// <param name="server">The API server's address.</param>
    /// <param name="authority">The certificate of who signs the server's (PEM); null where the machine trusts it anyway.</param>
    /// <param name="user">How to log in: a <c>token</c>, or <c>exec</c>.</param>
    public static JsonObject Of(string name, string server, string? authority, JsonObject user)
    {
        var cluster = new JsonObject { ["server"] = server };
        if (authority is not null)
            cluster["certificate-authority-data"] = Convert.ToBase64String(Encoding.UTF8.GetBytes(authority));
        return new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Config",
            ["clusters"] = new JsonArray(new JsonObject { ["name"] = name, ["cluster"] = cluster }),
            ["users"] = new JsonArray(new JsonObject { ["name"] = name, ["user"] = user }),
            ["contexts"] = new JsonArray(new JsonObject { ["name"] = name, ["context"] = new JsonObject { ["cluster"] = name, ["user"] = name } }),
            ["current-context"] = name,
        };
    }
}
