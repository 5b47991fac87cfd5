using System.Text.Json.Nodes;
using static KubeApps.Rendering.Nodes;

namespace KubeApps.Rendering;

/// <summary>Service accounts with what they may do.</summary>
internal static class IdentityRendering
{
    public static void Render(RenderContext context)
    {
        foreach (var account in context.App.All<ServiceAccount>())
        {
            Dictionary<string, string> annotations = new(account.Annotations);
            if (account.CloudRole is { } role)
                annotations["eks.amazonaws.com/role-arn"] = role;
            context.Add(
                Object(
                    ("apiVersion", "v1"),
                    ("kind", "ServiceAccount"),
                    ("metadata", context.Metadata(account.Name, annotations: annotations)),
                    ("automountServiceAccountToken", false)),
                part: account);
            if (account.Rules.Count > 0)
                RenderRules(context, account);
        }
    }

    private static void RenderRules(RenderContext context, ServiceAccount account)
    {
        context.Add(Object(
            ("apiVersion", "rbac.authorization.k8s.io/v1"),
            ("kind", "Role"),
            ("metadata", context.Metadata(account.Name)),
            ("rules", List(account.Rules, static rule => Object(
                ("apiGroups", List(rule.ApiGroups)),
                ("resources", List(rule.Resources)),
                ("resourceNames", List(rule.ResourceNames)),
                ("verbs", List(rule.Verbs)))))));
        context.Add(Object(
            ("apiVersion", "rbac.authorization.k8s.io/v1"),
            ("kind", "RoleBinding"),
            ("metadata", context.Metadata(account.Name)),
            ("roleRef", Object(("apiGroup", "rbac.authorization.k8s.io"), ("kind", "Role"), ("name", account.Name))),
            ("subjects", new JsonArray(Object(
                ("kind", "ServiceAccount"), ("name", account.Name), ("namespace", context.App.Namespace))))));
    }
}
