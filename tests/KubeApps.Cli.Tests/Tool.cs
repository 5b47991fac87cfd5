namespace KubeApps.Cli.Tests;

/// <summary>Runs the tool in this process, with its own streams.</summary>
internal static class Tool
{
    public static Task<(int Exit, string Out, string Error)> RunInAsync(string directory, string input, params string[] args) =>
        RunInAsync(directory, input, Narrative.Plain, args);

    public static async Task<(int Exit, string Out, string Error)> RunInAsync(string directory, string input, Narrative narrative, params string[] args)
    {
        var (output, error) = (new StringWriter { NewLine = "\n" }, new StringWriter { NewLine = "\n" });
        var terminal = Terminal(directory, input) with { Out = output, Error = error, Narrative = narrative };
        var exit = await CommandLine.RunAsync(args, terminal, TestContext.Current.CancellationToken);
        return (exit, output.ToString(), error.ToString());
    }

    /// <summary>With an environment of its own; what it keeps for the next run is gone afterwards, unless that names a folder for it.</summary>
    public static async Task<(int Exit, string Out, string Error)> RunInAsync(string directory, IReadOnlyDictionary<string, string> variables, params string[] args)
    {
        using var home = new TemporaryFolder();
        variables = new Dictionary<string, string>(variables) { ["KUBEAPPS_HOME"] = variables.GetValueOrDefault("KUBEAPPS_HOME", home.Path) };
        var (output, error) = (new StringWriter { NewLine = "\n" }, new StringWriter { NewLine = "\n" });
        var terminal = Terminal(directory, "") with { Out = output, Error = error, ReadVariable = variables.GetValueOrDefault };
        var exit = await CommandLine.RunAsync(args, terminal, TestContext.Current.CancellationToken);
        return (exit, output.ToString(), error.ToString());
    }

    public static Terminal Terminal(string directory, string input) => new(
        TextWriter.Null, TextWriter.Null, new StringReader(input), Narrative.Plain, input.Length > 0, false, _ => null, directory, TimeProvider.System);

    public static Task<(int Exit, string Out, string Error)> RunAsync(params string[] args) => RunInAsync(Path.GetTempPath(), "", args);
}

/// <summary>A folder that is gone after the test.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("kubeapps-").FullName;

    public string Write(string name, string content)
    {
        var file = System.IO.Path.Combine(Path, name);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(file)!);
        File.WriteAllText(file, content);
        return file;
    }

    public string Read(string name) => File.ReadAllText(System.IO.Path.Combine(Path, name));

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
