using System.Text.RegularExpressions;
using KubeApps.Diagnostics;

namespace KubeApps;

/// <summary>Names are DNS-1123 labels, unique among their kind.</summary>
/// <remarks>https://kubernetes.io/docs/concepts/overview/working-with-objects/names/</remarks>
internal static partial class NameRules
{
    /// <summary>A hash (<c>-</c> and ten characters) is appended to the names of configurations and jobs.</summary>
    private const int HashedNameLength = 63 - 11;

    public static void Check(KubeAppModel app, SpecDiagnostics diagnostics)
    {
        CheckLabel(diagnostics, "environment", app.Environment.Name, 20, app.Environment.Location);
        CheckLabel(diagnostics, "namespace", app.Namespace, 63, null);
        foreach (var part in app.Parts)
        {
            CheckLabel(diagnostics, KindOf(part), part.Name, part is Config or Job ? HashedNameLength : 63, part.Location);
            if (part is Workload workload)
                CheckContainers(workload, diagnostics);
        }

        // Workloads share one namespace of names: their pods are told apart by it.
        foreach (var group in app.Parts.GroupBy(part => (part is Workload ? "workload" : KindOf(part), part.Name)).Where(group => group.Count() > 1))
            diagnostics.Add(DiagnosticDescriptors.DuplicateName, $"Two {group.Key.Item1}s are named '{group.Key.Name}'.", group.Last().Location);
    }

    public static void CheckLabel(SpecDiagnostics diagnostics, string what, string name, int maximum, SourceLocation? place)
    {
        if (name.Length > maximum)
            diagnostics.Add(DiagnosticDescriptors.InvalidName, $"The {what} name '{name}' has {name.Length} characters; at most {maximum} are possible.", place);
        else if (!Dns1123Label().IsMatch(name))
            diagnostics.Add(DiagnosticDescriptors.InvalidName, $"The {what} name '{name}' is not a DNS-1123 label.", place);
    }

    public static string KindOf(AppPart part) => part.GetType().Name.ToLowerInvariant();

    private static void CheckContainers(Workload workload, SpecDiagnostics diagnostics)
    {
        foreach (var container in workload.AllContainers)
            CheckLabel(diagnostics, "container", container.Name, 63, container.Location);
        foreach (var group in workload.AllContainers.GroupBy(container => container.Name).Where(group => group.Count() > 1))
            diagnostics.Add(
                DiagnosticDescriptors.DuplicateName, $"Two containers of '{workload.Name}' are named '{group.Key}'.", group.Last().Location);
    }

    [GeneratedRegex("^[a-z0-9]([-a-z0-9]*[a-z0-9])?$", RegexOptions.CultureInvariant)]
    private static partial Regex Dns1123Label();
}
