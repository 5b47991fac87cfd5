namespace KubeApps.Actions.Tests;

/// <summary>The programs that build/test.sh installs; elsewhere they may be absent.</summary>
internal static class RealPart
{
    public static bool IsThere(string program) => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .Any(folder => File.Exists(Path.Combine(folder, OperatingSystem.IsWindows() ? $"{program}.exe" : program)));
}
