using System.Text.RegularExpressions;
using KubeApps.Diagnostics;

namespace KubeApps;

/// <summary>Environment variables have names and values, and refer only to earlier ones.</summary>
internal static partial class VariableRules
{
    private const string VariableNames = "Use letters, digits, '-', '_' and '.', with no digit at the beginning.";

    public static void Check(KubeAppModel app, SpecDiagnostics diagnostics)
    {
        foreach (var container in app.All<Workload>().SelectMany(workload => workload.AllContainers))
        {
            foreach (var source in container.EnvironmentFrom)
                if (source.Prefix is { Length: > 0 } prefix && !VariableName().IsMatch(prefix))
                    diagnostics.Add(DiagnosticDescriptors.InvalidName, $"'{prefix}' is not the beginning of the name of an environment variable.", container.Location, VariableNames);
            foreach (var (name, value) in container.Environment)
                CheckValue(container, name, value, diagnostics);
            var names = container.Environment.Keys.ToList();
            for (var i = 0; i < names.Count; i++)
            {
                if (!VariableName().IsMatch(names[i]))
                    diagnostics.Add(DiagnosticDescriptors.InvalidName, $"'{names[i]}' is not the name of an environment variable.", container.Location, VariableNames);
                if (container.Environment[names[i]].Text is { } text)
                    CheckReferences(container, names, i, text, diagnostics);
            }
        }
    }

    private static void CheckValue(Container container, string name, EnvironmentValue value, SpecDiagnostics diagnostics)
    {
        if (value is { Text: null, Field: null } && (value.Key is null || (value.Config ?? value.Secret) is null))
            diagnostics.Add(
                DiagnosticDescriptors.InvalidSetting, $"The environment variable {name} of the container '{container.Name}' has no value.", container.Location,
                "Give it a text (an empty one is possible), or leave it out. A variable of the environment of the build that is not set is null.");
        if (value.Field is { } field && !PodField().IsMatch(field))
            diagnostics.Add(
                DiagnosticDescriptors.UnknownReference,
                $"The environment variable {name} of the container '{container.Name}' asks for the field '{field}', which pods do not offer.", container.Location,
                "metadata.name, metadata.namespace, metadata.uid, metadata.labels['KEY'], metadata.annotations['KEY'], spec.nodeName, spec.serviceAccountName, "
                + "status.hostIP, status.hostIPs, status.podIP and status.podIPs are possible.");
    }

    /// <summary>Kubernetes expands <c>$(NAME)</c> with variables that come before; one that comes later would stay as it is written.</summary>
    private static void CheckReferences(Container container, List<string> names, int index, string text, SpecDiagnostics diagnostics)
    {
        foreach (Match match in Reference().Matches(text))
        {
            var target = names.IndexOf(match.Groups["name"].Value);
            if (target >= index)
                diagnostics.Add(
                    DiagnosticDescriptors.Cycle,
                    target == index || container.Environment[names[target]].Text?.Contains($"$({names[index]})", StringComparison.Ordinal) == true
                        ? $"The environment variables {names[index]} and {names[target]} of the container '{container.Name}' refer to each other."
                        : $"The environment variable {names[index]} of the container '{container.Name}' refers to {names[target]}, which comes later.",
                    container.Location);
        }
    }

    // https://kubernetes.io/docs/concepts/workloads/pods/downward-api/#available-fields
    [GeneratedRegex(
        @"\A(metadata\.(name|namespace|uid|(labels|annotations)\['[^']+'\])|spec\.(nodeName|serviceAccountName)|status\.(hostIPs?|podIPs?))\z", RegexOptions.CultureInvariant)]
    private static partial Regex PodField();

    [GeneratedRegex(@"\A[-._a-zA-Z][-._a-zA-Z0-9]*\z", RegexOptions.CultureInvariant)]
    private static partial Regex VariableName();

    [GeneratedRegex(@"(?<!\$)\$\((?<name>[-._a-zA-Z0-9]+)\)", RegexOptions.CultureInvariant)]
    private static partial Regex Reference();
}
