using System.Text.Json.Nodes;
using KubeApps.Deploy.Api;

namespace KubeApps.Deploy.Clusters.Eks;

/// <summary>A token as kubectl takes it from a plugin.</summary>
/// <seealso href="https://kubernetes.io/docs/reference/config-api/client-authentication.v1/"/>
internal static class EksCredential
{
    public const string ApiVersion = "client.authentication.k8s.io/v1";

    public static JsonObject Of(EksToken token) => new()
    {
        ["apiVersion"] = ApiVersion,
        ["kind"] = "ExecCredential",
        ["status"] = new JsonObject
        {
            ["expirationTimestamp"] = KubeTime.Write(token.ExpiresAt),
            ["token"] = token.Value,
        },
    };
}
