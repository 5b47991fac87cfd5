using System.Text.Json.Nodes;
using KubeApps.Sandbox.Objects;

using Microsoft.AspNetCore.Http;

namespace KubeApps.Sandbox.Api.Http;

/// <summary>A request as an authorizer sees it.</summary>
internal sealed record AccessRequest(string Verb, string Group, string Resource, string? Namespace, string? Name);

/// <summary>
/// Who may do what. Whoever has the token of the sandbox may do everything; somebody else is only there as <c>kubectl --as</c> makes them
/// (<c>Impersonate-User</c>), and then the roles and bindings that are stored decide, as in a cluster with RBAC.
/// </summary>
internal sealed class AccessControl
{
    private readonly ObjectStore _store;
    private readonly string? _user;
    private readonly HashSet<string> _groups;

    private AccessControl(ObjectStore store, string? user, IEnumerable<string> groups)
    {
        _store = store;
        _user = user;
        _groups = [.. groups, "system:authenticated"];
    }

    public static AccessControl Of(HttpRequest request, ObjectStore store) => new(
        store, request.Headers["Impersonate-User"].FirstOrDefault(), request.Headers["Impersonate-Group"].OfType<string>());

    /// <summary>Null: whoever has the token.</summary>
    public string? User => _user;

    /// <exception cref="ApiStatusException">403, in the words of the real server.</exception>
    public void Require(ResourceType type, AccessRequest wanted)
    {
        if (_user is null || Allows(wanted))
            return;
        var place = wanted.Namespace is null ? "at the cluster scope" : $"in the namespace \"{wanted.Namespace}\"";
        var why = $"User \"{_user}\" cannot {wanted.Verb} resource \"{wanted.Resource}\" in API group \"{wanted.Group}\" {place}";
        throw wanted.Name is { } name ? ApiStatusException.Forbidden(type, name, why)
            : new ApiStatusException(403, "Forbidden", $"{type.QualifiedPlural} is forbidden: {why}", new JsonObject { ["group"] = type.Group, ["kind"] = type.Plural });
    }

    /// <summary>Whoever may not <c>bind</c> a role binds only what stands: its rules would be held against theirs (which the sandbox does not do).</summary>
    /// <exception cref="ApiStatusException">404, for the role.</exception>
    public void RequireRole(ResourceType type, string? ns, Func<JsonObject> binding)
    {
        if (_user is null || (type != ResourceTypes.RoleBinding && type != ResourceTypes.ClusterRoleBinding) || RoleOf(binding(), ns) is not { } role)
            return;
        if (!Allows(new AccessRequest("bind", role.Type.Group, role.Type.Plural, ns, role.Name)) && _store.Find(role) is null)
            throw ApiStatusException.NotFound(role.Type, role.Name);
    }

    public bool Allows(AccessRequest wanted) => _user is null || RulesOf(wanted.Namespace).Any(rule => Allows(rule, wanted));

    /// <summary>The rules for a namespace, or (null) those for everything.</summary>
    public IEnumerable<JsonObject> RulesOf(string? ns)
    {
        foreach (var binding in _store.List(ResourceTypes.ClusterRoleBinding, null).Items.Where(IsBound))
            foreach (var rule in RulesOf(binding, null))
                yield return rule;
        if (ns is null)
            yield break;
        foreach (var binding in _store.List(ResourceTypes.RoleBinding, ns).Items.Where(IsBound))
            foreach (var rule in RulesOf(binding, ns))
                yield return rule;
    }

    public static string VerbOf(HttpRequest request, ResourcePath path) => request.Method switch
    {
        "POST" => "create",
        "PUT" => "update",
        "PATCH" => "patch",
        "DELETE" => path.Name is null ? "deletecollection" : "delete",
        _ => path.Name is not null ? "get" : Query.Flag(request, "watch") ? "watch" : "list",
    };

    private IEnumerable<JsonObject> RulesOf(JsonObject binding, string? ns) =>
        RoleOf(binding, ns) is { } role ? (_store.Find(role)?.Value["rules"] as JsonArray ?? []).OfType<JsonObject>() : [];

    private static ObjectKey? RoleOf(JsonObject binding, string? ns) => binding["roleRef"] is not JsonObject role || Json.Text(role["name"]) is not { } name ? null
        : Json.Text(role["kind"]) == "ClusterRole" ? new ObjectKey(ResourceTypes.ClusterRole, null, name)
        : new ObjectKey(ResourceTypes.Role, ns, name);

    private bool IsBound(JsonObject binding) => (binding["subjects"] as JsonArray ?? []).OfType<JsonObject>().Any(subject => (string?)subject["kind"] switch
    {
        "User" => (string?)subject["name"] == _user,
        "Group" => (string?)subject["name"] is { } group && _groups.Contains(group),
        "ServiceAccount" => $"system:serviceaccount:{subject["namespace"]}:{subject["name"]}" == _user,
        _ => false,
    });

    private static bool Allows(JsonObject rule, AccessRequest wanted)
    {
        bool Has(string list, string value, string? other = null) =>
            (rule[list] as JsonArray ?? []).Any(item => (string?)item is { } text && (text == "*" || text == value || text == other));
        var slash = wanted.Resource.IndexOf('/', StringComparison.Ordinal);
        return Has("verbs", wanted.Verb) && Has("apiGroups", wanted.Group) && Has("resources", wanted.Resource, slash < 0 ? null : "*" + wanted.Resource[slash..])
            && (rule["resourceNames"] is not JsonArray { Count: > 0 } names || (wanted.Name is { } name && names.Any(item => (string?)item == name)));
    }
}
