using System.Text.Json.Nodes;

namespace KubeApps.Aws.StandIn;

/// <summary>All that is and ever was in an account.</summary>
public sealed class Ledger
{
    private readonly StandInAccount _account;
    private readonly List<Resource> _resources = [];

    internal Ledger(StandInAccount account) => _account = account;

    /// <summary>What is there.</summary>
    public IReadOnlyList<Resource> There => Take(resource => resource.DeletedAt is null);

    /// <summary>What is there or ever was.</summary>
    public IReadOnlyList<Resource> Ever => Take(_ => true);

    /// <summary>How many of each kind there ever were, a line for each; but for the records of changes, and those of DNS: each weight has one of its own.</summary>
    public string Tally => string.Join(
        '\n', Ever.Where(item => item.Kind is not ("eks:update" or "route53:change" or "route53:record")).GroupBy(item => item.Kind).OrderBy(group => group.Key, StringComparer.Ordinal).Select(group => $"{group.Count()} {group.Key}"));

    /// <summary>What of a kind is there: <c>eks:cluster</c>.</summary>
    public IReadOnlyList<Resource> ThereOf(string kind) => Take(resource => resource.DeletedAt is null && resource.Kind == kind);

    /// <summary>What of a kind is there or ever was.</summary>
    public IReadOnlyList<Resource> EverOf(string kind) => Take(resource => resource.Kind == kind);

    internal Resource Add(string kind, string region, string key, JsonObject content)
    {
        var resource = new Resource(kind, region, key, content, _account.Now);
        _resources.Add(resource);
        return resource;
    }

    internal void Remove(Resource resource) => resource.DeletedAt ??= _account.Now;

    internal Resource? Find(string kind, string region, string key) =>
        _resources.FindLast(resource => resource.DeletedAt is null && resource.Kind == kind && resource.Region == region && resource.Key == key);

    internal IEnumerable<Resource> Of(string kind, string region) => _resources.Where(resource => resource.DeletedAt is null && resource.Kind == kind && resource.Region == region);

    /// <summary>What a list shows, which takes its time to know of what comes and goes.</summary>
    internal IEnumerable<Resource> Listed(string kind, string region)
    {
        var known = _account.Now - _account.Delays.Lists;
        return _resources.Where(resource => resource.Kind == kind && resource.Region == region && resource.CreatedAt <= known && (resource.DeletedAt is null || resource.DeletedAt > known));
    }

    private List<Resource> Take(Predicate<Resource> which)
    {
        lock (_account.Lock)
        {
            _account.Settle();
            return _resources.FindAll(which);
        }
    }
}
