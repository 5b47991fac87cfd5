using KubeApps.Deploy.Api;
using static KubeApps.Deploy.Tests.SandboxCluster;

namespace KubeApps.Deploy.Tests.Planning;

/// <summary>Somebody whose rights are those of their role.</summary>
internal static class Roles
{
    /// <param name="client">Of somebody who may.</param>
    /// <param name="ns">Where.</param>
    /// <param name="user">Whom; the role has the same name.</param>
    /// <param name="rules">What they may do, as JSON.</param>
    public static async Task GrantAsync(KubeClient client, string ns, string user, string rules)
    {
        var token = TestContext.Current.CancellationToken;
        await client.SendAsync(
            HttpMethod.Post, $"/apis/rbac.authorization.k8s.io/v1/namespaces/{ns}/roles", Parse($$"""{"metadata":{"name":"{{user}}"},"rules":{{rules}}}"""), token);
        await client.SendAsync(
            HttpMethod.Post, $"/apis/rbac.authorization.k8s.io/v1/namespaces/{ns}/rolebindings",
            Parse($$"""
                {"metadata":{"name":"{{user}}"},"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"Role","name":"{{user}}"},
                 "subjects":[{"apiGroup":"rbac.authorization.k8s.io","kind":"User","name":"{{user}}"}]}
                """),
            token);
    }

    /// <summary>What <c>kubectl --as</c> does.</summary>
    public static DelegatingHandler As(string user) => new Impersonation(user);

    private sealed class Impersonation(string user) : DelegatingHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            request.Headers.Add("Impersonate-User", user);
            return base.SendAsync(request, cancellationToken);
        }
    }
}
