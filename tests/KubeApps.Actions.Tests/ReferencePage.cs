using System.Text;
using KubeApps.Actions.Tests.Checking;
using YamlDotNet.RepresentationModel;

namespace KubeApps.Actions.Tests;

/// <summary>The reference of every input, output and permission, as the files state them.</summary>
internal static class ReferencePage
{
    public static string Of(IReadOnlyDictionary<string, string> files)
    {
        var page = new StringBuilder();
        var all = files.Select(file => new YamlFile(file.Key, file.Value)).OrderBy(file => file.Path, StringComparer.Ordinal).ToList();
        page.Append("## Actions\n");
        foreach (var action in all.Where(file => file.IsAction))
        {
            page.Append($"\n### `{Path.GetDirectoryName(action.Path)!.Replace('\\', '/')}`\n\n{action.Root.Value("description")}\n");
            AppendPermissions(page, Permissions.OfAction(action).Scopes);
            Table(page, "Inputs", action.Root.Find("inputs"), (_, input) => Default(input));
            Table(page, "Outputs", action.Root.Find("outputs"), null);
        }

        page.Append("\n## Reusable workflows\n");
        foreach (var workflow in all.Where(file => file.Root.Find("on", "workflow_call") is not null && file.Root.Find("on", "workflow_call") is YamlMappingNode))
        {
            var call = workflow.Root.Find("on", "workflow_call");
            page.Append($"\n### `{workflow.Path}`\n\n{Introduction(workflow)}\n");
            AppendPermissions(page, Permissions.NeededBy(workflow, files));
            Table(page, "Inputs", call.Find("inputs"), (_, input) => Default(input), input => input.Value("type"));
            Table(page, "Secrets", call.Find("secrets"), (_, secret) => Default(secret));
            Table(page, "Outputs", call.Find("outputs"), null);
        }

        return page.ToString();
    }

    private static void AppendPermissions(StringBuilder page, IReadOnlyDictionary<string, string> scopes) =>
        page.Append(scopes.Count == 0 ? "\nPermissions: none.\n" : $"\nPermissions: {string.Join(", ", scopes.OrderBy(scope => scope.Key, StringComparer.Ordinal).Select(scope => $"`{scope.Key}: {scope.Value}`"))}.\n");

    private static void Table(StringBuilder page, string title, YamlNode? entries, Func<string, YamlNode, string>? defaultOf, Func<YamlNode, string?>? typeOf = null)
    {
        if (!entries.Pairs().Any())
            return;
        string[] columns = [title, .. typeOf is null ? [] : (string[])["Type"], .. defaultOf is null ? [] : (string[])["Default"], "Meaning"];
        page.Append($"\n| {string.Join(" | ", columns)} |\n|{string.Concat(columns.Select(_ => " --- |"))}\n");
        foreach (var (name, entry) in entries.Pairs().OrderBy(pair => pair.Name, StringComparer.Ordinal))
        {
            string[] cells = [$"`{name}`", .. typeOf is null ? [] : (string[])[typeOf(entry) ?? "string"], .. defaultOf is null ? [] : (string[])[defaultOf(name, entry)], Cell(entry.Value("description") ?? "")];
            page.Append($"| {string.Join(" | ", cells)} |\n");
        }
    }

    private static string Default(YamlNode entry) => entry.IsTrue("required") ? "required"
        : entry.Value("default") is { Length: > 0 } value ? $"`{Cell(value)}`" : "";

    private static string Cell(string text) => string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)).Replace("|", "\\|", StringComparison.Ordinal);

    // The comment above all else says what the workflow is for.
    private static string Introduction(YamlFile workflow) => string.Join(
        '\n', workflow.Text.Split('\n').TakeWhile(line => line.StartsWith('#')).Select(line => line.Length > 2 ? line[2..].TrimEnd() : ""));
}
