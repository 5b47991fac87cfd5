namespace KubeApps.Deploy.Images;

/// <summary>A published project that is to become an image, as <c>KubeApps.Images.targets</c> describes it: one <c>name=value</c> a line.</summary>
/// <param name="Project">The project file.</param>
/// <param name="PublishDirectory">What was published, for one RID or for all.</param>
/// <param name="Configuration">Debug or Release.</param>
/// <param name="TargetFramework">Of several, the one that was published.</param>
/// <param name="RuntimeIdentifier">What it was published for; empty: for any.</param>
/// <param name="BaseImage">The project's own choice; empty: the SDK chooses.</param>
/// <param name="SdkBaseImage">What the SDK chooses where the project does not; empty where that is not known.</param>
/// <param name="Settings">Everything else that goes into the image, in a stable order.</param>
internal sealed record ProjectImage(
    string Project, string PublishDirectory, string Configuration, string TargetFramework, string RuntimeIdentifier, string BaseImage,
    string SdkBaseImage, IReadOnlyList<string> Settings)
{
    private const string SettingPrefix = "setting.";

    public static ProjectImage Read(string file)
    {
        var lines = File.ReadAllLines(file);
        return new ProjectImage(
            Value("project"),
            Value("publish"),
            Value("configuration"),
            Value("framework"),
            Value("runtime"),
            Value("base"),
            Value("sdkBase"),
            [.. lines.Where(line => line.StartsWith(SettingPrefix, StringComparison.Ordinal)).Order(StringComparer.Ordinal)]);

        string Value(string name) =>
            lines.FirstOrDefault(line => line.StartsWith(name + "=", StringComparison.Ordinal))?[(name.Length + 1)..] ?? "";
    }
}
