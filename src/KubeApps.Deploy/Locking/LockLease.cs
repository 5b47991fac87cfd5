using System.Globalization;
using System.Text.Json.Nodes;
using KubeApps.Deploy.Api;

namespace KubeApps.Deploy.Locking;

/// <summary>The lock of an app as it stands in the cluster: a Lease in the app's namespace.</summary>
internal sealed record LockLease(LockHolder Holder, TimeSpan Duration, DateTimeOffset AcquiredAt, DateTimeOffset RenewedAt, int Transitions)
{
    /// <summary>How long a lock outlives the last sign of life of its holder.</summary>
    public static readonly TimeSpan DefaultDuration = TimeSpan.FromSeconds(30);

    private const string RunUrlAnnotation = "kubeapps.dev/run-url";
    private const string RunnerAnnotation = "kubeapps.dev/runner";
    private const string CommandAnnotation = "kubeapps.dev/command";
    private const string AskedAnnotation = "kubeapps.dev/asked-to-end-by";

    // Of metav1.MicroTime; a Lease with other digits is refused.
    private const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'";

    public static string NameOf(string app) => $"kubeapp-lock-{app}";

    /// <summary>The lock as <paramref name="holder"/> takes it, free or from <paramref name="former"/>, who is dead.</summary>
    public static LockLease Taken(LockHolder holder, TimeSpan duration, DateTimeOffset now, LockLease? former) =>
        new(holder, duration, now, now, former is null ? 0 : former.Transitions + 1);

    /// <summary>With a sign of life, which differs from the one before even when the clock was set back or stands still.</summary>
    public LockLease Renewed(DateTimeOffset now) => this with { RenewedAt = now == RenewedAt ? now.AddMicroseconds(1) : now };

    /// <summary>Whether its holder gave no sign of life for so long that another one may take it over.</summary>
    public bool IsOver(DateTimeOffset now) => RenewedAt + Duration < now;

    /// <param name="app">Whose lock it is.</param>
    /// <param name="ns">The app's namespace.</param>
    /// <param name="resourceVersion">The version that this one follows; null creates.</param>
    /// <param name="askedBy">Who asks the holder to end; null: nobody.</param>
    public JsonObject ToObject(string app, string ns, string? resourceVersion, string? askedBy = null)
    {
        var annotations = new JsonObject { [CommandAnnotation] = Holder.Command };
        if (Holder.RunUrl is not null)
            annotations[RunUrlAnnotation] = Holder.RunUrl;
        if (Holder.Runner is not null)
            annotations[RunnerAnnotation] = Holder.Runner;
        if (askedBy is not null)
            annotations[AskedAnnotation] = askedBy;
        var metadata = new JsonObject
        {
            ["name"] = NameOf(app),
            ["namespace"] = ns,
            ["labels"] = new JsonObject { ["app.kubernetes.io/managed-by"] = "kubeapp" },
            ["annotations"] = annotations,
        };
        if (resourceVersion is not null)
            metadata["resourceVersion"] = resourceVersion;
        return new JsonObject
        {
            ["apiVersion"] = ResourceType.Lease.ApiVersion,
            ["kind"] = "Lease",
            ["metadata"] = metadata,
            ["spec"] = new JsonObject
            {
                ["holderIdentity"] = Holder.Identity,
                ["leaseDurationSeconds"] = (int)Math.Ceiling(Duration.TotalSeconds),
                ["acquireTime"] = Text(AcquiredAt),
                ["renewTime"] = Text(RenewedAt),
                ["leaseTransitions"] = Transitions,
            },
        };
    }

    /// <summary>Null: nobody holds it.</summary>
    public static LockLease? FromObject(JsonObject? content)
    {
        if (content?["spec"] is not JsonObject spec || (string?)spec["holderIdentity"] is not { Length: > 0 } identity)
            return null;
        var annotations = content["metadata"]?["annotations"];
        return new LockLease(
            new LockHolder(identity, (string?)annotations?[RunUrlAnnotation], (string?)annotations?[CommandAnnotation] ?? "") { Runner = (string?)annotations?[RunnerAnnotation] },
            (int?)spec["leaseDurationSeconds"] is { } seconds and > 0 ? TimeSpan.FromSeconds(seconds) : DefaultDuration,
            KubeTime.Read(spec["acquireTime"]) ?? default, KubeTime.Read(spec["renewTime"]) ?? default, (int?)spec["leaseTransitions"] ?? 0);
    }

    /// <summary>What stands in the cluster, with the wish that its holder ends what it does.</summary>
    public static JsonObject Asked(JsonObject stored, LockHolder by)
    {
        var asked = (JsonObject)stored.DeepClone();
        ((JsonObject)(asked["metadata"]!["annotations"] ??= new JsonObject()))[AskedAnnotation] = by.Identity;
        return asked;
    }

    /// <summary>Who wants the holder to end what it does; null: nobody.</summary>
    public static string? AskedBy(JsonObject? stored) => (string?)stored?["metadata"]?["annotations"]?[AskedAnnotation];

    private static string Text(DateTimeOffset time) => time.UtcDateTime.ToString(TimeFormat, CultureInfo.InvariantCulture);
}
