using System.Text.RegularExpressions;
using KubeApps.Diagnostics;

namespace KubeApps;

/// <summary>Rules of access say something that the API server can grant. It takes any word, and then never matches it.</summary>
/// <remarks>https://kubernetes.io/docs/reference/access-authn-authz/rbac/#referring-to-resources</remarks>
internal static partial class IdentityRules
{
    private static readonly HashSet<string> Verbs = new(
        ["*", "get", "list", "watch", "create", "update", "patch", "delete", "deletecollection", "use", "bind", "escalate", "impersonate", "approve", "sign", "attest"],
        StringComparer.Ordinal);

    public static void Check(KubeAppModel app, SpecDiagnostics diagnostics)
    {
        var hashed = app.All<Config>().Select(config => ("configmaps", config.Name))
            .Concat(app.All<Secret>().Where(secret => secret.Source is SecretSource.Environment or SecretSource.Generated).Select(secret => ("secrets", secret.Name)))
            .ToHashSet();
        foreach (var account in app.All<ServiceAccount>())
        {
            if (account.CloudRole is { } role && !Role().IsMatch(role))
                Report(account, $"has the cloud role '{role}', which is not the ARN of an IAM role (arn:aws:iam::123456789012:role/name)");
            foreach (var rule in account.Rules)
            {
                if (rule.Verbs.Count == 0 || rule.Resources.Count == 0 || rule.ApiGroups.Count == 0)
                    Report(account, "has a rule without verbs, resources or API groups");
                foreach (var verb in rule.Verbs.Where(verb => !Verbs.Contains(verb)))
                    Report(account, $"has a rule with the verb '{verb}', which is none");
                foreach (var resource in rule.Resources.Where(resource => !Resource().IsMatch(resource)))
                    Report(account, $"has a rule for '{resource}', which is no resource: they are written in the plural and in lower case, like configmaps or pods/log");
                if (rule.ResourceNames.Count > 0 && rule.Verbs.Contains("create"))
                    Report(account, "has a rule that limits the verb 'create' to names; what is created has no name yet when that is decided");
                foreach (var name in rule.ResourceNames.Where(name => rule.Resources.Exists(resource => hashed.Contains((resource, name)))))
                    Report(account, $"has a rule for '{name}', whose name in the cluster ends with a hash of its content: no rule can know it");
            }
        }

        void Report(ServiceAccount account, string what) =>
            diagnostics.Add(DiagnosticDescriptors.InvalidSetting, $"The service account '{account.Name}' {what}.", account.Location);
    }

    [GeneratedRegex(@"\Aarn:aws[a-z-]*:iam::[0-9]{12}:role/[\w+=,.@/-]+\z", RegexOptions.CultureInvariant)]
    private static partial Regex Role();

    [GeneratedRegex(@"\A(\*|[a-z0-9.-]+)(/(\*|[a-z0-9.-]+))?\z", RegexOptions.CultureInvariant)]
    private static partial Regex Resource();
}
