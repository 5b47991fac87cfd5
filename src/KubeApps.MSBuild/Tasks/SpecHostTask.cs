using KubeApps.Processes;
using KubeApps.Rendering;
using Microsoft.Build.Framework;

namespace KubeApps.MSBuild;

/// <summary>What the two tasks around the specification's process share: how it is started, and under what name one finds the other's.</summary>
public abstract class SpecHostTask : KubeAppTask
{
    /// <summary>The dotnet executable that runs the specification host.</summary>
    [Required]
    public string DotnetHost { get; set; } = "";

    /// <summary>KubeApps.SpecHost.dll.</summary>
    [Required]
    public string SpecHost { get; set; } = "";

    /// <summary>Version of the shared framework to run on: <c>v10.0</c>.</summary>
    [Required]
    public string FrameworkVersion { get; set; } = "";

    /// <summary>Shared frameworks that the app uses, Microsoft.NETCore.App among them.</summary>
    [Required]
    public string[] Frameworks { get; set; } = [];

    /// <summary>Where the model goes. Request, runtimeconfig and diagnostics stand beside it.</summary>
    [Required]
    public string ModelFile { get; set; } = "";

    /// <summary>Whether this process renders the model afterwards: a deploy's tool does it itself.</summary>
    public bool Renders { get; set; }

    private string Name => $"{nameof(SpecHostProcess)} {Path.GetFullPath(ModelFile)}";

    private protected SpecHostProcess StartHost()
    {
        var file = Path.Combine(Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(ModelFile))!).FullName, "spechost.runtimeconfig.json");
        var content = SpecHostProcess.RuntimeConfig(Frameworks, FrameworkVersion);
        // Another publish of the project may be reading it.
        if (!File.Exists(file) || File.ReadAllText(file) != content)
            WholeFile.Write(file, content);
        // While the other process gets ready, this one has the time to, as well.
        if (Renders)
            _ = Task.Run(BundleRenderer.Rehearse, CancellationToken.None);
        return new SpecHostProcess(DotnetHost, SpecHost, file, Path.GetFullPath(ProjectDirectory));
    }

    /// <summary>Keeps a started host for the task that needs it; the end of the build ends it in any case.</summary>
    private protected void Keep(SpecHostProcess host)
    {
        (BuildEngine4.UnregisterTaskObject(Name, RegisteredTaskObjectLifetime.Build) as IDisposable)?.Dispose();
        BuildEngine4.RegisterTaskObject(Name, host, RegisteredTaskObjectLifetime.Build, allowEarlyCollection: false);
    }

    /// <summary>The host that was started before, or a new one.</summary>
    private protected SpecHostProcess TakeHost() =>
        BuildEngine4.UnregisterTaskObject(Name, RegisteredTaskObjectLifetime.Build) as SpecHostProcess ?? StartHost();
}
