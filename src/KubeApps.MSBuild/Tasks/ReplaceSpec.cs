using Microsoft.Build.Framework;

namespace KubeApps.MSBuild;

/// <summary>
/// Puts the specification that was just compiled in the place of the one before, while no publish of the project evaluates that one: a
/// process that runs an assembly must not see it change.
/// </summary>
public sealed class ReplaceSpec : KubeAppTask
{
    /// <summary>The new assembly.</summary>
    [Required]
    public string Compiled { get; set; } = "";

    /// <summary>Where it goes.</summary>
    [Required]
    public string SpecAssembly { get; set; } = "";

    private protected override async Task RunAsync(CancellationToken cancellationToken)
    {
        var target = Path.GetFullPath(SpecAssembly);
        using var _ = await OutputLock.TakeAsync(Path.GetDirectoryName(target)!, cancellationToken).ConfigureAwait(false);
        File.Move(Path.GetFullPath(Compiled), target, overwrite: true);
    }
}
