namespace KubeApps.Deploy.Tests;

/// <summary>Folders for a while, and what is left of those whose processes were killed.</summary>
public sealed class ScratchFolderTests
{
    private readonly string _kind = $"test{Guid.NewGuid():n}";

    [Fact]
    public void Create_AfterOneWasLeftByAKilledProcess_DeletesThat()
    {
        var left = Leave(TimeSpan.FromHours(1));

        using var folder = ScratchFolder.Create(_kind);

        Assert.False(Directory.Exists(left));
        Assert.True(Directory.Exists(folder.Path));
    }

    [Fact]
    public void Create_BesideOneThatIsInUseOrBeingMade_LeavesThatAlone()
    {
        using var used = ScratchFolder.Create(_kind);
        File.SetLastWriteTimeUtc(LockOf(used.Path), DateTime.UtcNow.AddHours(-1));
        var young = Leave(TimeSpan.Zero);
        var begun = Directory.CreateTempSubdirectory($"kubeapps-{_kind}-").FullName;

        ScratchFolder.Create(_kind).Dispose();

        Assert.All((string[])[used.Path, young, begun], folder => Assert.True(Directory.Exists(folder)));
        Directory.Delete(young, recursive: true);
        Directory.Delete(begun);
    }

    [Fact]
    public void Dispose_OfAFullOne_LeavesNothing()
    {
        var folder = ScratchFolder.Create(_kind);
        File.WriteAllText(Path.Combine(Directory.CreateDirectory(Path.Combine(folder.Path, "below")).FullName, "file"), "text");
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(folder.Path));

        folder.Dispose();

        Assert.False(Directory.Exists(folder.Path));
    }

    private string Leave(TimeSpan age)
    {
        var path = Directory.CreateTempSubdirectory($"kubeapps-{_kind}-").FullName;
        File.WriteAllText(LockOf(path), "");
        File.SetLastWriteTimeUtc(LockOf(path), DateTime.UtcNow - age);
        return path;
    }

    private static string LockOf(string folder) => Path.Combine(folder, "lock");
}
