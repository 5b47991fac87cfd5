namespace KubeApps.Deploy.Clusters;

/// <summary>What follows from the order of steps. Pure.</summary>
internal static class ClusterSteps
{
    /// <summary>The time that all steps take as a rule: the longest way through them.</summary>
    public static TimeSpan Expected(IReadOnlyList<ClusterStep> steps)
    {
        var ends = new Dictionary<string, TimeSpan>(StringComparer.Ordinal);
        foreach (var step in steps)
            ends[step.Id] = step.Expected + step.After.Select(id => ends.GetValueOrDefault(id)).DefaultIfEmpty(TimeSpan.Zero).Max();
        return ends.Values.DefaultIfEmpty(TimeSpan.Zero).Max();
    }

    /// <summary>Steps wait only for such as stand before them: so none waits for itself, and none for what there is not.</summary>
    public static void RequireOrder(IReadOnlyList<ClusterStep> steps)
    {
        var known = new HashSet<string>(StringComparer.Ordinal);
        foreach (var step in steps)
        {
            if (step.After.FirstOrDefault(id => !known.Contains(id)) is { } missing)
                throw new ArgumentException($"The step '{step.Id}' waits for '{missing}', which does not stand before it.", nameof(steps));
            if (!known.Add(step.Id))
                throw new ArgumentException($"There are two steps '{step.Id}'.", nameof(steps));
        }
    }

    /// <summary>What a step waits for, less what is not done at all.</summary>
    public static IReadOnlyList<TStep> WithoutMissing<TStep>(IReadOnlyList<TStep> steps)
        where TStep : ClusterStep
    {
        var known = steps.Select(step => step.Id).ToHashSet(StringComparer.Ordinal);
        return [.. steps.Select(step => step.After.All(known.Contains) ? step : step with { After = [.. step.After.Where(known.Contains)] })];
    }
}
