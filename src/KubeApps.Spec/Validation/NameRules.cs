using System.Text.RegularExpressions;
using KubeApps.Diagnostics;

namespace KubeApps;

/// <summary>Names are DNS-1123 labels, unique among their kind.</summary>
/// <remarks>https://kubernetes.io/docs/concepts/overview/working-with-objects/names/</remarks>
internal static partial class NameRules
{
    /// <summary>A hash or time (a hyphen and ten characters) is appended to the names of configurations, secrets, jobs, and the objects of some workloads.</summary>
    private const int SuffixedNameLength = 63 - 11;

    /// <summary>The volume of a secret is named like it, with <c>secret-</c> before.</summary>
    private const int PrefixedNameLength = 63 - 7;

    public static void Check(KubeAppModel app, SpecDiagnostics diagnostics)
    {
        CheckLabel(diagnostics, "environment", app.Environment.Name, 20, app.Environment.Location);
        CheckLabel(diagnostics, "namespace", app.Namespace, 63, app.NamespacePlace ?? app.NamePlace);
        // What the defaults derive from a part bears its name and place: one mistake is one error.
        HashSet<(string Name, SourceLocation? Place)> wrong = [];
        foreach (var part in app.Parts)
        {
            if (!wrong.Contains((part.Name, part.Location)) && !CheckPart(diagnostics, part))
                wrong.Add((part.Name, part.Location));
            if (part is Workload workload)
                CheckWorkload(workload, diagnostics);
            foreach (var key in part switch { Config config => config.Values.Keys, Secret secret => secret.Keys.Keys, _ => (IEnumerable<string>)[] })
                if (key.Length > 253 || !DataKey().IsMatch(key))
                    diagnostics.Add(
                        DiagnosticDescriptors.InvalidName,
                        $"The key '{key}' of the {KindOf(part)} '{part.Name}' is not one that Kubernetes takes.", part.Location,
                        "Use letters, digits, '-', '_' and '.'; at most 253.");
        }

        // Workloads share one namespace of names: their pods are told apart by it.
        foreach (var group in app.Parts.GroupBy(part => (part is Workload ? "workload" : KindOf(part), part.Name)).Where(group => group.Count() > 1))
            diagnostics.Add(DiagnosticDescriptors.DuplicateName, $"Two {Plural(group.Key.Item1)} are named '{group.Key.Name}'.", group.Last().Location);
    }

    /// <summary>Whether the name is one that Kubernetes takes; if not, it says so.</summary>
    public static bool CheckLabel(SpecDiagnostics diagnostics, string what, string name, int maximum, SourceLocation? place)
    {
        if (WhyNoLabel(what, name, maximum) is not { } why)
            return true;
        diagnostics.Add(DiagnosticDescriptors.InvalidName, why, place);
        return false;
    }

    /// <inheritdoc cref="CheckLabel(SpecDiagnostics, string, string, int, SourceLocation?)"/>
    public static bool CheckLabel(SpecDiagnostics diagnostics, string what, string name, int maximum, CodePlace? place) =>
        WhyNoLabel(what, name, maximum) is null || CheckLabel(diagnostics, what, name, maximum, place?.Find());

    private static string? WhyNoLabel(string what, string name, int maximum) =>
        name.Length > maximum ? $"The {what} name '{name}' has {name.Length} characters; at most {maximum} are possible."
        : !Dns1123Label().IsMatch(name) ? $"The {what} name '{name}' is not a DNS-1123 label."
        : null;

    /// <summary>A host name, perhaps with a wildcard as its first label.</summary>
    public static bool IsHostName(string name) => name.Length <= 253 && HostName().IsMatch(name) && !Address().IsMatch(name);

    public static string KindOf(AppPart part) => KindOf(part.GetType());

    /// <summary>What people call it: <c>NodePool</c> is a node pool.</summary>
    public static string KindOf(Type part) =>
        string.Concat(part.Name.Select((c, i) => char.IsUpper(c) && i > 0 ? $" {char.ToLowerInvariant(c)}" : char.ToLowerInvariant(c).ToString()));

    private static string Plural(string kind) => kind.EndsWith('y') ? kind[..^1] + "ies" : kind + "s";

    private static bool CheckPart(SpecDiagnostics diagnostics, AppPart part)
    {
        var maximum = part switch
        {
            Config or Job or CronJob or StatefulSet or Secret { Source: SecretSource.Environment or SecretSource.Generated } => SuffixedNameLength,
            Secret => PrefixedNameLength,
            _ => 63,
        };
        if (!CheckLabel(diagnostics, KindOf(part), part.Name, maximum, part.Location))
            return false;
        // RFC 1035, which is stricter: the name is a host name at once.
        if (part is not Service || char.IsAsciiLetter(part.Name[0]))
            return true;
        diagnostics.Add(DiagnosticDescriptors.InvalidName, $"The service name '{part.Name}' does not begin with a letter.", part.Location);
        return false;
    }

    private static void CheckWorkload(Workload workload, SpecDiagnostics diagnostics)
    {
        foreach (var container in workload.AllContainers)
            CheckLabel(diagnostics, "container", container.Name, 63, container.Location);
        foreach (var group in workload.AllContainers.GroupBy(container => container.Name).Where(group => group.Count() > 1))
            diagnostics.Add(
                DiagnosticDescriptors.DuplicateName, $"Two containers of '{workload.Name}' are named '{group.Key}'.", group.Last().Location);
    }

    [GeneratedRegex(@"\A[a-z0-9]([-a-z0-9]*[a-z0-9])?\z", RegexOptions.CultureInvariant)]
    private static partial Regex Dns1123Label();

    [GeneratedRegex(@"\A(\*\.)?[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?(\.[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)*\z", RegexOptions.CultureInvariant)]
    private static partial Regex HostName();

    [GeneratedRegex(@"\A[0-9.]+\z", RegexOptions.CultureInvariant)]
    private static partial Regex Address();

    [GeneratedRegex(@"\A[-._a-zA-Z0-9]+\z", RegexOptions.CultureInvariant)]
    private static partial Regex DataKey();
}
