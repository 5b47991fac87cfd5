using System.CommandLine;
using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using KubeApps.Cli.Rendering;
using KubeApps.Deploy;
using KubeApps.Diagnostics;

namespace KubeApps.Cli.Commands;

/// <summary><c>init</c>: writes a specification beside a project and adds the package reference.</summary>
internal static partial class InitCommand
{
    private const string Package = "KubeApps.MSBuild";
    private const string SpecFile = "KubeApp.cs";

    private sealed record Answers(string App, int Port, int Replicas, string? Health);

    public static Command Create(Terminal terminal)
    {
        var project = CommonOptions.Project();
        var name = new Option<string?>("--name") { Description = "The app's name. Default: the project's, in lower case.", HelpName = "NAME" };
        var port = new Option<int>("--port") { Description = "The port that a web app listens on in its container.", DefaultValueFactory = _ => 8080 };
        port.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 1 or > 65535)
                result.AddError("--port must be between 1 and 65535.");
        });
        var replicas = new Option<int?>("--replicas") { Description = "How many pods. Default: 2 of a web app, 1 of another." };
        var health = new Option<string?>("--health") { Description = "The path that answers 200 when a web app is ready. Default: found in Program.cs (MapHealthChecks).", HelpName = "PATH" };
        CommonOptions.Check(name, value => value is null ? null : WrongName(value));
        CommonOptions.Check(replicas, value => value is { } count ? WrongReplicas(count) : null);
        CommonOptions.Check(health, value => value is null ? null : WrongPath(value));
        var version = new Option<string?>("--package-version") { Description = $"The version of {Package}. Default: this tool's.", HelpName = "VERSION" };
        var force = new Option<bool>("--force") { Description = $"Overwrite {SpecFile}, or with --github the workflow." };
        var workflow = new InitWorkflow.Options();
        var nonInteractive = CommonOptions.NonInteractive();
        var yes = CommonOptions.Yes();
        var output = CommonOptions.Output("text, json or yaml.", "text", "json", "yaml");
        var command = new Command(
            "init",
            """
            Write KubeApp.cs beside the project and reference the package. Asks little; with -y or without a terminal it asks nothing.

            Examples:
              dotnet kubeapp init
              dotnet kubeapp init --project src/Shop --replicas 3 --health /healthz -y
              dotnet kubeapp init --github --environments staging,prod --previews preview --schedule     the workflow that delivers it
            """);
        foreach (var option in (Option[])[project, name, port, replicas, health, version, force, yes, nonInteractive, output])
            command.Add(option);
        workflow.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var folder = ProjectFolder.Find(Path.GetFullPath(parsed.GetValue(project) ?? ".", terminal.Directory));
            var asks = terminal.CanAsk && !parsed.GetValue(nonInteractive) && !parsed.GetValue(yes);
            if (workflow.AreMeant(parsed))
                return await InitWorkflow.RunAsync(
                    workflow, parsed, folder, parsed.GetValue(name), parsed.GetValue(force), asks, parsed.GetValue(output)!, terminal, cancellationToken);
            var xml = folder.Load();
            var isWeb = ((string?)xml.Root?.Attribute("Sdk") ?? "").StartsWith("Microsoft.NET.Sdk.Web", StringComparison.OrdinalIgnoreCase);
            var spec = Path.Combine(folder.Folder, SpecFile);
            if (File.Exists(spec) && !parsed.GetValue(force))
                throw new DiagnosticException(DiagnosticDescriptors.SpecExists.Because($"{spec} is there already."));
            var answers = await AskAsync(
                terminal, asks, isWeb,
                new Answers(parsed.GetValue(name) ?? folder.AppName, parsed.GetValue(port), parsed.GetValue(replicas) ?? (isWeb ? 2 : 1), parsed.GetValue(health) ?? HealthPath(folder)), cancellationToken);
            File.WriteAllText(spec, Specification(folder, answers, isWeb));
            var changed = AddReference(folder, xml, parsed.GetValue(version) ?? ToolVersion());
            Show(terminal, spec, changed, parsed.GetValue(output)!);
            return ExitCodes.Done;
        });
        return command;
    }

    private static async Task<Answers> AskAsync(Terminal terminal, bool asks, bool isWeb, Answers proposed, CancellationToken cancellationToken)
    {
        if (!asks)
            return proposed;
        Task<string> AnswerAsync(string question, string proposal, Func<string, string?> wrongWith) => terminal.AnswerAsync(question, proposal, wrongWith, cancellationToken);

        var app = await AnswerAsync("Name of the app", proposed.App, WrongName);
        var replicas = await AnswerAsync("Pods", $"{proposed.Replicas}", answer => int.TryParse(answer, out var count) ? WrongReplicas(count) : "Write a number.");
        var health = isWeb ? await AnswerAsync("Path that answers 200 when it is ready (- for none)", proposed.Health ?? "-", answer => answer == "-" ? null : WrongPath(answer)) : "-";
        return proposed with { App = app, Replicas = int.Parse(replicas, CultureInfo.InvariantCulture), Health = health == "-" ? null : health };
    }

    // As the specification will be validated; it is better said before it is written.
    private static string? WrongName(string name) => DnsLabel().IsMatch(name) ? null : "A name has lower-case letters, digits and hyphens, with a letter or digit at both ends.";

    private static string? WrongReplicas(int replicas) => replicas >= 0 ? null : "There cannot be less than 0 pods.";

    private static string? WrongPath(string path) => PathOfUrl().IsMatch(path) ? null : "A path begins with '/', such as /healthz, and has no spaces or quotes.";

    [GeneratedRegex("^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$")]
    private static partial Regex DnsLabel();

    [GeneratedRegex("""^/[^\s"\\]*$""")]
    private static partial Regex PathOfUrl();

    // What the project maps itself is the best guess.
    private static string? HealthPath(ProjectFolder folder)
    {
        var program = Path.Combine(folder.Folder, "Program.cs");
        var found = File.Exists(program) ? HealthCheckCall().Match(File.ReadAllText(program)) : Match.Empty;
        return found.Success ? found.Groups[1].Value : null;
    }

    [GeneratedRegex("""MapHealthChecks\(\s*"(/[^"]*)"\s*[,)]""")]
    private static partial Regex HealthCheckCall();

    private static string Specification(ProjectFolder folder, Answers answers, bool isWeb)
    {
        var isNamed = answers.App != folder.AppName;
        var type = string.Concat(folder.Name.Where(c => char.IsAsciiLetterOrDigit(c) || c == '_'));
        type = $"{(type.Length == 0 || char.IsAsciiDigit(type[0]) ? "_" : "")}{type}App";
        var lines = new List<string>
        {
            "using KubeApps;",
            "",
            $"/// <summary>What {folder.Name} needs to run. Evaluated by dotnet publish; not part of the app itself.</summary>",
            $"public sealed class {type} : KubeApp",
            "{",
        };
        if (isNamed)
            lines.AddRange([$"    public override string? Name => \"{answers.App}\";", ""]);
        lines.AddRange(
        [
            "    public override void Define(KubeAppModel app)",
            "    {",
            $"        var {(isWeb ? "web" : "worker")} = app.Add(new Deployment(\"{(isWeb ? "web" : "worker")}\") {{ Replicas = {answers.Replicas} }});",
        ]);
        if (isWeb)
        {
            lines.AddRange(
            [
                "        web.Containers.Add(new Container(\"web\", Image.ThisProject)",
                "        {",
                $"            Ports = {{ new ContainerPort(\"http\", {answers.Port}) }},",
            ]);
            if (answers.Health is not null)
                lines.Add($"            ReadinessProbe = Probe.Http(\"{answers.Health}\"),");
            lines.AddRange(
            [
                "        });",
                "        app.Add(new Service(\"web\", web) { Ports = { new ServicePort(\"http\", 80) } });",
            ]);
        }
        else
        {
            lines.Add("        worker.Containers.Add(new Container(\"worker\", Image.ThisProject));");
        }

        lines.AddRange(["    }", "}", ""]);
        return string.Join(Environment.NewLine, lines);
    }

    /// <summary>Adds the reference where it is missing; the version goes where the repository keeps versions.</summary>
    private static List<string> AddReference(ProjectFolder folder, XDocument project, string version)
    {
        if (Includes(project, "PackageReference"))
            return [];
        var central = CentralVersions(folder.Folder);
        var changed = new List<string>();
        if (central is not null)
        {
            var versions = XDocument.Load(central, LoadOptions.PreserveWhitespace);
            if (!Includes(versions, "PackageVersion"))
            {
                Insert(versions, new XElement("PackageVersion", new XAttribute("Include", Package), new XAttribute("Version", version)));
                Save(versions, central);
                changed.Add(central);
            }
        }

        var reference = new XElement("PackageReference", new XAttribute("Include", Package));
        if (central is null)
            reference.Add(new XAttribute("Version", version));
        reference.Add(new XAttribute("PrivateAssets", "all"));
        Insert(project, reference);
        Save(project, folder.File);
        changed.Add(folder.File);
        return changed;
    }

    private static bool Includes(XDocument document, string element) =>
        document.Descendants().Any(item => item.Name.LocalName == element && string.Equals((string?)item.Attribute("Include"), Package, StringComparison.OrdinalIgnoreCase));

    private static string? CentralVersions(string folder)
    {
        for (var current = new DirectoryInfo(folder); current is not null; current = current.Parent)
        {
            var file = Path.Combine(current.FullName, "Directory.Packages.props");
            if (!File.Exists(file))
                continue;
            return XDocument.Load(file).Descendants().Any(item =>
                item.Name.LocalName == "ManagePackageVersionsCentrally" && string.Equals(item.Value.Trim(), "true", StringComparison.OrdinalIgnoreCase)) ? file : null;
        }

        return null;
    }

    private static void Insert(XDocument document, XElement item)
    {
        var sibling = document.Descendants().LastOrDefault(existing => existing.Name.LocalName == item.Name.LocalName);
        var root = document.Root!;
        if (sibling is not null)
        {
            sibling.AddAfterSelf(new XText("\n    "), item);
            return;
        }

        // After the last element, as it is usual: an empty line before and after.
        if (root.LastNode is XText { Value: var rest } last && string.IsNullOrWhiteSpace(rest))
            last.Remove();
        root.Add(new XText("\n\n  "), new XElement("ItemGroup", new XText("\n    "), item, new XText("\n  ")), new XText("\n\n"));
    }

    private static void Save(XDocument document, string file)
    {
        using var writer = System.Xml.XmlWriter.Create(file, new System.Xml.XmlWriterSettings
        {
            OmitXmlDeclaration = document.Declaration is null,
            Encoding = new System.Text.UTF8Encoding(false),
            NewLineHandling = System.Xml.NewLineHandling.None,
        });
        document.Save(writer);
    }

    private static string ToolVersion()
    {
        var version = typeof(InitCommand).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0.0.0";
        var build = version.IndexOf('+', StringComparison.Ordinal);
        return build < 0 ? version : version[..build];
    }

    private static void Show(Terminal terminal, string spec, List<string> changed, string format)
    {
        if (format != "text")
        {
            var document = Json.Document("InitResult");
            document["specification"] = spec;
            document["changed"] = Json.Array(changed, file => file);
            document["workflow"] = null;
            Json.Write(terminal.Out, document, format);
            return;
        }

        terminal.Error.WriteLine($"Wrote {Path.GetRelativePath(terminal.Directory, spec)}.");
        foreach (var file in changed)
            terminal.Error.WriteLine($"Added {Package} to {Path.GetRelativePath(terminal.Directory, file)}.");
        terminal.Error.WriteLine("Next: dotnet kubeapp deploy");
    }
}
