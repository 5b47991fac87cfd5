using System.Text.RegularExpressions;
using KubeApps.Diagnostics;

namespace KubeApps;

/// <summary>A secret says where its values come from, and never the values.</summary>
internal static partial class SecretRules
{
    public static void Check(KubeAppModel app, SpecDiagnostics diagnostics)
    {
        foreach (var secret in app.All<Secret>())
        {
            if (secret.Source != SecretSource.Existing && secret.Keys.Count == 0)
                Report(secret, "has no keys");
            if (secret.Source == SecretSource.Store && string.IsNullOrEmpty(secret.Store))
                Report(secret, "does not say in which Store its values are");
            foreach (var (key, origin) in secret.Keys)
            {
                if (secret.Source == SecretSource.Environment && !VariableName().IsMatch(origin))
                    diagnostics.Add(
                        DiagnosticDescriptors.LiteralSecret,
                        $"The key '{key}' of the secret '{secret.Name}' must name an environment variable, and what stands there is none.", secret.Location,
                        "Write the name of the variable that holds the value when the deploy runs.");
                if (secret.Source == SecretSource.Store && origin.Length == 0)
                    Report(secret, $"does not say where the key '{key}' stands in the store");
                if (secret.Source == SecretSource.Generated && origin.Length > 0)
                    Report(secret, $"makes up its values: the key '{key}' can have no other origin");
                if (secret.Source == SecretSource.Existing && origin.Length > 0)
                    Report(secret, $"exists already: the key '{key}' can have no other origin");
            }
        }

        void Report(Secret secret, string what) => diagnostics.Add(DiagnosticDescriptors.InvalidSetting, $"The secret '{secret.Name}' {what}.", secret.Location);
    }

    [GeneratedRegex(@"\A[A-Za-z_][A-Za-z0-9_]*\z", RegexOptions.CultureInvariant)]
    private static partial Regex VariableName();
}
