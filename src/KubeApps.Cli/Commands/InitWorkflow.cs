using System.CommandLine;
using System.Text.RegularExpressions;
using KubeApps.Bundles;
using KubeApps.Cli.Git;
using KubeApps.Cli.Rendering;
using KubeApps.Cli.Workflows;
using KubeApps.Deploy;
using KubeApps.Diagnostics;
using KubeApps.Events;

namespace KubeApps.Cli.Commands;

/// <summary><c>init --github</c>: writes the workflow that builds and deploys an app with every merge, into the project's repository.</summary>
internal static partial class InitWorkflow
{
    private const string Nightly = "17 3 * * *";

    /// <summary>The options that are about the workflow.</summary>
    internal sealed class Options
    {
        private readonly Option<bool> _github = new("--github") { Description = "Write the workflow for GitHub Actions in place of a specification, into .github/workflows of the project's repository." };

        public Option<string[]> Environments { get; } = new("--environments")
        {
            Description = "With --github: the environments to deploy to, in order. Default: those of the last publish that are no sandbox.",
            HelpName = "NAME,NAME",
            AllowMultipleArgumentsPerToken = true,
            CustomParser = result => [.. result.Tokens.SelectMany(token => token.Value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))],
        };

        public Option<string?> Previews { get; } = new("--previews") { Description = "With --github: the environment that each pull request gets, in a namespace of its own.", HelpName = "NAME" };

        public Option<bool> Plans { get; } = new("--plans") { Description = "With --github: comment on each pull request with what a merge would change in each environment." };

        public Option<string?> Schedule { get; } = new("--schedule")
        {
            Description = $"With --github: when to look for drift, deploy with refreshed base images and take left-over previews away. Default: '{Nightly}'.",
            HelpName = "CRON",
            Arity = ArgumentArity.ZeroOrOne,
            CustomParser = result => result.Tokens.Count == 0 ? Nightly : result.Tokens[0].Value,
        };

        public Option<string?> Branch { get; } = new("--branch") { Description = "With --github: the branch that is deployed. Default: the remote's, else the one that is checked out.", HelpName = "NAME" };

        public Option<string?> Registry { get; } = new("--registry") { Description = "With --github: the registry's host. Default: that of the last publish, else ghcr.io.", HelpName = "HOST" };

        public Option<string?> Tooling { get; } = new("--tooling")
        {
            Description = "With --github: where the reusable workflows are, at which commit. Default: those that belong to this tool.",
            HelpName = "OWNER/REPO@REF",
        };

        public Option<string> Workflow { get; } = new("--workflow") { Description = "With --github: the file's name.", HelpName = "NAME.yml", DefaultValueFactory = _ => "kubeapp.yml" };

        public Option<bool> DryRun { get; } = new("--dry-run") { Description = "With --github: write the workflow to stdout, and no file." };

        public void AddTo(Command command)
        {
            Option[] details = [Environments, Previews, Plans, Schedule, Branch, Registry, Tooling, Workflow, DryRun];
            foreach (var option in (Option[])[_github, .. details])
                command.Add(option);
            command.Validators.Add(result =>
            {
                if (!result.GetValue(_github) && details.FirstOrDefault(option => result.GetResult(option) is { Implicit: false }) is { } alone)
                    result.AddError($"{alone.Name} goes with --github.");
            });
            CommonOptions.Check(Environments, names => names is { Length: > CallerWorkflow.MostEnvironments } ? $"There can be {CallerWorkflow.MostEnvironments} at most." : names?.Select(WrongName).FirstOrDefault(wrong => wrong is not null));
            CommonOptions.Check(Previews, WrongName);
            CommonOptions.Check(Schedule, cron => cron is null || Cron().IsMatch(cron) ? null : "A schedule has five fields, such as '17 3 * * *'.");
            CommonOptions.Check(Branch, branch => branch is null || BranchName().IsMatch(branch) ? null : "That is no name of a branch.");
            CommonOptions.Check(Registry, host => host is null || Host().IsMatch(host) ? null : "Name the host alone, such as ghcr.io.");
            CommonOptions.Check(Tooling, text => text is null || ToolingReference.Parse(text) is not null ? null : "Write OWNER/REPO@REF.");
            CommonOptions.Check(Workflow, name => FileName().IsMatch(name ?? "") ? null : "Name a file, such as shop.yml.");
        }

        public bool AreMeant(ParseResult parsed) => parsed.GetValue(_github);
    }

    /// <param name="options">What was said.</param>
    /// <param name="parsed">Where.</param>
    /// <param name="project">The project.</param>
    /// <param name="app">The app's name, where it was said.</param>
    /// <param name="overwrites">Whether a file that is there may be overwritten.</param>
    /// <param name="asks">Whether somebody can be asked.</param>
    /// <param name="format">What stdout gets.</param>
    /// <param name="terminal">Where to ask and to tell.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task<int> RunAsync(
        Options options, ParseResult parsed, ProjectFolder project, string? app, bool overwrites, bool asks, string format, Terminal terminal, CancellationToken cancellationToken)
    {
        var (root, path) = await PlaceAsync(project.Folder, cancellationToken);
        var name = parsed.GetValue(options.Workflow)!;
        var file = Path.Combine(root, ".github", "workflows", name);
        var isDry = parsed.GetValue(options.DryRun);
        if (!isDry && !overwrites && File.Exists(file))
            throw new DiagnosticException(DiagnosticDescriptors.WorkflowExists.Because($"{file} is there already."));
        var tooling = parsed.GetValue(options.Tooling) is { } said ? ToolingReference.Parse(said)! : ToolingReference.OfThisTool()
            ?? throw new DiagnosticException(DiagnosticDescriptors.WorkflowNotDetermined.Because(
                "This tool was built without the address of its repository, so it does not know where its workflows are.", nextStep: "Say it with --tooling OWNER/REPO@COMMIT."));

        var bundle = project.LastBundle();
        var (environments, previews, plans, schedule) = await AskAsync(
            terminal, asks, parsed.GetValue(options.Environments) ?? [], parsed.GetValue(options.Previews), parsed.GetValue(options.Plans), parsed.GetValue(options.Schedule), bundle, cancellationToken);
        if (environments.Count == 0)
            throw new DiagnosticException(DiagnosticDescriptors.WorkflowNotDetermined.Because(
                "No environment was named, and the project was not published with one that is no sandbox.", nextStep: "Name the environments in order: --environments staging,prod."));
        if (path.Contains("${{", StringComparison.Ordinal) || path.Any(char.IsControl))
            throw new DiagnosticException(DiagnosticDescriptors.WorkflowNotDetermined.Because($"GitHub would read something else in the path '{Printable.Of(path)}'.", nextStep: "Give the folder another name."));

        var workflow = new CallerWorkflow(
            app ?? bundle?.App ?? project.AppName, path, parsed.GetValue(options.Branch) ?? await DefaultBranchAsync(root, cancellationToken), environments,
            parsed.GetValue(options.Registry) ?? RegistryOf(bundle, environments[0]) ?? "ghcr.io", tooling)
        { Previews = previews, HasPlans = plans, Schedule = schedule };
        if (isDry)
        {
            terminal.Out.Write(workflow.Text());
            return ExitCodes.Done;
        }

        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        await File.WriteAllTextAsync(file, workflow.Text(), cancellationToken);
        Show(terminal, file, workflow, format);
        return ExitCodes.Done;
    }

    private static async Task<(IReadOnlyList<string> Environments, string? Previews, bool Plans, string? Schedule)> AskAsync(
        Terminal terminal, bool asks, string[] environments, string? previews, bool plans, string? schedule, Bundle? bundle, CancellationToken cancellationToken)
    {
        // One that has the name of previews is for them.
        var known = bundle?.Environments.Where(item => item.Target.Kind != "sandbox").Select(item => item.Name).ToList() ?? [];
        previews ??= known.FirstOrDefault(item => item.Equals("preview", StringComparison.OrdinalIgnoreCase));
        string[] proposed = environments.Length > 0 ? environments : [.. known.Where(item => item != previews).Take(CallerWorkflow.MostEnvironments)];
        if (!asks)
            return (proposed, previews, plans, schedule);
        if (environments.Length == 0)
            proposed = Names(await AnswerAsync(
                "Environments, in order", string.Join(' ', proposed), answer => Names(answer) is { Length: 0 or > CallerWorkflow.MostEnvironments } ? $"Name 1 to {CallerWorkflow.MostEnvironments}." : Names(answer).Select(WrongName).FirstOrDefault(wrong => wrong is not null)));
        var preview = await AnswerAsync("Environment for each pull request (- for none)", previews ?? "-", answer => answer == "-" ? null : WrongName(answer));
        plans = plans || await AnswerAsync("Comment on pull requests with the plan of each environment (y or n)", "y", answer => answer is "y" or "n" ? null : "Answer y or n.") == "y";
        var cron = await AnswerAsync("Schedule for drift, refreshed base images and left-over previews (- for none)", schedule ?? Nightly, answer => answer == "-" || Cron().IsMatch(answer) ? null : $"Five fields, such as '{Nightly}'.");
        return (proposed, preview == "-" ? null : preview, plans, cron == "-" ? null : cron);

        Task<string> AnswerAsync(string question, string proposal, Func<string, string?> wrongWith) => terminal.AnswerAsync(question, proposal, wrongWith, cancellationToken);
        static string[] Names(string answer) => answer.Split([' ', ','], StringSplitOptions.RemoveEmptyEntries);
    }

    private static string? RegistryOf(Bundle? bundle, string environment) =>
        bundle?.Environments.FirstOrDefault(item => item.Name == environment)?.Target.Registry?.Split('/')[0] is { } host && Host().IsMatch(host) ? host : null;

    // Git knows where the folder is even if it is reached by a symbolic link.
    private static async Task<(string Root, string Path)> PlaceAsync(string folder, CancellationToken cancellationToken)
    {
        var answer = await GitCommand.RunAsync(folder, cancellationToken, "rev-parse", "--show-toplevel", "--show-prefix");
        return answer.Succeeded
            ? (Path.GetFullPath(answer.Line), answer.Output.ElementAtOrDefault(1)?.TrimEnd('/') is { Length: > 0 } path ? path : ".")
            : throw new DiagnosticException(DiagnosticDescriptors.NotAGitRepository.Because(
                $"{folder} is in no git repository: {answer.Reason}.", nextStep: "A workflow belongs to a repository on GitHub: make one with 'git init', or clone it."));
    }

    // As the clone knows it; who never cloned it works on it.
    private static async Task<string> DefaultBranchAsync(string root, CancellationToken cancellationToken)
    {
        foreach (var (reference, prefix) in ((string, string)[])[("refs/remotes/origin/HEAD", "origin/"), ("HEAD", "")])
            if (await GitCommand.RunAsync(root, cancellationToken, "symbolic-ref", "--short", reference) is { Succeeded: true } answer
                && answer.Line.StartsWith(prefix, StringComparison.Ordinal) && BranchName().IsMatch(answer.Line[prefix.Length..]))
                return answer.Line[prefix.Length..];
        return "main";
    }

    private static void Show(Terminal terminal, string file, CallerWorkflow workflow, string format)
    {
        if (format != "text")
        {
            var document = Json.Document("InitResult");
            document["specification"] = null;
            document["changed"] = new System.Text.Json.Nodes.JsonArray();
            document["workflow"] = file;
            Json.Write(terminal.Out, document, format);
            return;
        }

        string[] environments = [.. workflow.Environments, .. workflow.Previews is null ? (string[])[] : ["preview"], .. workflow.Schedule is null && !workflow.HasPlans ? [] : workflow.Environments.Select(name => $"{name}-plan")];
        terminal.Error.WriteLine($"Wrote {Path.GetRelativePath(terminal.Directory, file)}.");
        terminal.Error.WriteLine("Next, once, in the settings of the repository on GitHub:");
        terminal.Error.WriteLine($"  1. Environments: {string.Join(", ", environments)}. Those that ask for an approval get reviewers, and all the branches that may deploy.");
        terminal.Error.WriteLine("     A run that waits for an approval holds the queue of its environment: reject the older one, and the newest gets its turn.");

        terminal.Error.WriteLine("  2. The cluster of each, as variables of the environment: KUBEAPP_EKS_CLUSTER, KUBEAPP_AWS_REGION and KUBEAPP_AWS_ROLE. Without EKS, KUBEAPP_CONTEXT:");
        terminal.Error.WriteLine("     a context of the kubeconfig that is the repository's secret KUBECONFIG. A secret of an environment does not reach the workflows that are called.");
        if (workflow.Schedule is not null || workflow.HasPlans)
            terminal.Error.WriteLine("     Those that end in -plan only read, and ask for no approval.");
        terminal.Error.WriteLine($"  3. What opens {workflow.Registry}: {OpensRegistry(workflow.Registry)}");
        terminal.Error.WriteLine($"Then commit and push the workflow: from the next merge into {workflow.Branch} on it delivers.");
    }

    private static string OpensRegistry(string registry) => registry == "ghcr.io" ? "the job's own token, nothing to do."
        : registry.Contains(".dkr.ecr.", StringComparison.Ordinal) ? "the input aws-push-role for the build, and the role of each environment."
        : "the secret REGISTRY_PASSWORD, and the input registry-username.";

    private static string? WrongName(string? name) =>
        name is null || Name().IsMatch(name) ? null : $"'{Printable.Of(name)}' is no name of an environment: write letters, digits, hyphens, dots and underscores.";

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9._-]{0,62}\z")]
    private static partial Regex Name();

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9._/-]*\z")]
    private static partial Regex BranchName();

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9.-]*(:[0-9]+)?\z")]
    private static partial Regex Host();

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9._-]*\.ya?ml\z")]
    private static partial Regex FileName();

    [GeneratedRegex(@"^[0-9A-Za-z*,/-]+( [0-9A-Za-z*,/-]+){4}\z")]
    private static partial Regex Cron();
}
