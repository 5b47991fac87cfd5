using System.Text.Json;
using System.Text.Json.Nodes;

namespace KubeApps.Deploy.Aws.Ecr;

/// <summary>Which other accounts may pull from a repository: one statement of ours in its policy; those of others stay. Pure.</summary>
internal static class EcrPullAccess
{
    private const string Id = "KubeAppsPull";

    private static readonly string[] Actions = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"];

    /// <summary>The policy as it is to be: null where nothing is left in it.</summary>
    /// <param name="policy">As it is; null where there is none.</param>
    /// <param name="accounts">Who may pull.</param>
    /// <param name="partition"><c>aws</c>, <c>aws-cn</c>.</param>
    /// <returns>Whether it must be written, and what.</returns>
    /// <exception cref="FormatException">What is there is no policy.</exception>
    public static (bool Differs, string? Policy) Bring(string? policy, IReadOnlyCollection<string> accounts, string partition)
    {
        var document = Parse(policy);
        var statements = document["Statement"] switch
        {
            JsonArray many => many.Select(item => item!.DeepClone()).ToList(),
            JsonObject one => [one.DeepClone()],
            _ => [],
        };
        var ours = statements.Where(statement => (string?)statement["Sid"] == Id).ToList();
        if (ours.Count == (accounts.Count == 0 ? 0 : 1) && ours.All(statement => Granted(statement).SetEquals(accounts) && IsPull(statement)))
            return (false, policy);

        var wanted = statements.Except(ours).ToList();
        if (accounts.Count > 0)
            wanted.Add(new JsonObject
            {
                ["Sid"] = Id,
                ["Effect"] = "Allow",
                ["Principal"] = new JsonObject { ["AWS"] = new JsonArray([.. accounts.Distinct().Order(StringComparer.Ordinal).Select(account => $"arn:{partition}:iam::{account}:root")]) },
                ["Action"] = new JsonArray([.. Actions]),
            });
        if (wanted.Count == 0)
            return (true, null);
        document["Statement"] = new JsonArray([.. wanted]);
        return (true, document.ToJsonString());
    }

    private static JsonObject Parse(string? policy)
    {
        if (policy is null)
            return new JsonObject { ["Version"] = "2012-10-17" };
        try
        {
            return JsonNode.Parse(policy) as JsonObject ?? throw new FormatException("A repository's policy is no object.");
        }
        catch (JsonException failure)
        {
            throw new FormatException("A repository's policy is no JSON.", failure);
        }
    }

    // An account is written as its number or as its root; of one that is gone an id is left, which is none of ours.
    private static HashSet<string> Granted(JsonNode statement) =>
        [.. Texts((statement["Principal"] as JsonObject)?["AWS"]).Select(text => text.Split(':') is { Length: 6 } parts && parts[5] == "root" ? parts[4] : text)];

    private static bool IsPull(JsonNode statement) =>
        (string?)statement["Effect"] == "Allow" && statement["Condition"] is null && Texts(statement["Action"]).ToHashSet(StringComparer.Ordinal).SetEquals(Actions);

    private static IEnumerable<string> Texts(JsonNode? node) => node switch
    {
        JsonArray many => many.Select(item => (string)item!),
        JsonValue one => [(string)one!],
        _ => [],
    };
}
