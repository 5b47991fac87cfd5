using System.Text.Json;
using KubeApps.Deploy.Revisions;

namespace KubeApps.Deploy.History;

/// <summary>What of a record's payload the history needs. Anybody may write a payload: what has not the expected shape is left out.</summary>
internal sealed record RecordedPayload(string App, string Environment)
{
    private const string Schema = "kubeapps.dev/deployment/";

    public string? Namespace { get; init; }

    /// <summary>The UID of the revision's object.</summary>
    public string? Rollout { get; init; }

    public int? Revision { get; init; }

    public string? Strategy { get; init; }

    public IReadOnlyList<RevisionImage> Images { get; init; } = [];

    /// <summary>Where the bundle is in a registry.</summary>
    public string? Bundle { get; init; }

    public string? ClusterName { get; init; }

    public string? ClusterUid { get; init; }

    public string? Actor { get; init; }

    public string? RunUrl { get; init; }

    public int? Restores { get; init; }

    /// <summary>When the deploy began: the record may be younger.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>Null for a payload that is not ours. GitHub gives back a text where a text was sent, also one that holds an object.</summary>
    public static RecordedPayload? Read(JsonElement? payload)
    {
        if (payload is { ValueKind: JsonValueKind.String } text)
            return ReadText(text.GetString()!);
        if (payload is not { ValueKind: JsonValueKind.Object } content
            || Text(content, "schema")?.StartsWith(Schema, StringComparison.Ordinal) != true
            || Text(content, "app") is not { } app || Text(content, "environment") is not { } environment)
            return null;
        return new RecordedPayload(app, environment)
        {
            Namespace = Text(content, "namespace"),
            Rollout = Text(content, "rollout"),
            Revision = Number(content, "revision"),
            Strategy = Text(content, "strategy"),
            Images = [.. ImagesOf(content)],
            Bundle = Text(Part(content, "bundle"), "reference"),
            ClusterName = Text(Part(content, "cluster"), "name"),
            ClusterUid = Text(Part(content, "cluster"), "uid"),
            Actor = Text(content, "actor"),
            RunUrl = Text(content, "run"),
            Restores = Number(content, "restores"),
            StartedAt = Part(content, "startedAt") is { ValueKind: JsonValueKind.String } time && time.TryGetDateTimeOffset(out var startedAt) ? startedAt : null,
        };
    }

    private static RecordedPayload? ReadText(string text)
    {
        if (!text.Contains(Schema, StringComparison.Ordinal))
            return null;
        try
        {
            using var document = JsonDocument.Parse(text);
            return document.RootElement.ValueKind == JsonValueKind.Object ? Read(document.RootElement.Clone()) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static IEnumerable<RevisionImage> ImagesOf(JsonElement content) => Part(content, "images") is { ValueKind: JsonValueKind.Array } images
        ? from image in images.EnumerateArray()
          let reference = Text(image, "image")
          where reference is not null
          select new RevisionImage(Text(image, "workload") ?? "", Text(image, "container") ?? "", reference)
        : [];

    private static JsonElement? Part(JsonElement? content, string name) =>
        content is { ValueKind: JsonValueKind.Object } whole && whole.TryGetProperty(name, out var part) ? part : null;

    private static string? Text(JsonElement? content, string name) =>
        Part(content, name) is { ValueKind: JsonValueKind.String } text && text.GetString() is { Length: > 0 } value ? value : null;

    private static int? Number(JsonElement? content, string name) =>
        Part(content, name) is { ValueKind: JsonValueKind.Number } number && number.TryGetInt32(out var value) ? value : null;
}
