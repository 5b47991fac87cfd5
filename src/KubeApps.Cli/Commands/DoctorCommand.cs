using System.CommandLine;
using System.ComponentModel;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using KubeApps.Cli.Rendering;
using KubeApps.Deploy;
using KubeApps.Deploy.Targets;
using KubeApps.Diagnostics;

namespace KubeApps.Cli.Commands;

/// <summary><c>doctor</c>: looks at the machine and the project; every finding comes with what to do about it.</summary>
internal static class DoctorCommand
{
    private enum Verdict
    {
        Ok,
        Note,
        Problem,
    }

    private sealed record Finding(string Check, Verdict Verdict, string Message, string? Fix = null);

    private static readonly TimeSpan ProgramTimeout = TimeSpan.FromSeconds(20);
    private const long NeededBytes = 1L << 30;

    public static Command Create(Terminal terminal)
    {
        var project = CommonOptions.Project();
        var output = CommonOptions.Output("text, json or yaml.", "text", "json", "yaml");
        var command = new Command(
            "doctor",
            """
            Check the machine and the project, and say how to correct what is wrong. Exit code 1: there is a problem.

            Examples:
              dotnet kubeapp doctor
              dotnet kubeapp doctor -o json
            """)
        {
            project, output,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            List<Finding> findings =
            [
                await SdkAsync(cancellationToken),
                await GitAsync(cancellationToken),
                Home(),
                await SandboxAsync(terminal.Clock, cancellationToken),
                .. Project(Path.GetFullPath(parsed.GetValue(project) ?? ".", terminal.Directory)),
                await ContainerToolAsync(cancellationToken),
                Kubeconfig(terminal),
            ];
            Show(terminal, findings, parsed.GetValue(output)!);
            return findings.Any(finding => finding.Verdict == Verdict.Problem) ? ExitCodes.Failed : ExitCodes.Done;
        });
        return command;
    }

    private static async Task<Finding> SdkAsync(CancellationToken cancellationToken)
    {
        const string Check = ".NET SDK";
        if (await OutputAsync("dotnet", ["--version"], cancellationToken) is not { } version)
            return new Finding(Check, Verdict.Problem, "'dotnet' is not in PATH, or does not answer.", "Install the .NET SDK 10 from https://dot.net.");
        return int.TryParse(version.Split('.')[0], out var major) && major >= 10
            ? new Finding(Check, Verdict.Ok, version)
            : new Finding(Check, Verdict.Problem, $"The SDK in use is {version}.", "Install the .NET SDK 10 or later, or raise the version in global.json.");
    }

    private static async Task<Finding> GitAsync(CancellationToken cancellationToken) =>
        await OutputAsync("git", ["--version"], cancellationToken) is { } version
            ? new Finding("git", Verdict.Ok, version)
            : new Finding("git", Verdict.Note, "git is not there: images and releases will not name their commit.", "Install git, or set the property KubeAppCommit.");

    private static Finding Home()
    {
        const string Check = "data folder";
        try
        {
            var home = SandboxLocation.FromEnvironment().Home;
            Directory.CreateDirectory(home);
            var probe = Path.Combine(home, $".probe-{Environment.ProcessId}");
            File.WriteAllText(probe, "");
            File.Delete(probe);
            var free = new DriveInfo(home).AvailableFreeSpace;
            return free >= NeededBytes
                ? new Finding(Check, Verdict.Ok, $"{home}, {free >> 30} GiB free")
                : new Finding(Check, Verdict.Problem, $"{home} has only {free >> 20} MiB free.", "Make room, or move the folder with KUBEAPPS_HOME.");
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return new Finding(Check, Verdict.Problem, $"The folder cannot be written to: {failure.Message}", "Correct its rights, or move it with KUBEAPPS_HOME.");
        }
    }

    private static async Task<Finding> SandboxAsync(TimeProvider clock, CancellationToken cancellationToken)
    {
        const string Check = "sandbox";
        var location = SandboxLocation.FromEnvironment();
        if (!File.Exists(Path.Combine(location.Program, SandboxLocation.ProgramFile)))
            return new Finding(
                Check, Verdict.Problem, $"Its files are missing in {location.Program}.", "Install the tool again, or name the folder with KUBEAPPS_SANDBOX_PATH.");
        var status = await new SandboxLauncher(location, clock).StatusAsync(cancellationToken);
        return status.State switch
        {
            SandboxState.Running => new Finding(Check, Verdict.Ok, $"runs at {status.Endpoint!.ApiServer}, registry {status.Endpoint.Registry}"),
            SandboxState.Stopped when TakenPort(location) is (var port, var variable) => new Finding(
                Check, Verdict.Problem, $"It cannot start: another program listens on port {port}.", $"End that program, or set {variable} to another port (0: any that is free)."),
            SandboxState.Stopped => new Finding(Check, Verdict.Ok, "is not running; the next local deploy starts it"),
            _ => new Finding(Check, Verdict.Problem, "It runs but does not answer.", "dotnet kubeapp sandbox stop, then start."),
        };
    }

    private static (ushort Port, string Variable)? TakenPort(SandboxLocation location)
    {
        foreach (var (port, variable) in ((ushort, string)[])
        [
            (location.ApiPort ?? SandboxLocation.DefaultApiPort, SandboxLocation.ApiPortVariable),
            (location.RegistryPort ?? SandboxLocation.DefaultRegistryPort, SandboxLocation.RegistryPortVariable),
        ])
        {
            using var listener = new TcpListener(IPAddress.Loopback, port);
            try
            {
                listener.Start();
            }
            catch (SocketException)
            {
                return (port, variable);
            }
        }

        return null;
    }

    private static IEnumerable<Finding> Project(string path)
    {
        const string Check = "project";
        ProjectFolder project;
        Finding? missing = null;
        try
        {
            project = ProjectFolder.Find(path);
            var xml = project.Load();
            if (!xml.Descendants().Any(item => item.Name.LocalName == "PackageReference" && (string?)item.Attribute("Include") == "KubeApps.MSBuild"))
                missing = new Finding(Check, Verdict.Note, $"{project.Name} does not itself reference KubeApps.MSBuild.", "dotnet kubeapp init (unless a Directory.Build file adds the package).");
        }
        catch (DiagnosticException failure)
        {
            return [new Finding(Check, Verdict.Note, failure.Diagnostics[0].Cause, failure.Diagnostics[0].NextStep)];
        }

        var hasSpec = File.Exists(Path.Combine(project.Folder, "KubeApp.cs")) || Directory.Exists(Path.Combine(project.Folder, "KubeApp"));
        var spec = hasSpec
            ? new Finding("specification", Verdict.Ok, "KubeApp.cs")
            : new Finding("specification", Verdict.Note, "There is none; a web project then gets one deployment and one service.", "dotnet kubeapp init writes one.");
        return [missing ?? new Finding(Check, Verdict.Ok, project.File), spec];
    }

    private static async Task<Finding> ContainerToolAsync(CancellationToken cancellationToken)
    {
        foreach (var tool in (string[])["docker", "podman", "buildah"])
            if (await OutputAsync(tool, ["--version"], cancellationToken) is { } version)
                return new Finding("Dockerfiles", Verdict.Ok, version);
        return new Finding(
            "Dockerfiles", Verdict.Note, "None of docker, podman and buildah is there. .NET projects do not need them; images from a Dockerfile do.", "Install one of them if a specification names a Dockerfile.");
    }

    private static Finding Kubeconfig(Terminal terminal)
    {
        const string Check = "kubeconfig";
        var named = terminal.ReadVariable("KUBECONFIG");
        var files = string.IsNullOrEmpty(named)
            ? [Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".kube", "config")]
            : named.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        var there = files.Where(File.Exists).ToList();
        try
        {
            foreach (var file in there)
                KubeconfigTarget.Contexts(file);
        }
        catch (DiagnosticException failure)
        {
            return new Finding(Check, Verdict.Problem, $"{failure.Diagnostics[0].Place?.File}: {failure.Diagnostics[0].Cause}", failure.Diagnostics[0].NextStep);
        }

        return there.Count > 0
            ? new Finding(Check, Verdict.Ok, string.Join(", ", there))
            : new Finding(Check, Verdict.Note, "There is none; the sandbox needs none.", "Log in to a cluster to deploy there (--context NAME).");
    }

    private static async Task<string?> OutputAsync(string program, string[] arguments, CancellationToken cancellationToken)
    {
        try
        {
            var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
            using var process = Process.Start(start)!;
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            limit.CancelAfter(ProgramTimeout);
            var error = process.StandardError.ReadToEndAsync(limit.Token);
            var output = await process.StandardOutput.ReadToEndAsync(limit.Token);
            await error;
            await process.WaitForExitAsync(limit.Token);
            return process.ExitCode == 0 ? output.Trim().Split('\n')[0].Trim() : null;
        }
        catch (Exception failure) when (failure is Win32Exception || (failure is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return null;
        }
    }

    private static void Show(Terminal terminal, List<Finding> findings, string format)
    {
        if (format != "text")
        {
            var document = Json.Document("DoctorReport");
            document["healthy"] = findings.All(finding => finding.Verdict != Verdict.Problem);
            document["findings"] = Json.Array(findings, finding => new System.Text.Json.Nodes.JsonObject
            {
                ["check"] = finding.Check,
                ["verdict"] = Json.Camel(finding.Verdict),
                ["message"] = finding.Message,
                ["fix"] = finding.Fix,
            });
            Json.Write(terminal.Out, document, format);
            return;
        }

        foreach (var finding in findings)
        {
            terminal.Out.WriteLine($"{finding.Verdict.ToString().ToLowerInvariant(),-8} {finding.Check}: {finding.Message}");
            if (finding.Fix is not null)
                terminal.Out.WriteLine($"         fix: {finding.Fix}");
        }
    }
}
