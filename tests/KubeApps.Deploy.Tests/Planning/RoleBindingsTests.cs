using KubeApps.Deploy.Planning;
using KubeApps.Events;

namespace KubeApps.Deploy.Tests.Planning;

public class RoleBindingsTests
{
    private const string Rbac = "rbac.authorization.k8s.io/v1";

    private static readonly ReleaseObject Binding = Objects.Parse(
        $$"""{"apiVersion":"{{Rbac}}","kind":"RoleBinding","metadata":{"name":"a","namespace":"shop"},"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"Role","name":"r"} }""");

    [Fact]
    public void TurnsOf_BindingsAmongOthers_ComeAfterAllThatTheyMayName()
    {
        var cluster = Objects.Of(Rbac, "ClusterRoleBinding", "z", ns: null);
        var foreign = Objects.Of("example.com/v1", "RoleBinding", "theirs");
        ReleaseObject[] objects = [cluster, Binding, Objects.Of("v1", "ConfigMap", "settings"), Objects.Of(Rbac, "Role", "r"), foreign, Objects.Of("v1", "ServiceAccount", "web")];

        var turns = RoleBindings.TurnsOf([.. objects.Select(item => Created(item))]);

        Assert.Equal(
            ["ConfigMap shop/settings, Role shop/r, RoleBinding shop/theirs, ServiceAccount shop/web", "ClusterRoleBinding z, RoleBinding shop/a"],
            turns.Select(turn => string.Join(", ", turn.Select(item => $"{item.Object.Id}").Order(StringComparer.Ordinal))));
    }

    [Fact]
    public void TurnsOf_NoBindings_IsOneTurn() => Assert.Single(RoleBindings.TurnsOf([Created(Objects.Of("v1", "ConfigMap", "a")), Created(Objects.Of("v1", "Secret", "b"))]));

    [Theory]
    [InlineData("Role", "shop", "r", true)]
    [InlineData("Role", "elsewhere", "r", false)]
    [InlineData("Role", "shop", "other", false)]
    [InlineData("ClusterRole", null, "r", false)]
    public void IsOfAny_BindingOfARole_IsMeantByKindNamespaceAndName(string kind, string? ns, string name, bool expected) =>
        Assert.Equal(expected, RoleBindings.IsOfAny([Objects.Of(Rbac, kind, name, ns: ns).Id], Binding));

    [Fact]
    public void AwaitsItsRole_RoleIsCreatedWithIt_CannotBeAskedAboutBefore()
    {
        var role = Created(Objects.Of(Rbac, "Role", "r"));

        Assert.True(RoleBindings.AwaitsItsRole(Created(Binding), [role]));
        Assert.False(RoleBindings.AwaitsItsRole(Created(Binding), [role with { Change = ResourceChange.Changed }]));
        // Neither could be asked about, because their namespace is not there.
        Assert.False(RoleBindings.AwaitsItsRole(Created(Binding), [role with { IsUnchecked = true }]));
    }

    private static PlannedObject Created(ReleaseObject item) => new(item, ResourceChange.Created, false, false);
}
