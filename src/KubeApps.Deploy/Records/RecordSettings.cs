namespace KubeApps.Deploy.Records;

/// <summary>How the rollouts of a run are recorded.</summary>
/// <param name="ClusterName">What the run calls the cluster.</param>
internal sealed record RecordSettings(string ClusterName)
{
    /// <summary>What is done, in GitHub's words; null: what the revision says.</summary>
    public string? Task { get; init; }

    /// <summary>What GitHub calls the environment; null takes its own name.</summary>
    public string? Environment { get; init; }

    /// <summary>An environment that will not be there for long, as that of a pull request.</summary>
    public bool IsTransient { get; init; }

    /// <summary>An environment that end users see; null goes by its name.</summary>
    public bool? IsProduction { get; init; }
}

/// <summary>What a run says about the record of its rollout.</summary>
/// <param name="Repository"><c>owner/name</c>.</param>
/// <param name="Environment">What GitHub calls the environment.</param>
/// <param name="Id">The deployment; null where GitHub has none yet.</param>
/// <param name="State">The last state that GitHub has; null: none yet.</param>
/// <param name="Url">The page of the environment's deployments.</param>
internal sealed record DeployRecord(string Repository, string Environment, long? Id, string? State, string Url);
