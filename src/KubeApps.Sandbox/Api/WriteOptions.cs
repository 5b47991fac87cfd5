using System.Text.Json.Nodes;
using KubeApps.Sandbox.Objects;

namespace KubeApps.Sandbox.Api;

/// <summary>How a write is to be done: by which field manager, on which subresource, and whether for real.</summary>
internal sealed record WriteOptions(string Manager)
{
    public string? Subresource { get; init; }

    public bool DryRun { get; init; }

    /// <summary>Server-side apply: take fields over from other managers.</summary>
    public bool Force { get; init; }

    public FieldValidation Validation { get; init; } = FieldValidation.Warn;
}

/// <summary>What a write left: the object, whether it is new, and the warnings for the client.</summary>
internal sealed record WriteResult(JsonObject Object, bool Created, IReadOnlyList<string> Warnings);

/// <summary>What becomes of the objects that the deleted one owns.</summary>
internal enum DeletionPropagation
{
    Background,
    Foreground,
    Orphan,
}

internal sealed record DeleteOptions
{
    public int? GracePeriodSeconds { get; init; }

    /// <summary>Null keeps what an earlier deletion asked for; the default is background.</summary>
    public DeletionPropagation? Propagation { get; init; }

    public string? Uid { get; init; }

    public string? ResourceVersion { get; init; }

    public bool DryRun { get; init; }
}

/// <summary>What a deletion left: the object's last state, and whether it is gone or waits for somebody.</summary>
internal sealed record DeleteResult(JsonObject Object, bool Gone);
