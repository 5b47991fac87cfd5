using System.Text.Json.Nodes;
using static KubeApps.Sandbox.Api.Tables.Cells;

namespace KubeApps.Sandbox.Api.Tables;

internal static class JobCells
{
    public static string Status(JsonObject job)
    {
        bool Has(string condition) => (job["status"]?["conditions"] as JsonArray ?? [])
            .Any(each => (string?)each!["type"] == condition && (string?)each["status"] == "True");
        return Has("Complete") ? "Complete"
            : Has("Failed") ? "Failed"
            : job["metadata"]!["deletionTimestamp"] is not null ? "Terminating"
            : Has("Suspended") ? "Suspended"
            : Has("FailureTarget") ? "FailureTarget"
            : Has("SuccessCriteriaMet") ? "SuccessCriteriaMet"
            : "Running";
    }

    public static string Completions(JsonObject job)
    {
        var succeeded = Int(job, "status.succeeded");
        if (job["spec"]?["completions"] is { } completions)
            return $"{succeeded}/{Text(completions)}";
        var parallelism = Int(job, "spec.parallelism", 1);
        return parallelism > 1 ? $"{succeeded}/1 of {parallelism}" : $"{succeeded}/1";
    }

    public static string Duration(JsonObject job, DateTimeOffset now)
    {
        if (HumanDuration.Parse(job["status"]?["startTime"]) is not { } start)
            return "";
        return HumanDuration.Between(start, HumanDuration.Parse(job["status"]?["completionTime"]) ?? now);
    }
}
