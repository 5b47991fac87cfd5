namespace KubeApps.Deploy.Aws.Eks;

// The values of AWS's enumerations that we look for or send, under AWS's names of them.

internal static class ClusterStatus
{
    public const string Creating = "CREATING";
    public const string Active = "ACTIVE";
    public const string Deleting = "DELETING";
    public const string Failed = "FAILED";
    public const string Updating = "UPDATING";
    public const string Pending = "PENDING";
}

internal static class UpdateStatus
{
    public const string InProgress = "InProgress";
    public const string Failed = "Failed";
    public const string Cancelled = "Cancelled";
    public const string Successful = "Successful";
}

internal static class NodegroupStatus
{
    public const string Creating = "CREATING";
    public const string Active = "ACTIVE";
    public const string Updating = "UPDATING";
    public const string Deleting = "DELETING";
    public const string CreateFailed = "CREATE_FAILED";
    public const string DeleteFailed = "DELETE_FAILED";
    public const string Degraded = "DEGRADED";
}

internal static class FargateProfileStatus
{
    public const string Creating = "CREATING";
    public const string Active = "ACTIVE";
    public const string Deleting = "DELETING";
    public const string CreateFailed = "CREATE_FAILED";
    public const string DeleteFailed = "DELETE_FAILED";
}

internal static class AddonStatus
{
    public const string Creating = "CREATING";
    public const string Active = "ACTIVE";
    public const string CreateFailed = "CREATE_FAILED";
    public const string Updating = "UPDATING";
    public const string Deleting = "DELETING";
    public const string DeleteFailed = "DELETE_FAILED";
    public const string Degraded = "DEGRADED";
    public const string UpdateFailed = "UPDATE_FAILED";
}

internal static class AuthenticationMode
{
    public const string Api = "API";
}

internal static class SupportType
{
    public const string Standard = "STANDARD";
    public const string Extended = "EXTENDED";
}

internal static class VersionStatus
{
    public const string StandardSupport = "STANDARD_SUPPORT";
    public const string ExtendedSupport = "EXTENDED_SUPPORT";
}

internal static class LogType
{
    public const string Api = "api";
    public const string Audit = "audit";
    public const string Authenticator = "authenticator";
    public const string ControllerManager = "controllerManager";
    public const string Scheduler = "scheduler";
}

internal static class AMITypes
{
    public const string Amd64 = "AL2023_x86_64_STANDARD";
    public const string Arm64 = "AL2023_ARM_64_STANDARD";
}

internal static class CapacityTypes
{
    public const string OnDemand = "ON_DEMAND";
    public const string Spot = "SPOT";
}

internal static class TaintEffect
{
    public const string NoSchedule = "NO_SCHEDULE";
    public const string NoExecute = "NO_EXECUTE";
    public const string PreferNoSchedule = "PREFER_NO_SCHEDULE";
}

internal static class ResolveConflicts
{
    public const string Overwrite = "OVERWRITE";
    public const string Preserve = "PRESERVE";
}

internal static class AccessScopeType
{
    public const string Cluster = "cluster";
    public const string Namespace = "namespace";
}

internal static class InsightStatusValue
{
    public const string Passing = "PASSING";
    public const string Warning = "WARNING";
    public const string Error = "ERROR";
}

internal static class Category
{
    public const string UpgradeReadiness = "UPGRADE_READINESS";
}
