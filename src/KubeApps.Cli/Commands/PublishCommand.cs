using System.CommandLine;
using KubeApps.Bundles;
using KubeApps.Cli.Rendering;
using KubeApps.Cli.Rendering.Plans;
using KubeApps.Deploy;

namespace KubeApps.Cli.Commands;

/// <summary><c>publish</c>: the first half of a deploy. Images and bundle of a project go to the registry, for whoever deploys them later.</summary>
internal static class PublishCommand
{
    public static Command Create(Terminal terminal)
    {
        var project = CommonOptions.Project();
        var environment = new Option<string?>("--environment", "-e") { Description = "The environment whose registry gets it. Default: local.", HelpName = "NAME" };
        var properties = new Option<string[]>("--property", "-p") { Description = "A property of the build, as with dotnet publish. May be repeated.", HelpName = "NAME=VALUE" };
        var output = CommonOptions.Output("Nothing but the reference, or one document.", "text", "json", "yaml");
        var command = new Command(
            "publish",
            """
            Build the project's images, push them and its bundle, and print the reference of the bundle, for 'deploy --bundle'.

            Examples:
              dotnet kubeapp publish -e staging                          prints oci://REPO@sha256:…
              dotnet kubeapp publish -e staging -p Configuration=Debug
            """)
        {
            project, environment, properties, output,
        };
        properties.Validators.Add(result =>
        {
            foreach (var token in result.Tokens.Where(token => Parse(token.Value) is null))
                result.AddError($"'{token.Value}' is no property. Write NAME=VALUE.");
        });
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var folder = ProjectFolder.Find(Path.GetFullPath(parsed.GetValue(project) ?? ".", terminal.Directory));
            Bundle bundle;
            using (var renderer = terminal.Events())
                bundle = await ProjectPublish.RunAsync(
                    terminal,
                    folder,
                    [.. (parsed.GetValue(properties) ?? []).Select(item => Parse(item)!.Value), ("KubeAppPush", "true"), ("KubeAppEnvironment", parsed.GetValue(environment))],
                    renderer,
                    cancellationToken);
            Show(terminal, bundle, parsed.GetValue(output)!);
            terminal.Step?.Published(bundle, bundle.Folder ?? "", isAll: true);
            return ExitCodes.Done;
        });
        return command;
    }

    private static (string Name, string? Value)? Parse(string property) =>
        property.Split('=', 2) is [var name, var value] && name.Length > 0 && name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '_' or '-' or '.') ? (name, value) : null;

    private static void Show(Terminal terminal, Bundle bundle, string format)
    {
        if (format == "text")
        {
            // One that went into no registry can only be deployed from where it is.
            terminal.Out.WriteLine(bundle.Reference ?? bundle.Folder);
            terminal.Error.WriteLine($"{PlanWords.Printable(bundle.App)} is published for {string.Join(", ", bundle.Environments.Select(item => PlanWords.Printable(item.Name)))}.");
            return;
        }

        var document = Json.Document("PublishResult");
        document["app"] = bundle.App;
        document["commit"] = bundle.Commit;
        document["bundle"] = bundle.Reference;
        document["folder"] = bundle.Folder;
        document["environments"] = Json.Array(bundle.Environments, item => item.Name);
        document["images"] = Json.Array(bundle.Images.OrderBy(image => image.Key, StringComparer.Ordinal), image =>
            Json.Of(image.Key, image.Value.Reference, bundle.Published.FirstOrDefault(published => published.Name == image.Key)));
        Json.Write(terminal.Out, document, format);
    }
}
