using KubeApps.Diagnostics;
using KubeApps.Events;

namespace KubeApps.Deploy.Aws.Ecr;

/// <summary>The cache of a registry for images of others: rules are found, and made where AWS needs no login for it.</summary>
internal sealed class EcrCache(AwsAccess access, IEventSink sink)
{
    private readonly SemaphoreSlim _turn = new(1);
    private IReadOnlyList<PullThroughCacheRule>? _rules;

    /// <summary>Where an image is in the registry; null, and a warning, where it does not come through it. Dry, no rule is made, and one that would be is not there.</summary>
    public async Task<string?> FindAsync(string image, bool isDry, CancellationToken cancellationToken)
    {
        var upstream = EcrUpstream.Parse(image);
        await _turn.WaitAsync(cancellationToken);
        try
        {
            _rules ??= await ReadAsync(cancellationToken);
            if (Through(upstream, _rules) is { } there)
                return there;
            if (upstream.NewRule is { } rule)
            {
                if (isDry)
                    return null;
                await CreateAsync(rule, cancellationToken);
                _rules = await ReadAsync(cancellationToken);
                if (Through(upstream, _rules) is { } made)
                    return made;
            }
        }
        finally
        {
            _turn.Release();
        }

        var reason = upstream.NewRule is { } wanted ? $"the prefix {wanted.EcrRepositoryPrefix} is taken by a rule for another registry" : $"{access.Identity} has no rule for {upstream.Url}";
        sink.Publish(new DeployEvent.DiagnosticRaised(DiagnosticDescriptors.EcrBaseNotCached.Because($"The base image {Printable.Line(image, 200)} is pulled from where it is: {Printable.Line(reason, 200)}.")));
        return null;
    }

    private static string? Through(EcrUpstream upstream, IReadOnlyList<PullThroughCacheRule> rules) => rules.Select(upstream.Through).FirstOrDefault(path => path is not null);

    private async Task<IReadOnlyList<PullThroughCacheRule>> ReadAsync(CancellationToken cancellationToken) => await EcrRepositories.AskAsync(
        "ecr:DescribePullThroughCacheRules",
        () => AwsPages.AllAsync(
            token => access.Ecr.DescribePullThroughCacheRulesAsync(new() { NextToken = token }, cancellationToken),
            page => (page.PullThroughCacheRules, page.NextToken)), cancellationToken);

    private async Task CreateAsync(CreatePullThroughCacheRuleRequest rule, CancellationToken cancellationToken)
    {
        try
        {
            await EcrRepositories.AskAsync("ecr:CreatePullThroughCacheRule", () => access.Ecr.CreatePullThroughCacheRuleAsync(rule, cancellationToken), cancellationToken);
            sink.Publish(new DeployEvent.Note($"Made the rule that caches {rule.UpstreamRegistryUrl} as {rule.EcrRepositoryPrefix} in {access.Identity}."));
        }
        catch (Exception failure) when (AwsRefusal.IsThereAlready(failure))
        {
            // Another run was faster, or the prefix is another rule's: the list says which.
        }
    }
}
