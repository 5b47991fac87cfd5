namespace KubeApps.Sandbox.Tests.Api;

/// <summary>Whoever is impersonated may do what roles and bindings say.</summary>
public sealed class AccessControlTests
{
    private const string Rbac = "/apis/rbac.authorization.k8s.io/v1/namespaces/default";
    private const string Maps = "/api/v1/namespaces/default/configmaps";

    [Fact]
    public async Task Request_OfSomebodyWithARole_IsAllowedWhatTheRoleNamesAndNothingElse()
    {
        await using var api = await TestApi.StartAsync();
        await api.PostAsync(Maps, """{"metadata":{"name":"one"}}""");
        await api.PostAsync(Maps, """{"metadata":{"name":"two"}}""");
        await api.PostAsync($"{Rbac}/roles", """
            {"metadata":{"name":"r"},"rules":[{"verbs":["get"],"apiGroups":[""],"resources":["configmaps"],"resourceNames":["one"]},
             {"verbs":["patch"],"apiGroups":[""],"resources":["configmaps"]}]}
            """);
        await api.PostAsync($"{Rbac}/rolebindings", """
            {"metadata":{"name":"r"},"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"Role","name":"r"},
             "subjects":[{"apiGroup":"rbac.authorization.k8s.io","kind":"User","name":"jane"}]}
            """);
        Assert.Equal(200, (await api.GetAsync(Maps)).Status);
        api.Client.DefaultRequestHeaders.Add("Impersonate-User", "jane");

        var allowed = await api.GetAsync($"{Maps}/one");
        var another = await api.GetAsync($"{Maps}/two");
        var list = await api.GetAsync(Maps);
        var created = await api.ApplyAsync($"{Maps}/three", "m", "{apiVersion: v1, kind: ConfigMap, metadata: {name: three}}");
        var review = await api.PostAsync("/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
            """{"spec":{"resourceAttributes":{"namespace":"default","verb":"get","resource":"configmaps","name":"one"}}}""");

        Assert.Equal(200, allowed.Status);
        Assert.Equal(
            (403, "configmaps \"two\" is forbidden: User \"jane\" cannot get resource \"configmaps\" in API group \"\" in the namespace \"default\""), (another.Status, another.Message));
        Assert.Equal((403, "configmaps is forbidden: User \"jane\" cannot list resource \"configmaps\" in API group \"\" in the namespace \"default\""), (list.Status, list.Message));
        Assert.Equal(
            (403, "configmaps \"three\" is forbidden: User \"jane\" cannot create resource \"configmaps\" in API group \"\" in the namespace \"default\""), (created.Status, created.Message));
        Assert.True((bool?)review.Body["status"]!["allowed"]);
    }

    [Fact]
    public async Task Create_BindingOfARoleThatIsMissing_IsRefusedToWhoeverMayNotBind()
    {
        await using var api = await TestApi.StartAsync();
        foreach (var (name, verbs) in ((string, string)[])[("jane", "\"create\",\"patch\""), ("joe", "\"create\",\"patch\",\"bind\"")])
        {
            await api.PostAsync($"{Rbac}/roles", $$"""{"metadata":{"name":"{{name}}"},"rules":[{"verbs":[{{verbs}}],"apiGroups":["rbac.authorization.k8s.io"],"resources":["*"]}]}""");
            await api.PostAsync($"{Rbac}/rolebindings", $$"""{"metadata":{"name":"{{name}}"},"roleRef":{"kind":"Role","name":"{{name}}"},"subjects":[{"kind":"User","name":"{{name}}"}]}""");
        }

        api.Client.DefaultRequestHeaders.Add("Impersonate-User", "jane");
        var applied = await ApplyAsync("&dryRun=All");
        var created = await api.PostAsync($"{Rbac}/rolebindings", """{"metadata":{"name":"b"},"roleRef":{"kind":"Role","name":"later"}}""");
        var role = await api.PostAsync($"{Rbac}/roles", """{"metadata":{"name":"later"},"rules":[]}""");
        var then = await ApplyAsync("");
        api.Client.DefaultRequestHeaders.Remove("Impersonate-User");
        api.Client.DefaultRequestHeaders.Add("Impersonate-User", "joe");
        var bound = await api.PostAsync($"{Rbac}/rolebindings", """{"metadata":{"name":"c"},"roleRef":{"kind":"ClusterRole","name":"nobody-made-it"}}""");

        Assert.Equal((404, "roles.rbac.authorization.k8s.io \"later\" not found"), (applied.Status, applied.Message));
        Assert.Equal((404, "roles"), (created.Status, (string?)created.Body["details"]!["kind"]));
        Assert.Equal((201, 201), (role.Status, then.Status));
        // Who may bind "*" may bind cluster roles, too.
        Assert.Equal(201, bound.Status);

        Task<Answer> ApplyAsync(string more) => api.ApplyAsync(
            $"{Rbac}/rolebindings/a", "m", "{apiVersion: rbac.authorization.k8s.io/v1, kind: RoleBinding, metadata: {name: a}, roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: later}}",
            more);
    }
}
