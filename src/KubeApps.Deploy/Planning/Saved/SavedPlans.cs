using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using KubeApps.Bundles;
using KubeApps.Deploy.Planning.Fields;
using KubeApps.Deploy.Planning.Reports;
using KubeApps.Diagnostics;

namespace KubeApps.Deploy.Planning.Saved;

/// <summary>What a plan was made of, before it is written down or held against one that was.</summary>
/// <param name="Bundle">The bundle.</param>
/// <param name="BundleHash">See <see cref="SavedPlan.BundleHash"/>.</param>
/// <param name="Release">What is to be deployed.</param>
/// <param name="Live">What stands.</param>
/// <param name="Report">What is to become of it.</param>
/// <param name="Target">The cluster.</param>
/// <param name="Key">The namespace's key for hashes of secrets; null where there is none (yet).</param>
/// <param name="Now">The time.</param>
internal sealed record PlanBasis(
    Bundle Bundle, string BundleHash, Release Release, LiveState Live, PlanReport Report, SavedTarget Target, byte[]? Key, DateTimeOffset Now)
{
    /// <summary>How it was asked for.</summary>
    public SavedOrder Order { get; init; } = new();
}

/// <summary>From a plan to what is kept of it. Pure.</summary>
internal static class SavedPlans
{
    public static SavedPlan Of(PlanBasis basis)
    {
        if (basis.Bundle.IsDraft)
            throw new DiagnosticException(DiagnosticDescriptors.PlanNotSaved.Because(
                $"Images of {basis.Bundle.App} have no digests yet, and a plan without them would bind nothing.",
                nextStep: "Publish with -p:KubeAppPush=true, then plan and deploy that bundle with --bundle."));
        var live = basis.Live.Objects.ToDictionary(item => item.Object.Id, item => item.Live);
        foreach (var former in basis.Live.Former)
            live[former.Id] = former.Live;
        return new SavedPlan(
            basis.Release.App, basis.Release.Environment, basis.Release.Namespace, basis.Release.Commit, basis.Now, basis.Target, basis.BundleHash,
            new SortedDictionary<string, string>(basis.Bundle.Images.ToDictionary(image => image.Key, image => image.Value.Reference), StringComparer.Ordinal),
            !basis.Release.NeedsHashKey || basis.Key is not null,
            [.. basis.Report.Objects.Select(item => Of(item, live.GetValueOrDefault(item.Id), basis.Key))],
            [.. basis.Report.Steps.Select(step => step.Title)])
        {
            Order = basis.Order,
        };
    }

    /// <summary>The value of a field as a plan may keep it.</summary>
    public static JsonNode? Kept(string kind, string path, JsonNode? value, byte[]? key) => value is null ? null
        : kind != "Secret" ? value.DeepClone()
        : key is null ? null
        : "hmac:" + Convert.ToHexStringLower(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes($"saved plan\0{path}\0{value.ToJsonString()}")));

    /// <summary>A hash over everything that the bundle holds for an environment: its objects, its strategy, its checks.</summary>
    public static string HashOf(BundleEnvironment environment, IEnumerable<ReleaseObject> rendered)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(JsonSerializer.SerializeToUtf8Bytes(environment.Strategy, BundleJson.Default.BundleStrategy));
        hash.AppendData(JsonSerializer.SerializeToUtf8Bytes(environment.Checks, BundleJson.Default.IReadOnlyListBundleCheck));
        foreach (var item in rendered.OrderBy(item => item.Id.ToString(), StringComparer.Ordinal))
            hash.AppendData(Encoding.UTF8.GetBytes($"{item.Phase}\n{item.Content.ToJsonString()}\n"));
        return $"sha256:{Convert.ToHexStringLower(hash.GetHashAndReset())}";
    }

    private static SavedObject Of(ObjectPlan item, JsonObject? live, byte[]? key)
    {
        var seen = new SortedDictionary<string, JsonNode?>(StringComparer.Ordinal);
        // Without the key nothing of a Secret is kept but its version.
        if (live is not null && (item.Id.Kind != "Secret" || key is not null))
        {
            var fields = FieldTree.Of(live);
            var paths = FieldOwners.OursOf(live).Concat(item.Replaces is null ? item.Fields.Where(field => !field.IsOrder).Select(field => field.Path) : []);
            foreach (var path in paths)
                seen[path] = Kept(item.Id.Kind, path, fields.GetValueOrDefault(path), key);
        }

        return new SavedObject(
            item.Id.ApiVersion, item.Id.Kind, item.Id.Namespace, item.Id.Name, item.Change,
            (string?)live?["metadata"]?["uid"], (string?)live?["metadata"]?["resourceVersion"], seen, item.Fields);
    }
}
