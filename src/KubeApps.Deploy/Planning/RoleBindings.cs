using System.Text.Json.Nodes;
using KubeApps.Deploy.Api;
using KubeApps.Events;

namespace KubeApps.Deploy.Planning;

/// <summary>
/// Bindings, and the roles that they name. From whoever may not <c>bind</c> every role, the server takes a binding only where it finds that all the rules
/// of its role are theirs: the role stands before it.
/// </summary>
/// <seealso href="https://kubernetes.io/docs/reference/access-authn-authz/rbac/#restrictions-on-role-binding-creation-or-update"/>
internal static class RoleBindings
{
    private const string ApiVersion = "rbac.authorization.k8s.io/v1";

    /// <summary>The objects of one wave in the order in which they can be applied: those of a turn at the same time.</summary>
    public static IReadOnlyList<IReadOnlyList<PlannedObject>> TurnsOf(IReadOnlyList<PlannedObject> objects) =>
        [.. objects.GroupBy(item => IsBinding(item.Object.Id)).OrderBy(turn => turn.Key).Select(turn => turn.ToList())];

    /// <summary>Whether an object is a binding of one of these.</summary>
    public static bool IsOfAny(IEnumerable<ObjectId> roles, ReleaseObject item) => RoleOf(item) is { } role && roles.Any(role.IsSameObject);

    /// <summary>Whether an object is a binding whose role stands only once both are applied: until then the server may have no answer.</summary>
    public static bool AwaitsItsRole(PlannedObject item, IEnumerable<PlannedObject> planned) =>
        IsOfAny(planned.Where(role => role is { Change: ResourceChange.Created, IsUnchecked: false }).Select(role => role.Object.Id), item.Object);

    /// <summary>Whether two bindings name one role: that can never be changed.</summary>
    public static bool NameTheSame(JsonObject live, JsonObject wanted) =>
        ((string[])["kind", "name"]).All(field => (string?)live["roleRef"]?[field] == (string?)wanted["roleRef"]?[field]);

    private static bool IsBinding(ObjectId id) => id is { Group: "rbac.authorization.k8s.io", Kind: "RoleBinding" or "ClusterRoleBinding" };

    private static ObjectId? RoleOf(ReleaseObject item) =>
        IsBinding(item.Id) && item.Content["roleRef"] is JsonObject role && (string?)role["kind"] is { } kind && (string?)role["name"] is { } name
            ? new ObjectId(ApiVersion, kind, kind == "Role" ? item.Id.Namespace : null, name)
            : null;
}
