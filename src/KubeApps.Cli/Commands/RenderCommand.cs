using System.CommandLine;
using KubeApps.Bundles;
using KubeApps.Cli.Rendering;
using KubeApps.Deploy;
using KubeApps.Yaml;

namespace KubeApps.Cli.Commands;

/// <summary><c>render</c>: the manifests of an environment, as they would be applied.</summary>
internal static class RenderCommand
{
    public static Command Create(Terminal terminal)
    {
        var bundle = CommonOptions.Bundle();
        var project = CommonOptions.Project();
        var environment = new Option<string?>("--environment", "-e") { Description = "The environment. Default: local, or the only one.", HelpName = "NAME" };
        var output = CommonOptions.Output("yaml (one document for each object) or json.", "yaml", "json");
        var command = new Command(
            "render",
            """
            Print the manifests. Nothing is built into images, pushed or deployed; of a project, images are named by tag until they are pushed.

            Examples:
              dotnet kubeapp render
              dotnet kubeapp render -e prod | kubectl diff -f -
              dotnet kubeapp render --bundle out -o json
            """)
        {
            bundle, project, environment, output,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var read = await ReadAsync(terminal, parsed.GetValue(bundle), parsed.GetValue(project), cancellationToken);
            var rendered = BundleSource.EnvironmentOf(read, parsed.GetValue(environment));
            if (parsed.GetValue(output) == "json")
            {
                var document = Json.Document("Manifests");
                document["app"] = read.App;
                document["environment"] = rendered.Name;
                document["namespace"] = rendered.Namespace;
                document["draft"] = read.IsDraft;
                document["objects"] = Json.Array(rendered.Objects, item => item.Content.DeepClone());
                Json.Write(terminal.Out, document, "json");
            }
            else
            {
                foreach (var item in rendered.Objects)
                    terminal.Out.Write($"---\n# {item.Path}\n{YamlWriter.Write(item.Content)}");
            }

            return ExitCodes.Done;
        });
        return command;
    }

    private static async Task<Bundle> ReadAsync(Terminal terminal, string? bundle, string? project, CancellationToken cancellationToken)
    {
        using var renderer = terminal.Events();
        return bundle is not null
            ? await BundleSource.OpenAsync(bundle, terminal, startsSandbox: false, renderer, cancellationToken)
            : await ProjectPublish.RunAsync(terminal, ProjectFolder.Find(Path.GetFullPath(project ?? ".", terminal.Directory)), [], renderer, cancellationToken);
    }
}
