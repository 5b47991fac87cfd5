using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using KubeApps.Deploy.Api;

namespace KubeApps.Deploy.Preflight;

/// <summary>
/// Asks the cluster what the role may do: for the rules of each namespace at once, and singly for what they do not name, because an authorizer
/// need not be able to list its rules.
/// </summary>
internal sealed class AccessReviews(KubeClient client)
{
    private const string Api = "/apis/authorization.k8s.io/v1";

    // Whoever may be asked so often is better asked nothing.
    private const int MostNames = 50;

    private readonly Dictionary<string, Task<IReadOnlyList<JsonObject>>> _rules = [];

    /// <summary>Asks for the rules of a namespace before it is known what they must allow.</summary>
    public void Begin(string ns, CancellationToken cancellationToken) => _rules.TryAdd(ns, RulesAsync(ns, cancellationToken));

    /// <summary>The permissions that are missing. Where the cluster does not answer such questions, none is known to be.</summary>
    public async Task<IReadOnlyList<Permission>> MissingAsync(IReadOnlyList<Permission> needed, CancellationToken cancellationToken)
    {
        try
        {
            var doubtful = new List<Permission>();
            foreach (var ns in needed.GroupBy(item => item.Namespace))
            {
                // What is allowed everywhere stands in the rules of any namespace; rules of a namespace alone do not reach beyond it.
                var rules = ns.Key is null ? [] : await (_rules.GetValueOrDefault(ns.Key) ?? RulesAsync(ns.Key, cancellationToken));
                doubtful.AddRange(ns.Where(item => !rules.Any(rule => Allows(rule, item))));
            }

            var missing = new ConcurrentBag<Permission>();
            await Parallel.ForEachAsync(
                doubtful, new ParallelOptions { MaxDegreeOfParallelism = LiveStateReader.Concurrency, CancellationToken = cancellationToken }, async (item, token) =>
                {
                    if (!await IsAllowedAsync(item, token))
                        missing.Add(item);
                });
            return [.. missing.OrderBy(item => item.Namespace, StringComparer.Ordinal).ThenBy(item => item.Resource, StringComparer.Ordinal).ThenBy(item => item.Verb, StringComparer.Ordinal)];
        }
        catch (ApiException)
        {
            // Nobody may be stopped by a question.
            return [];
        }
    }

    /// <summary>Whether a rule of a SelfSubjectRulesReview allows something. One for single objects must name them all.</summary>
    internal static bool Allows(JsonObject rule, Permission wanted)
    {
        bool Has(string list, params ReadOnlySpan<string> values)
        {
            foreach (var item in rule[list] as JsonArray ?? [])
                if ((string?)item is { } text && (text == "*" || values.Contains(text)))
                    return true;
            return false;
        }

        var slash = wanted.Resource.IndexOf('/', StringComparison.Ordinal);
        var names = (rule["resourceNames"] as JsonArray ?? []).Select(name => (string?)name).ToHashSet();
        return Has("verbs", wanted.Verb) && Has("apiGroups", wanted.Group)
            && Has("resources", slash < 0 ? [wanted.Resource] : [wanted.Resource, "*" + wanted.Resource[slash..]])
            && (names.Count == 0 || (wanted.CanBeNamed && wanted.Names.All(names.Contains)));
    }

    private async Task<IReadOnlyList<JsonObject>> RulesAsync(string ns, CancellationToken cancellationToken)
    {
        var answer = await client.SendAsync(
            HttpMethod.Post, $"{Api}/selfsubjectrulesreviews",
            new JsonObject { ["apiVersion"] = "authorization.k8s.io/v1", ["kind"] = "SelfSubjectRulesReview", ["spec"] = new JsonObject { ["namespace"] = ns } }, cancellationToken);
        return [.. (answer["status"]?["resourceRules"] as JsonArray ?? []).OfType<JsonObject>()];
    }

    private async Task<bool> IsAllowedAsync(Permission wanted, CancellationToken cancellationToken)
    {
        if (await IsAllowedAsync(wanted, null, cancellationToken))
            return true;
        if (!wanted.CanBeNamed || wanted.Names.Count > MostNames)
            return false;
        foreach (var name in wanted.Names)
            if (!await IsAllowedAsync(wanted, name, cancellationToken))
                return false;
        return true;
    }

    private async Task<bool> IsAllowedAsync(Permission wanted, string? name, CancellationToken cancellationToken)
    {
        var parts = wanted.Resource.Split('/');
        var attributes = new JsonObject { ["verb"] = wanted.Verb, ["group"] = wanted.Group, ["resource"] = parts[0] };
        foreach (var (field, value) in ((string, string?)[])[("subresource", parts.Length > 1 ? parts[1] : null), ("namespace", wanted.Namespace), ("name", name)])
            if (value is not null)
                attributes[field] = value;
        var answer = await client.SendAsync(
            HttpMethod.Post, $"{Api}/selfsubjectaccessreviews",
            new JsonObject { ["apiVersion"] = "authorization.k8s.io/v1", ["kind"] = "SelfSubjectAccessReview", ["spec"] = new JsonObject { ["resourceAttributes"] = attributes } },
            cancellationToken);
        return (bool?)answer["status"]?["allowed"] == true;
    }
}
