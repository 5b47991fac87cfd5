using System.ComponentModel;
using System.Xml;
using System.Xml.Linq;
using KubeApps.Bundles;
using KubeApps.Diagnostics;
using KubeApps.Processes;

namespace KubeApps.Cli;

/// <summary>A project on disk, and the few things that a command asks the SDK about it.</summary>
internal sealed record ProjectFolder(string File)
{
    // Less than the tool itself has after Ctrl+C.
    private static readonly TimeSpan TimeToEnd = TimeSpan.FromSeconds(5);

    public string Folder => Path.GetDirectoryName(File)!;

    public string Name => Path.GetFileNameWithoutExtension(File);

    /// <summary>The app's name as the specification makes it from the project's.</summary>
    public string AppName => SpecEvaluation.DefaultName(Name);

    /// <summary>The app's name: as the last publish found it in the specification, else as it is made from the project's.</summary>
    public string PublishedAppName() => LastBundle()?.App ?? AppName;

    /// <summary>What the last publish left in the project's output, or null.</summary>
    public Bundle? LastBundle()
    {
        var output = Path.Combine(Folder, "bin");
        if (!Directory.Exists(output)
            || new DirectoryInfo(output).EnumerateFiles(BundleFiles.IndexName, SearchOption.AllDirectories).MaxBy(file => file.LastWriteTimeUtc) is not { } last)
            return null;
        try
        {
            return BundleFiles.Read(last.DirectoryName!);
        }
        catch (DiagnosticException)
        {
            return null;
        }
    }

    /// <summary>The project that a path names, or the only one in that folder.</summary>
    public static ProjectFolder Find(string path)
    {
        var full = Path.GetFullPath(path);
        if (System.IO.File.Exists(full))
            return new ProjectFolder(full);
        var found = Projects(full);
        if (found.Length == 1)
            return new ProjectFolder(found[0]);
        throw new DiagnosticException(DiagnosticDescriptors.ProjectNotFound.Because(
            found.Length == 0
                ? $"There is no project in {full}."
                : $"There are several projects in {full}: {string.Join(", ", found.Select(Path.GetFileName))}."));
    }

    /// <summary>The only project of a folder, or null.</summary>
    public static ProjectFolder? TryFind(string folder) => Projects(folder) is [var only] ? new ProjectFolder(only) : null;

    public XDocument Load()
    {
        try
        {
            return XDocument.Load(File, LoadOptions.PreserveWhitespace);
        }
        catch (Exception failure) when (failure is XmlException or IOException or UnauthorizedAccessException)
        {
            throw new DiagnosticException(
                DiagnosticDescriptors.ProjectNotFound.Because($"The project cannot be read: {failure.Message}", new SourceLocation(File)), failure);
        }
    }

    /// <summary>
    /// Runs the SDK and returns its exit code. Its lines go to <paramref name="onLine"/> as they come, one at a time. When cancelled it is told to
    /// end and gets the time for it. What it says from then on is about that and nobody's concern.
    /// </summary>
    public static async Task<int> DotnetAsync(IReadOnlyList<string> arguments, string directory, Action<string> onLine, CancellationToken cancellationToken)
    {
        var process = new ChildProcess(Dotnet(), arguments, directory)
        {
            Limit = Timeout.InfiniteTimeSpan,
            Grace = TimeToEnd,
            // A step has one summary: of the command that it runs.
            Environment = new Dictionary<string, string?> { [Actions.ActionsStep.SummaryVariable] = null },
        };
        try
        {
            return await process.RunAsync(
                (line, _) =>
                {
                    if (!cancellationToken.IsCancellationRequested)
                        onLine(line);
                },
                cancellationToken);
        }
        catch (Win32Exception failure)
        {
            throw new DiagnosticException(
                DiagnosticDescriptors.ToolMissing.Because($"'{process.Program}' cannot be started: {failure.Message}", nextStep: "Install the .NET SDK and make sure that 'dotnet' stands in PATH."), failure);
        }
    }

    // As the SDK itself finds its way back to the same installation.
    private static string Dotnet() => Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") is { Length: > 0 } path ? path : "dotnet";

    private static string[] Projects(string folder) => Directory.Exists(folder)
        ? [.. Directory.EnumerateFiles(folder, "*.*proj").Where(file => Path.GetExtension(file) is ".csproj" or ".fsproj" or ".vbproj").Order(StringComparer.Ordinal)]
        : [];
}
