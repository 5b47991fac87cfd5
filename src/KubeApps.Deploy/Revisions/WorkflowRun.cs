using System.Globalization;

namespace KubeApps.Deploy.Revisions;

/// <summary>A run of a workflow. GitHub counts runs as they are started, over all workflows; one that is run again keeps its number.</summary>
/// <param name="Repository">The address of the repository that the workflow is of.</param>
/// <param name="Id">The number.</param>
internal sealed record WorkflowRun(string Repository, long Id)
{
    private const string Middle = "/actions/runs/";

    /// <summary>The run's page.</summary>
    public string Url => string.Create(CultureInfo.InvariantCulture, $"{Repository}{Middle}{Id}");

    /// <summary>The run whose page, or whose attempt's page, this is; null where it is of none.</summary>
    public static WorkflowRun? Of(string? page)
    {
        if (page?.LastIndexOf(Middle, StringComparison.Ordinal) is not (> 0 and var end))
            return null;
        var number = page[(end + Middle.Length)..].Split('/')[0];
        return long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? new WorkflowRun(page[..end], id) : null;
    }

    /// <summary>Whether it was started after the other. Runs of different repositories are not counted together.</summary>
    public bool IsNewerThan(WorkflowRun other) => string.Equals(Repository, other.Repository, StringComparison.OrdinalIgnoreCase) && Id > other.Id;
}
