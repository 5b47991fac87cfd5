using System.Text.Json;
using System.Text.Json.Nodes;

namespace KubeApps.Actions.Tests.Executing;

/// <summary>
/// A runner for composite actions, with a workspace of its own: the actions of this repository as a checkout has them, and whatever a test puts there.
/// Actions of others are replaced by what <see cref="Foreign"/> says of them.
/// </summary>
internal sealed class Runner : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("kubeapps-runner-");

    public Runner()
    {
        Directory.CreateDirectory(Workspace);
        Directory.CreateDirectory(Temp);
        Directory.CreateSymbolicLink(Path.Combine(Workspace, "actions"), Path.Combine(RepositoryFiles.Root, "actions"));
        Env["PATH"] = Environment.GetEnvironmentVariable("PATH")!;
        Env["HOME"] = Environment.GetEnvironmentVariable("HOME")!;
    }

    public string Workspace => Path.Combine(_folder.FullName, "work space");

    public string Temp => Path.Combine(_folder.FullName, "temp");

    /// <summary>What the job's steps have in their environment.</summary>
    public Dictionary<string, string> Env { get; } = [];

    public Dictionary<string, string> GitHub { get; } = new() { ["token"] = "ghs_token_of_the_job" };

    public Dictionary<string, Dictionary<string, string>> Foreign { get; } = [];

    public async Task<ActionRun> RunAsync(string action, IReadOnlyDictionary<string, string> inputs, (string Step, string Text)? cancelOn = null) =>
        ActionRun.Read(await NodeScript.RunAsync("run-action.mjs", new JsonObject
        {
            ["workspace"] = Workspace,
            ["temp"] = Temp,
            ["action"] = action,
            ["inputs"] = JsonSerializer.SerializeToNode(inputs),
            ["env"] = JsonSerializer.SerializeToNode(Env),
            ["github"] = JsonSerializer.SerializeToNode(GitHub),
            ["foreign"] = JsonSerializer.SerializeToNode(Foreign),
            ["cancel"] = cancelOn is var (step, text) ? new JsonObject { ["step"] = step, ["on"] = text } : null,
        }));

    /// <summary>Writes an action of the test's own into the workspace.</summary>
    public void Write(string name, string text) => File.WriteAllText(Path.Combine(Directory.CreateDirectory(Path.Combine(Workspace, name)).FullName, "action.yml"), text);

    public void Dispose() => _folder.Delete(recursive: true);
}
