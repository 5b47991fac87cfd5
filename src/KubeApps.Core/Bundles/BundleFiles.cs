using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using KubeApps.Diagnostics;
using KubeApps.Yaml;

namespace KubeApps.Bundles;

/// <summary>The bundle as files. Writing leaves nothing of an older bundle, and touches no file whose content is the same.</summary>
internal static class BundleFiles
{
    public const string IndexName = "bundle.json";

    private const string ObjectsFolder = "env";

    /// <returns>The bundle, which now has a folder.</returns>
    /// <exception cref="DiagnosticException">The folder has files where the bundle's would be, which are none of a bundle.</exception>
    public static Bundle Write(Bundle bundle, string directory)
    {
        var index = Path.Join(directory, IndexName);
        // Stands in the folder as long as there is no index, so that it is known for ours after a crash, too.
        var marker = index + ".writing";
        RequireOurs(directory, index, marker);
        if (!File.Exists(index))
        {
            Directory.CreateDirectory(directory);
            File.WriteAllBytes(marker, []);
        }

        var files = ObjectsOf(bundle).Select(file => (File: Path.GetFullPath(Path.Join(directory, file.Path)), file.Text)).ToList();
        List<(string Staged, string File)> changed = [];
        try
        {
            foreach (var (file, text) in files)
                if (StageIfChanged(file, text) is { } staged)
                    changed.Add((staged, file));
            // The index is away while files change, so then it is written whether it changes or not.
            if (StageIfChanged(index, IndexOf(bundle), always: changed.Count > 0) is { } stagedIndex)
                changed.Add((stagedIndex, index));
        }
        catch
        {
            foreach (var (staged, _) in changed)
                File.Delete(staged);
            throw;
        }

        // Everything is on the disk. A reader that comes now, or after a crash here, finds no bundle rather than parts of two.
        if (changed.Count > 0 && File.Exists(index))
            File.Move(index, marker, overwrite: true);
        RemoveAllBut([.. files.Select(item => item.File), .. changed.Select(item => item.Staged)], Path.Join(directory, ObjectsFolder));
        foreach (var (staged, file) in changed)
            File.Move(staged, file, overwrite: true);
        File.Delete(marker);
        return bundle with { Folder = Path.GetFullPath(directory) };
    }

    /// <exception cref="DiagnosticException">There is no bundle, it is damaged, or a newer tool wrote it.</exception>
    public static Bundle Read(string directory)
    {
        var index = ReadIndex(directory);
        var environments = index.Environments.Select(environment => environment.ToEnvironment(item => ReadObject(directory, item.Path)));
        return new Bundle(index.SchemaVersion, index.App, index.Commit, index.IsDraft, index.Images, [.. environments])
        {
            Folder = Path.GetFullPath(directory),
        };
    }

    /// <summary>All files of the bundle: paths relative to its folder, with forward slashes.</summary>
    public static IEnumerable<(string Path, string Text)> Contents(Bundle bundle) => ObjectsOf(bundle).Append((IndexName, IndexOf(bundle)));

    private static IEnumerable<(string Path, string Text)> ObjectsOf(Bundle bundle) =>
        bundle.Environments.SelectMany(environment => environment.Objects).Select(item => (item.Path, YamlWriter.Write(item.Content)));

    private static string IndexOf(Bundle bundle) => JsonSerializer.Serialize(BundleIndex.Of(bundle), BundleJson.Default.BundleIndex) + "\n";

    private static BundleIndex ReadIndex(string directory)
    {
        var file = Path.Join(directory, IndexName);
        try
        {
            var index = JsonSerializer.Deserialize(File.ReadAllText(file), BundleJson.Default.BundleIndex);
            return index is not { SchemaVersion: Bundle.CurrentSchemaVersion }
                ? throw Unreadable($"It has schema version {index?.SchemaVersion ?? 0}; this version of the tool reads {Bundle.CurrentSchemaVersion}.", file)
                : index.IsWhole ? index : throw Unreadable("Something that every bundle has is missing.", file);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or JsonException)
        {
            throw Unreadable(exception.Message, file, exception);
        }
    }

    private static JsonObject ReadObject(string directory, string path)
    {
        var file = Path.GetFullPath(Path.Join(directory, path));
        // A bundle may come from elsewhere: it must not make the tool read what is not its own.
        if (!file.StartsWith(Path.TrimEndingDirectorySeparator(Path.GetFullPath(directory)) + Path.DirectorySeparatorChar, StringComparison.Ordinal))
            throw Unreadable($"The path '{path}' leads out of the bundle.", Path.Join(directory, IndexName));
        try
        {
            return YamlReader.Read(File.ReadAllText(file), file) is JsonObject content ? UnreadObject.Of(content) : throw Unreadable("It is not an object.", file);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Unreadable(exception.Message, file, exception);
        }
    }

    private static DiagnosticException Unreadable(string cause, string file, Exception? inner = null) =>
        new(DiagnosticDescriptors.BundleUnreadable.Because(cause, new SourceLocation(file)), inner);

    // What is not of the new bundle is deleted: that must never be a file of the user's.
    private static void RequireOurs(string directory, string index, string marker)
    {
        var objects = Path.Join(directory, ObjectsFolder);
        var foreign = File.Exists(marker) ? null
            : File.Exists(index) ? IsIndex(index) ? null : index
            : Directory.Exists(objects) ? Directory.EnumerateFiles(objects, "*", SearchOption.AllDirectories).FirstOrDefault()
            : null;
        if (foreign is not null)
            throw new DiagnosticException(DiagnosticDescriptors.OutputNotWritable.Because(
                $"'{foreign}' is not of a bundle, and would be replaced or deleted.", nextStep: "Let KubeAppBundleDirectory name a folder of its own."));
    }

    private static bool IsIndex(string file)
    {
        try
        {
            return JsonNode.Parse(File.ReadAllText(file)) is JsonObject index && index.ContainsKey("schemaVersion") && index.ContainsKey("environments");
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static void RemoveAllBut(HashSet<string> files, string folder)
    {
        if (!Directory.Exists(folder))
            return;
        foreach (var file in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
            if (!files.Contains(Path.GetFullPath(file)))
                File.Delete(file);
    }

    private static string? StageIfChanged(string file, string text, bool always = false)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        if (!always && File.Exists(file) && File.ReadAllBytes(file).AsSpan().SequenceEqual(bytes))
            return null;
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        return WholeFile.Stage(file, bytes);
    }
}

/// <summary>What <c>bundle.json</c> holds: the bundle with the names of the objects instead of the objects.</summary>
internal sealed record BundleIndex(
    int SchemaVersion,
    string App,
    string? Commit,
    bool IsDraft,
    SortedDictionary<string, BundleImage> Images,
    IReadOnlyList<BundleIndexEnvironment> Environments)
{
    /// <summary>Whether it has all that is never null: JSON does not have to, and a bundle may come from anybody.</summary>
    [JsonIgnore]
    public bool IsWhole => this is { App: not null, Images: not null, Environments: not null }
        && Images.Values.All(image => image is { Repository: not null, Platforms: not null })
        && Environments.All(environment => environment is { IsWhole: true });

    public static BundleIndex Of(Bundle bundle) => new(
        bundle.SchemaVersion,
        bundle.App,
        bundle.Commit,
        bundle.IsDraft,
        new SortedDictionary<string, BundleImage>(bundle.Images.ToDictionary(), StringComparer.Ordinal),
        [.. bundle.Environments.Select(BundleIndexEnvironment.Of)]);
}

internal sealed record BundleIndexEnvironment(
    string Name,
    BundleTarget Target,
    string Namespace,
    string? EntryService,
    BundleStrategy Strategy,
    IReadOnlyList<BundleCheck>? Checks,
    JsonObject? Hardware,
    IReadOnlyList<BundleIndexObject> Objects)
{
    [JsonIgnore]
    public bool IsWhole => this is { Name: not null, Target.Kind: not null, Namespace: not null, Strategy.Kind: not null, Objects: not null }
        && Objects.All(item => item is { Path: not null, Phase: not null })
        && (Checks ?? []).All(check => check is { Kind: not null, Name: not null });

    public static BundleIndexEnvironment Of(BundleEnvironment environment) => new(
        environment.Name,
        environment.Target,
        environment.Namespace,
        environment.EntryService,
        environment.Strategy,
        environment.Checks is { Count: > 0 } checks ? checks : null,
        environment.Hardware,
        [.. environment.Objects.Select(BundleIndexObject.Of)]);

    /// <summary>The environment with its objects.</summary>
    /// <param name="content">Reads one; called once for each, in their order.</param>
    public BundleEnvironment ToEnvironment(Func<BundleIndexObject, JsonObject> content) =>
        new(Name, Target, Namespace, Strategy, [.. Objects.Select(item => new BundleObject(item.Path, item.Phase, content(item)))])
        {
            EntryService = EntryService,
            Checks = Checks ?? [],
            Hardware = Hardware,
        };
}

/// <summary>One entry of the inventory.</summary>
internal sealed record BundleIndexObject(string Path, string Phase, string ApiVersion, string Kind, string? Namespace, string Name)
{
    public static BundleIndexObject Of(BundleObject item) => new(
        item.Path,
        item.Phase,
        (string?)item.Content["apiVersion"] ?? "",
        (string?)item.Content["kind"] ?? "",
        (string?)item.Content["metadata"]?["namespace"],
        (string?)item.Content["metadata"]?["name"] ?? "");
}

[JsonSourceGenerationOptions(
    WriteIndented = true,
    NewLine = "\n",
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(BundleIndex))]
internal sealed partial class BundleJson : JsonSerializerContext;
