using System.Collections;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using KubeApps.Diagnostics;

namespace KubeApps;

/// <summary>
/// Nothing is null that must not be. The compiler warns of it only where nobody told it not to, and a variable of the environment that is not set
/// is null on another machine only. Looked for before all other rules, which rely on it.
/// </summary>
internal sealed class NullRules(KubeAppModel app, SpecDiagnostics diagnostics)
{
    private bool _isFine = true;

    /// <returns>Whether nothing is null.</returns>
    public static bool Check(KubeAppModel app, SpecDiagnostics diagnostics)
    {
        var rules = new NullRules(app, diagnostics);
        rules.CheckProperties(app, "the app", null);
        return rules._isFine;
    }

    private void CheckProperties(object value, string owner, SourceLocation? place)
    {
        (owner, place) = value switch
        {
            AppPart part => ($"the {NameRules.KindOf(part)} '{part.Name}'", part.Location),
            Container container => ($"the container '{container.Name}'", container.Location),
            Check check => ($"the check '{check.Name}'", check.Location),
            _ => (owner, place),
        };
        foreach (var property in SpecJson.Document.Options.GetTypeInfo(value.GetType()).Properties)
        {
            if (property.Get is not { } get)
                continue;
            var name = char.ToUpperInvariant(property.Name[0]) + property.Name[1..];
            if (get(value) is { } inner)
                CheckValue(inner, name, owner, place);
            else if (!property.IsGetNullable)
                Report(name, owner, place);
        }
    }

    private void CheckValue(object value, string name, string owner, SourceLocation? place)
    {
        switch (value)
        {
            case string or JsonNode:
                break;
            case IDictionary map:
                foreach (DictionaryEntry entry in map)
                    CheckItem(entry.Value, $"{name}[\"{entry.Key}\"]", owner, place);
                break;
            case IEnumerable list:
                foreach (var item in list)
                    CheckItem(item, $"An item of {name}", owner, place);
                break;
            default:
                if (SpecJson.Document.Options.GetTypeInfo(value.GetType()).Kind == JsonTypeInfoKind.Object)
                    CheckProperties(value, owner, place);
                break;
        }
    }

    private void CheckItem(object? item, string name, string owner, SourceLocation? place)
    {
        if (item is null)
            Report(name, owner, place);
        else
            CheckValue(item, name, owner, place);
    }

    private void Report(string name, string owner, SourceLocation? place)
    {
        _isFine = false;
        diagnostics.Add(
            DiagnosticDescriptors.InvalidSetting, $"{name} of {owner} is null.", place ?? app.DefinePlace?.Find(), "Give it a value, or leave it out. A variable of the environment that is not set is null.");
    }
}
