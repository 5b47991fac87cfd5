namespace KubeApps.Deploy.Records;

/// <summary>The states of a deployment that we set, in GitHub's words.</summary>
internal static class RecordState
{
    public const string Queued = "queued";
    public const string InProgress = "in_progress";
    public const string Success = "success";
    public const string Failure = "failure";
    public const string Error = "error";
    public const string Inactive = "inactive";
}
