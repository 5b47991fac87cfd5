using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace KubeApps.Cli.Workflows;

/// <summary>The workflow of a team's repository that calls the reusable ones.</summary>
/// <param name="App">The app.</param>
/// <param name="Project">The project, from the repository's root, with slashes.</param>
/// <param name="Branch">What is merged into this branch is deployed.</param>
/// <param name="Environments">Where to, in order.</param>
/// <param name="Registry">The host of the registry.</param>
/// <param name="Tooling">Where the reusable workflows are.</param>
internal sealed partial record CallerWorkflow(
    string App, string Project, string Branch, IReadOnlyList<string> Environments, string Registry, ToolingReference Tooling)
{
    /// <summary>As many environments as the reusable workflow takes.</summary>
    public const int MostEnvironments = 5;

    /// <summary>The environment of the specification that pull requests get; null: none.</summary>
    public string? Previews { get; init; }

    /// <summary>Whether pull requests get a comment with what a merge would change in each environment.</summary>
    public bool HasPlans { get; init; }

    /// <summary>When the scheduled part runs; null: never.</summary>
    public string? Schedule { get; init; }

    /// <summary>The file's text. Every value is quoted where YAML or GitHub could read something else in it.</summary>
    public string Text()
    {
        var text = new StringBuilder();
        void Line(string line = "") => text.Append(line).Append('\n');
        Line($"# Continuous delivery of {App}, written by 'dotnet kubeapp init --github'. It is yours to change.");
        Line("# What can be set, and what GitHub and the cluster need to know once, stands beside the workflows that this calls, in README.md.");
        Line("# Secrets of the repository and the organization get there by the lists below; those of a GitHub environment only by 'secrets: inherit'.");
        Line("name: kubeapp");
        Line("on:");
        Line("  push:");
        Line($"    branches: [{Quoted(Branch)}]");
        if (Previews is not null || HasPlans)
        {
            Line("  pull_request:");
            Line("    types: [opened, reopened, synchronize, closed]");
        }

        if (Schedule is not null)
        {
            Line("  schedule:");
            Line($"    - cron: {Quoted(Schedule)}");
        }

        Line("  workflow_dispatch:");
        Line();
        Line("permissions: {}");
        Line();
        Line("jobs:");
        var first = true;
        foreach (var (job, workflow, condition, inputs) in Jobs())
        {
            if (!first)
                Line();
            first = false;
            Line($"  {job}:");
            Line($"    if: ${{{{ {condition} }}}}");
            Line($"    uses: {Tooling.Uses(workflow)}");
            Line("    permissions:");
            foreach (var permission in (string[])["contents: read", "deployments: write", "id-token: write", "packages: write", .. workflow == "kubeapp-preview" ? (string[])["pull-requests: write"] : []])
                Line($"      {permission}");
            Line("    with:");
            foreach (var (name, value) in inputs.Where(input => input.Value is not null).OrderBy(input => input.Name, StringComparer.Ordinal))
                Line($"      {name}: {Quoted(value!)}");
            Line("    secrets:");
            foreach (var secret in Secrets)
                Line($"      {secret}: ${{{{ secrets.{secret} }}}}");
        }

        return text.ToString();
    }

    // Those that the workflows know. One that is not there is empty, and that is no error.
    private static readonly string[] Secrets = ["KUBECONFIG", "REGISTRY_PASSWORD", "VARIABLES"];

    private IEnumerable<(string Job, string Workflow, string Condition, (string Name, string? Value)[] Inputs)> Jobs()
    {
        var list = JsonSerializer.Serialize([.. Environments], TextJson.Default.StringArray);
        yield return ("deploy", "kubeapp-deploy", $"(github.event_name == 'push' || github.event_name == 'workflow_dispatch') && github.ref == 'refs/heads/{Branch}'",
            [.. Shared(), ("environments", list)]);
        if (Previews is not null || HasPlans)
            yield return ("preview", "kubeapp-preview", "github.event_name == 'pull_request'", [.. Shared(), ("environment", Previews), ("plans", HasPlans ? list : null)]);
        if (Schedule is not null)
            yield return ("scheduled", "kubeapp-scheduled", "github.event_name == 'schedule'", [.. Shared(), ("environments", list), ("previews", Previews is null ? null : "preview")]);
    }

    private (string Name, string? Value)[] Shared() =>
        [("app", App), ("project", Project == "." ? null : Project), ("registry", Registry == "ghcr.io" ? null : Registry)];

    // Plain where nothing in it means anything to YAML; else between single quotes, which know no escapes but their own.
    private static string Quoted(string value) => Plain().IsMatch(value) ? value : $"'{value.Replace("'", "''", StringComparison.Ordinal)}'";

    [GeneratedRegex("^(?!(?:true|false|null|yes|no|on|off)$)[A-Za-z][A-Za-z0-9._/-]*$", RegexOptions.IgnoreCase)]
    private static partial Regex Plain();
}

[System.Text.Json.Serialization.JsonSerializable(typeof(string[]))]
internal sealed partial class TextJson : System.Text.Json.Serialization.JsonSerializerContext;
